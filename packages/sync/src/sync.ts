// The table: what one node writes, every node reads. Holds the parts together and decides nothing by itself.
import {
  checkOptions,
  Emitter,
  type EventListener,
  type ListenOptions,
  type OwnedRecord,
  ownedKey,
  takeOptions,
  Waiters,
} from "@p2p/base";
import { Mesh, type MeshOptions, meshOptionNames } from "@p2p/mesh";
import type { NodeId, WireValue } from "@p2p/wire";
import type { Change } from "./change.js";
import type { Entry } from "./entry.js";
import { notOpen, SyncError } from "./errors.js";
import { endlessLease, type Lease, leaseOf } from "./lease/lease.js";
import { type SyncOptions, syncOptionNames } from "./options.js";
import { provenOf } from "./owned/ownership.js";
import { Participant } from "./participant.js";
import { tableDigest } from "./reconcile/digest.js";
import { frozen } from "./record/frozen.js";
import { type TableRecord, versionOf } from "./record/record.js";
import { Replica } from "./replica.js";
import type { SyncCounters } from "./sync-counters.js";
import { type SyncEvents, syncEventNames } from "./sync-events.js";
import { Watchers, type WatchTarget } from "./watch.js";
import type { DeleteOptions, DeltaOptions, WaitOptions, WriteOptions } from "./write/options.js";
import { Writes } from "./write/writes.js";

