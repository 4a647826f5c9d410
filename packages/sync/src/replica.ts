// A node's part in the table: the core bound to the clock of the node, to its mesh and to its store.
import type { Emitter } from "@p2p/base";
import type { Mesh } from "@p2p/mesh";
import { flags, type NodeId } from "@p2p/wire";
import { HybridClock } from "./clock.js";
import { SyncError } from "./errors.js";
import { encodeUpdate } from "./messages/update.js";
import { resolveLeases, resolveSyncLimits, type SyncLimits, type SyncOptions } from "./options.js";
import { Ownership } from "./owned/ownership.js";
import { Receiver, type TrafficCounters } from "./receiver.js";
import { latestUsOf, type TableRecord } from "./record/record.js";
import { Reporter } from "./reporter.js";
import { type SeenEntry, SeenVector } from "./seen-vector.js";
import { Sending } from "./sending.js";
import { encodeRecordEntry, RecordEntryDecoder } from "./store/record-entry.js";
import type { Store } from "./store/store.js";
import type { SyncCounters } from "./sync-counters.js";
import type { SyncEvents } from "./sync-events.js";
import { Table } from "./table.js";
import { Upkeep } from "./upkeep.js";
import type { Watchers } from "./watch.js";
import { Outbox } from "./write/outbox.js";
import { Writer } from "./write/writer.js";

export interface ReplicaListener {
  /** Updates are missing, which a neighbour may have. */
  missing(via: NodeId): void;
  /** A neighbour brought an update that is stamped too far in the future. */
  ahead(via: NodeId, origin: NodeId, stampUs: number): void;
  /** A neighbour's own write was refused for a lease; whether it was told before, and long enough ago. */
  isStubborn(via: NodeId, key: string): boolean;
  /** A record was refused for the lease on its key, and is its contender. */
  contended(key: string, contender: TableRecord): void;
}

/** What is left of a frame for the body around the entries of an update, in bytes. */
const frameSpareBytes = 1_024;

export class Replica {
  readonly table: Table;
  readonly seen: SeenVector = new SeenVector();
  readonly clock: HybridClock;
  readonly writer: Writer;
  readonly receiver: Receiver;
  readonly reporter: Reporter;
  readonly ownership: Ownership;
  readonly upkeep: Upkeep;
  readonly outbox: Outbox<TableRecord>;
  readonly limits: SyncLimits;
  readonly leaseMs: number | undefined;
  readonly counters: TrafficCounters & { updatesSent: number } = {
    updatesSent: 0,
    updatesReceived: 0,
    recordsAdopted: 0,
    recordsRefused: 0,
    gaps: 0,
  };
  readonly #store: Store | undefined;
  readonly #sending: Sending;
  /** Whether the store had records that are too far ahead. */
  #hasStoredAhead = false;

