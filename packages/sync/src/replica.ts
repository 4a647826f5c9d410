// A node's part in the table: the core bound to the clock of the node, to its mesh and to its store.
import type { Emitter } from "@p2p/base";
import type { Mesh } from "@p2p/mesh";
import { flags, type NodeId, networkId, type WireValue } from "@p2p/wire";
import { HybridClock } from "./clock.js";
import { SyncError } from "./errors.js";
import { encodeUpdate, type Update } from "./messages/update.js";
import { resolveLeases, resolveSyncLimits, type SyncLimits, type SyncOptions } from "./options.js";
import { Outbox, type OutgoingUpdate } from "./outbox.js";
import { Receiver, type TrafficCounters } from "./receiver.js";
import { latestUsOf, type TableRecord } from "./record/record.js";
import { Reporter } from "./reporter.js";
import { type SeenEntry, SeenVector } from "./seen-vector.js";
import { encodeRecordEntry, RecordEntryDecoder } from "./store/record-entry.js";
import type { Store } from "./store/store.js";
import type { SyncEvents } from "./sync-events.js";
import { Table } from "./table.js";
import type { Watchers } from "./watch.js";
import { Writer } from "./writer.js";

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

/** How far ahead of use stamps are reserved in the store, in µs. */
const reserveUs = 1_000_000;

/** For how long an origin without records is remembered after its last write: 90 days. */
const forgetOriginUs = 7_776_000_000_000;

/** What is left of a frame for the body around the entries of an update, in bytes. */
const frameSpareBytes = 1_024;