/** A replicated table. Has a mesh, and gives it a dictionary. Chapter sync.md. */
export class Sync implements Iterable<readonly [string, WireValue]> {
  /** The mesh underneath: broadcasts, messages and requests of the application. */
  readonly mesh: Mesh;
  readonly #events: Emitter<SyncEvents> = new Emitter<SyncEvents>("of a table", syncEventNames);
  readonly #watchers = new Watchers();
  readonly #replica: Replica;
  readonly #participant: Participant;
  readonly #writes: Writes;
  readonly #readying = new Waiters();
  #isReady: boolean;
  #state: "new" | "open" | "closed" = "new";
  #opened: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  /** @throws TypeError, RangeError, BaseError `address-invalid`, SyncError `store-mismatch` for options that cannot be */
  constructor(options: SyncOptions) {
    checkOptions("of a table", syncOptionNames, options);
    const id = options.store?.id ?? options.id;
    if (options.id !== undefined && options.id !== id) throw new TypeError("the option `id` is not that of the store");
    const ofMesh = takeOptions<MeshOptions>(meshOptionNames, options);
    this.mesh = new Mesh(id === undefined ? ofMesh : { ...ofMesh, id });
    this.#isReady = (options.bootstrap ?? []).length === 0;
    this.#replica = new Replica(this.mesh, options, this.#events, this.#watchers, {
      missing: (via) => this.#participant.missing(via),
      ahead: (via, origin, stampUs) => this.#participant.ahead(via, origin, stampUs),
      isStubborn: (via, key) => this.#participant.isStubborn(via, key),
      contended: (key, contender) => this.#participant.contended(key, contender),
    });
    this.#writes = new Writes(this.#replica, () => this.#state === "open");
    this.#participant = new Participant(this.mesh, this.#replica, {
      compared: () => {
        this.#isReady = true;
        this.#readying.resolveAll();
      },
      error: (error) => this.#events.emit("error", error),
    });
    this.mesh.node.attach(this.#participant);
    this.mesh.on("error", (error) => this.#events.emit("error", error));
  }

  /** This node's id. */
  get id(): NodeId {
    return this.mesh.id;
  }

  /** Where it can be dialled. */
  get addresses(): readonly string[] {
    return this.mesh.addresses;
  }

  /** The neighbours, in the order of their coming. */
  get peers(): readonly NodeId[] {
    return this.mesh.peers;
  }

  get counters(): SyncCounters {
    return { ...this.#replica.figures, comparisons: this.#participant.comparisons };
  }

  /**
   * Loads the store, listens, and begins to join; see {@link ready}.
   * @throws SyncError `store-damaged`, `store-failed`, `table-full`, `closed` after close; BaseError `listen-*`. Then close it
   */
  async open(): Promise<void> {
    if (this.#closed !== undefined) throw notOpen();
    this.#opened ??= this.#replica.load();
    await this.#opened;
    await this.mesh.open();
    if (this.#closed !== undefined) throw notOpen();
    this.#state = "open";
    this.#participant.start();
  }

  /**
   * Resolves when the first neighbour's state is in; at once if there is no `bootstrap`.
   * @throws SyncError `closed` when closed; `signal.reason`
   */
  async ready({ signal }: WaitOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#closed !== undefined) throw notOpen();
    if (!this.#isReady) await this.#readying.wait(signal);
  }

  /** Keys with a value. */
  get size(): number {
    return this.#replica.table.size;
  }

  /** The value of a key, frozen but for byte strings in it; undefined: there is none. */
  get(key: string): WireValue | undefined {
    return frozen(this.#replica.table.get(key)?.value);
  }

  has(key: string): boolean {
    return this.#replica.table.get(key)?.value !== undefined;
  }

  /** A key's value, owner and version; undefined: it has no value. */
  entry(key: string): Entry | undefined {
    const record = this.#replica.table.get(key);
    if (record?.value === undefined) return undefined;
    return { key, value: frozen(record.value), owner: this.lease(key)?.owner, version: versionOf(record) };
  }

  /** Who has the lease on a key, or owns it for good; undefined: it is free. */
  lease(key: string): Lease | undefined {
    const owner = this.#replica.ownership.ownerOf(key);
    return owner !== undefined
      ? endlessLease(owner)
      : leaseOf(this.#replica.table.get(key), this.#replica.clock.physicalUs());
  }

  /** Keys with a value. Goes on over changes; each key that stays is met once. */
  *keys(): IterableIterator<string> {
    for (const { key, record } of this.#replica.table.entries()) if (record?.value !== undefined) yield key;
  }

  *values(): IterableIterator<WireValue> {
    for (const { record } of this.#replica.table.entries()) if (record?.value !== undefined) yield frozen(record.value);
  }

  *entries(): IterableIterator<readonly [key: string, value: WireValue]> {
    for (const { key, record } of this.#replica.table.entries()) {
      if (record?.value !== undefined) yield [key, frozen(record.value)];
    }
  }

  [Symbol.iterator](): IterableIterator<readonly [key: string, value: WireValue]> {
    return this.entries();
  }

  toObject(): Record<string, WireValue> {
    return Object.fromEntries(this.entries());
  }

  /** SHA-256 of the table in its canonical form: equal tables have equal digests. Looks at every record. */
  digest(): Uint8Array {
    return tableDigest(this.#replica.table);
  }

  /**
   * Writes a key, and takes or renews its lease. An owned key of this node is signed, and has no lease.
   * @throws SyncError `leased`, `not-owner`, `too-large`, `table-full`, `overflow`, `closed`: then nothing has changed.
   * `store-failed`; WireError for what cannot be encoded; `signal.reason`
   */
  set(key: string, value: WireValue, options?: WriteOptions): Promise<Entry> {
    return this.#writes.run(options, (writer, leaseMs) => {
      const record = writer.set(key, value, leaseMs);
      return this.#written(key, record, record.value ?? value);
    });
  }

  /** Writes many keys as one message, all or none; what comes twice is written as it comes last. @throws as {@link set} */
  update(
    entries: Readonly<Record<string, WireValue>> | Iterable<readonly [string, WireValue]>,
    options?: WriteOptions,
  ): Promise<readonly Entry[]> {
    return this.#writes.run(options, (writer, leaseMs) => {
      // What is no iterable is an object with keys.
      const isIterable = Symbol.iterator in entries;
      const pairs = isIterable ? new Map(entries as Iterable<readonly [string, WireValue]>) : Object.entries(entries);
      const written = writer.update(pairs, leaseMs);
      return written.map(([key, record]) => this.#written(key, record, record.value ?? null));
    });
  }

  /** Sets and removes single fields of a map, which is made if the key has no value. @throws as {@link set}, and `not-a-map` */
  applyDelta(key: string, fields: Readonly<Record<string, WireValue>>, options?: DeltaOptions): Promise<Entry> {
    return this.#writes.run(options, (writer, leaseMs) => {
      const record = writer.applyDelta(key, fields, options?.remove ?? [], leaseMs);
      return this.#written(key, record, this.get(key) ?? {});
    });
  }

  /** Deletes a key. @returns whether it had a value. @throws as {@link set} */
  delete(key: string, options?: DeleteOptions): Promise<boolean> {
    return this.#writes.run(options, (writer) => writer.delete(key, options?.keepLease ?? false) !== undefined);
  }

  /** Deletes a key. @returns its value. @throws as {@link set} */
  pop(key: string, options?: DeleteOptions): Promise<WireValue | undefined> {
    return this.#writes.run(options, (writer) => writer.delete(key, options?.keepLease ?? false));
  }

  /** Deletes all keys but those that others have leased, or own. @returns how many. @throws as {@link set} */
  clear(options?: WaitOptions): Promise<number> {
    return this.#writes.run(options, (writer) => {
      const own = [...this.keys()].filter((key) => writer.mayWrite(key));
      return own.filter((key) => writer.delete(key, false) !== undefined).length;
    });
  }

  /** Takes or renews the lease on a key, and leaves its value. @throws as {@link set}; TypeError without leases */
  acquire(key: string, options?: WriteOptions): Promise<Lease> {
    return this.#writes.run(options, (writer, leaseMs) => {
      writer.acquire(key, leaseMs);
      // It was just taken.
      return this.lease(key) as Lease;
    });
  }

  /**
   * Gives up the lease on a key, and leaves its value.
   * @returns whether this node had it. @throws as {@link acquire}; TypeError for an owned key
   */
  release(key: string, options?: WaitOptions): Promise<boolean> {
    return this.#writes.run(options, (writer) => writer.release(key));
  }

  /**
   * A key that this node alone can write, for good. Section 11 of sync.md.
   * @param name at least one character @param owner whose key. Default: this node
   * @throws SyncError `no-identity` where the network proves no ids; RangeError
   */
  owned(name: string, owner: NodeId = this.id): string {
    if (!this.#replica.ownership.isKnown) {
      throw new SyncError("no-identity", "without an option `security` that proves ids, no key can be owned");
    }
    return ownedKey(owner, name);
  }

  /**
   * The record of an owned key, which anybody can check, in the network or not; without value if the key was removed.
   * @returns undefined for a key without a record, and for one that is not owned
   */
  proof(key: string): OwnedRecord | undefined {
    return provenOf(key, this.#replica.table.get(key));
  }

  /**
   * Changes from now on. A reader that is behind gets those of a key as one.
   * @throws `signal.reason`, there and in the loop
   */
  watch(target: WatchTarget, { signal }: WaitOptions = {}): AsyncIterableIterator<Change, undefined> {
    return this.#watchers.open(target, signal);
  }

  /** Adds a listener. @returns what removes it */
  on<Name extends keyof SyncEvents>(
    event: Name,
    listener: EventListener<SyncEvents[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#events.on(event, listener, options);
  }

  /** Adds a listener for the next time only. @returns what removes it */
  once<Name extends keyof SyncEvents>(
    event: Name,
    listener: EventListener<SyncEvents[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#events.once(event, listener, options);
  }

  off<Name extends keyof SyncEvents>(event: Name, listener?: EventListener<SyncEvents[Name]>): void {
    this.#events.off(event, listener);
  }

  /** Sends and stores what waits, leaves the network and frees everything. Harmless when repeated. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const wasOpen = this.#state === "open";
    this.#state = "closed";
    try {
      if (wasOpen) await this.#participant.finish();
      this.#replica.outbox.close(notOpen);
      await this.mesh.close();
    } finally {
      this.#participant.stop();
      this.#readying.rejectAll(notOpen);
      this.#watchers.close();
      await this.#replica.close();
    }
  }

  /** The entry of a write that was just made. */
  #written(key: string, record: TableRecord, value: WireValue): Entry {
    const isMine = record.proof !== undefined || (record.terms !== undefined && record.terms.leaseMs > 0);
    return { key, value: frozen(value), owner: isMine ? this.id : undefined, version: versionOf(record) };
  }
}