  /** @throws TypeError, RangeError for options that cannot be; SyncError `store-mismatch` */
  constructor(
    mesh: Mesh,
    options: SyncOptions,
    events: Emitter<SyncEvents>,
    watchers: Watchers,
    listener: ReplicaListener,
  ) {
    const { node } = mesh;
    const { id: self } = node;
    const { clock, random, limits: nodeLimits, proofs, network } = node.seams;
    const store = options.store;
    this.#store = store;
    this.limits = resolveSyncLimits(options.syncLimits);
    this.leaseMs = resolveLeases(options.leases, this.limits);
    const hasLeases = this.leaseMs !== undefined;
    const { maxAheadMs, tombstoneMs, maxTableBytes, maxFields } = this.limits;
    const failed = (error: Error): void => void events.emit("error", error);
    this.clock = new HybridClock({ nowMs: () => clock.now(), maxAheadMs, lastUs: store?.reservedUs ?? 0 });
    const seed = new DataView(random.bytes(4).buffer).getInt32(0);
    this.table = new Table({ maxAheadMs, tombstoneMs, maxTableBytes, maxFields, seed });
    this.reporter = new Reporter({ self, events, watchers });
    this.ownership = new Ownership({ self, networkId: network, proofs });
    this.outbox = new Outbox<TableRecord>({
      send: (update) => this.#sending.send(update),
      drained: () => mesh.drained(),
      later: (run) => clock.queue(run),
      nextUs: () => this.clock.next(),
      isReserved: (timeUs) => this.#sending.isReserved(timeUs),
      account: node.budget.account(),
      maxPendingBytes: this.limits.maxPendingBytes,
    });
    const { table, seen, reporter, ownership, outbox } = this;
    this.writer = new Writer({
      self,
      clock: this.clock,
      table,
      ownership,
      outbox,
      reporter,
      limits: this.limits,
      leaseMs: this.leaseMs,
      maxUpdateBytes: nodeLimits.maxFrameBytes - frameSpareBytes,
      wrote: (key) => store?.touch(key),
    });
    this.receiver = new Receiver({
      hasLeases,
      clock: this.clock,
      table,
      seen,
      ownership,
      reporter,
      counters: this.counters,
      changed: store === undefined ? undefined : (key) => store.touch(key),
      sighted: (origin) => store?.touchOrigin(origin),
      missing: (via) => listener.missing(via),
      ahead: (via, origin, stampUs) => listener.ahead(via, origin, stampUs),
      isStubborn: (via, key) => listener.isStubborn(via, key),
      contended: (key, contender) => listener.contended(key, contender),
      failed,
    });
    store?.bind(
      { id: self, network, hasLeases },
      {
        record: (key) => {
          const record = table.get(key);
          return record === undefined ? undefined : encodeRecordEntry(key, record);
        },
        seen: (origin) => seen.get(origin) || undefined,
        failed,
      },
    );
    const send = mesh.carry(flags.subtypes.store, (message) => this.receiver.take(message));
    this.#sending = new Sending({
      self,
      clock: this.clock,
      seen,
      store,
      counters: this.counters,
      broadcast: (update) => {
        const [, ...items] = encodeUpdate(update);
        return send(...items);
      },
      reserved: () => outbox.flush(),
      failed,
    });
    this.upkeep = new Upkeep({
      self,
      clock: this.clock,
      table,
      seen,
      store,
      reporter,
      writer: this.writer,
      sending: this.#sending,
      seal: () => outbox.seal(),
      failed,
    });
  }

  /** What the table counts. */
  get figures(): Omit<SyncCounters, "comparisons"> {
    const { size, recordCount, bytes, contenderCount } = this.table;
    return { keys: size, tombstones: recordCount - size, bytes, contenders: contenderCount, ...this.counters };
  }

  /** Reads the store, and makes it this node's. @throws SyncError `store-damaged`, `store-failed`, `table-full` */
  async load(): Promise<void> {
    const store = this.#store;
    if (store === undefined) return;
    const decoder = new RecordEntryDecoder(this.leaseMs !== undefined);
    let isFull = false;
    await store.load({
      record: (key, value) => {
        const record = decoder.decode(key, value);
        if ((this.ownership.ownerOf(key) === undefined) !== (record.proof === undefined)) {
          throw new RangeError("the record is not of the form for who owns its key");
        }
        // Whatever the wall clock shows now: it was taken once. So was its proof, which is not verified again. [SYNC-117]
        const outcome = this.table.merge(key, record, Number.MAX_SAFE_INTEGER);
        if (outcome === "full" || outcome === "crowded") isFull = true;
        if (this.clock.isAhead(latestUsOf(record))) this.#hasStoredAhead = true;
        else this.clock.observe(latestUsOf(record));
      },
      seen: (origin, timeUs) => this.seen.merge([[origin, timeUs]]),
    });
    if (isFull)
      throw new SyncError("table-full", "the store holds more than maxTableBytes, or maxFields of a key; raise it");
    this.#sending.loaded();
    // Its id is there before anybody hears of it.
    await store.commit();
  }

  /** The node is open: what was stored while the clock was far ahead is looked at as if it had gone back only now. */
  opened(): void {
    if (this.#hasStoredAhead) this.upkeep.review();
    this.#hasStoredAhead = false;
  }

  /** What a write waits for: disk, and neighbours. @throws SyncError `store-failed`, `closed`; `signal.reason` */
  durable(): Promise<void> | undefined {
    return this.#store?.commit();
  }

  /** A comparison is over: what the neighbour had seen when it began, is seen here too. */
  compared(seen: readonly SeenEntry[]): void {
    // What is ahead was refused.
    const taken = seen.filter(([, toUs]) => !this.clock.isAhead(toUs));
    this.seen.merge(taken);
    for (const [origin] of taken) this.#store?.touchOrigin(origin);
  }

  /** Writes what is to be written, and closes the store. */
  async close(): Promise<void> {
    await this.#store?.close(this.clock.lastUs);
  }
}