export class Replica {
  readonly table: Table;
  readonly seen: SeenVector = new SeenVector();
  readonly clock: HybridClock;
  readonly writer: Writer;
  readonly receiver: Receiver;
  readonly reporter: Reporter;
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
  readonly #self: NodeId;
  readonly #store: Store | undefined;
  readonly #events: Emitter<SyncEvents>;
  readonly #broadcast: (update: Update) => boolean;
  /** The stamp of the last own update; 0: there was none. */
  #lastSentUs = 0;
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
    const { clock, limits: nodeLimits } = node.seams;
    this.#self = node.id;
    this.#store = options.store;
    this.#events = events;
    this.limits = resolveSyncLimits(options.syncLimits);
    this.leaseMs = resolveLeases(options.leases, this.limits);
    const hasLeases = this.leaseMs !== undefined;
    const { maxAheadMs, tombstoneMs, maxTableBytes } = this.limits;
    const lastUs = this.#store?.reservedUs ?? 0;
    this.clock = new HybridClock({ nowMs: () => clock.now(), maxAheadMs, lastUs });
    this.table = new Table({ maxAheadMs, tombstoneMs, maxTableBytes });
    this.reporter = new Reporter({ self: this.#self, events, watchers });
    this.outbox = new Outbox<TableRecord>({
      send: (update) => this.#send(update),
      drained: () => mesh.drained(),
      later: (run) => clock.queue(run),
      nextUs: () => this.clock.next(),
      isReserved: (timeUs) => this.#isReserved(timeUs),
      account: node.budget.account(),
      maxPendingBytes: this.limits.maxPendingBytes,
    });
    this.writer = new Writer({
      self: this.#self,
      clock: this.clock,
      table: this.table,
      outbox: this.outbox,
      reporter: this.reporter,
      limits: this.limits,
      leaseMs: this.leaseMs,
      maxUpdateBytes: nodeLimits.maxFrameBytes - frameSpareBytes,
      wrote: (key) => this.#store?.touch(key),
    });
    this.receiver = new Receiver({
      hasLeases,
      clock: this.clock,
      table: this.table,
      seen: this.seen,
      reporter: this.reporter,
      counters: this.counters,
      changed: this.#store === undefined ? undefined : (key) => this.#store?.touch(key),
      sighted: (origin) => this.#store?.touchOrigin(origin),
      missing: (via) => listener.missing(via),
      ahead: (via, origin, stampUs) => listener.ahead(via, origin, stampUs),
      isStubborn: (via, key) => listener.isStubborn(via, key),
      contended: (key, contender) => listener.contended(key, contender),
      failed: (error) => events.emit("error", error),
    });
    const network = networkId(options.network, options.security?.name);
    this.#store?.bind(
      { id: this.#self, network, hasLeases },
      {
        record: (key) => {
          const record = this.table.get(key);
          return record === undefined ? undefined : encodeRecordEntry(key, record);
        },
        seen: (origin) => this.seen.get(origin) || undefined,
        failed: (error) => events.emit("error", error),
      },
    );
    const send = mesh.carry(flags.subtypes.store, (message) => this.receiver.take(message));
    this.#broadcast = (update) => {
      const [, ...items] = encodeUpdate(update);
      return send(...items);
    };
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
        // Whatever the wall clock shows now: it was taken once.
        const outcome = this.table.merge(key, record, Number.MAX_SAFE_INTEGER);
        if (outcome === "full") isFull = true;
        if (this.clock.isAhead(latestUsOf(record))) this.#hasStoredAhead = true;
        else this.clock.observe(latestUsOf(record));
      },
      seen: (origin, timeUs) => this.seen.merge([[origin, timeUs]]),
    });
    if (isFull) throw new SyncError("table-full", "the store holds more than maxTableBytes; raise it");
    this.#lastSentUs = this.seen.get(this.#self);
    // Its id is there before anybody hears of it.
    await store.commit();
  }

  /** The node is open: what was stored while the clock was far ahead is looked at as if it had gone back only now. */
  opened(): void {
    if (this.#hasStoredAhead) this.review();
    this.#hasStoredAhead = false;
  }

  /** What a write waits for: disk, and neighbours. @throws SyncError `store-failed`, `not-open`; `signal.reason` */
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

  /**
   * This node's time went back, as the clock or its correction did: what it wrote with stamps that are too far in the
   * future now, it writes anew; what others wrote so is forgotten, until its time comes. [SYNC-016]
   */
  review(): void {
    const ahead: [key: string, record: TableRecord][] = [];
    for (const { key, record } of this.table.entries()) {
      if (record !== undefined && this.clock.isAhead(latestUsOf(record))) ahead.push([key, record]);
    }
    for (const [origin, toUs] of this.seen.entries()) {
      if (!this.clock.isAhead(toUs)) continue;
      this.seen.forget(origin);
      this.#store?.touchOrigin(origin);
    }
    if (this.clock.isAhead(this.#lastSentUs)) this.#lastSentUs = 0;
    this.outbox.seal();
    for (const [key, record] of ahead) {
      this.table.drop(key);
      this.#store?.touch(key);
      if (record.origin === this.#self && record.value !== undefined) {
        this.#attempt(() => this.writer.set(key, record.value as WireValue, record.terms?.leaseMs || undefined));
      } else this.reporter.dropped(key, record, this.clock.physicalUs());
    }
  }

  /** Forgets origins of which no record is left, and which were not heard of for long. [SYNC-064] */
  prune(): void {
    const nowUs = this.clock.physicalUs();
    const old = this.seen.entries().filter(([, toUs]) => nowUs - toUs > forgetOriginUs);
    if (old.length === 0) return;
    const present = new Set<NodeId>();
    for (const { record } of this.table.entries()) {
      if (record === undefined) continue;
      present.add(record.origin);
      for (const { origin } of record.fields?.byName.values() ?? []) present.add(origin);
    }
    for (const [origin] of old) {
      if (present.has(origin)) continue;
      this.seen.forget(origin);
      this.#store?.touchOrigin(origin);
    }
  }

  /** A neighbour saw a key deleted, and has forgotten it. */
  gone(key: string): void {
    const before = this.table.get(key);
    const nowUs = this.clock.physicalUs();
    if (before === undefined || !this.table.dropGone(key, nowUs)) return;
    this.#store?.touch(key);
    this.reporter.dropped(key, before, nowUs);
  }

  /** Lets in the contenders whose time has come. */
  settle(): void {
    if (this.table.contenderCount === 0) return;
    const nowUs = this.clock.physicalUs();
    for (const { key, before, after } of this.table.settleAll(nowUs)) {
      this.#store?.touch(key);
      this.reporter.changed(key, before, after, false, nowUs);
    }
  }

  /** Forgets deleted keys that are old enough. */
  sweep(): void {
    for (const key of this.table.sweep(this.clock.physicalUs())) this.#store?.touch(key);
  }

  /** Writes an own key again, above a contender that came later. */
  reassert(key: string, contender: TableRecord): void {
    this.#attempt(() => this.writer.reassert(key, contender));
  }

  /** Writes what is to be written, and closes the store. */
  async close(): Promise<void> {
    await this.#store?.close(this.clock.lastUs);
  }

  /** A write that nobody asked for, so that nobody waits for its failure. */
  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#events.emit("error", error instanceof Error ? error : new Error(String(error)));
    }
  }

  #isReserved(timeUs: number): boolean {
    const store = this.#store;
    if (store === undefined) return true;
    if (timeUs + reserveUs / 2 > store.reservedUs) {
      store.reserve(timeUs + reserveUs);
      if (timeUs > store.reservedUs) {
        // A failure is told by the store itself; what is written next asks again.
        store.commit().then(
          () => this.outbox.flush(),
          () => undefined,
        );
        return false;
      }
    }
    return true;
  }

  #send({ timeUs, items }: OutgoingUpdate<TableRecord>): boolean {
    const update: Update = {
      stampUs: timeUs,
      prevUs: this.#lastSentUs < timeUs ? this.#lastSentUs : 0,
      entries: [...items],
    };
    this.#lastSentUs = timeUs;
    this.seen.note(this.#self, update.prevUs, timeUs);
    this.#store?.touchOrigin(this.#self);
    this.counters.updatesSent += 1;
    try {
      return this.#broadcast(update);
    } catch (error) {
      // What was written is in the table: neighbours get it by the next comparison.
      this.#events.emit("error", error instanceof Error ? error : new Error(String(error)));
      return true;
    }
  }
}
