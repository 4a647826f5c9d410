// The table: what one node writes, every node reads. Holds the parts together and decides nothing by itself.
import {
  checkOptions,
  Emitter,
  type EventListener,
  type ListenOptions,
  type OwnedRecord,
  takeOptions,
} from "@p2p/base";
import { Mesh, type MeshOptions, meshOptionNames } from "@p2p/mesh";
import type { NodeId, WireValue } from "@p2p/wire";
import type { Change } from "./change.js";
import type { Entry } from "./entry.js";
import type { Lease } from "./lease/lease.js";
import { checkStore, type SyncOptions, syncOptionNames } from "./options.js";
import { Participant } from "./participant.js";
import { Reading } from "./reading.js";
import { tableDigest } from "./reconcile/digest.js";
import { Replica } from "./replica.js";
import type { SyncCounters } from "./sync-counters.js";
import { type SyncEvents, syncEventNames } from "./sync-events.js";
import { TableLife, type TableLifeParts } from "./table-life.js";
import { Watchers, type WatchTarget } from "./watch.js";
import {
  type DeleteOptions,
  type DeltaOptions,
  type WaitOptions,
  type WriteOptions,
  waitNames,
} from "./write/options.js";
import { type Entries, type Fields, Writes } from "./write/writes.js";

/** A replicated table. Has a mesh, and gives it a dictionary. Chapter sync.md. */
export class Sync implements Iterable<readonly [string, WireValue]> {
  /** The mesh underneath: broadcasts, messages and requests of the application. */
  readonly mesh: Mesh;
  readonly #events: Emitter<SyncEvents> = new Emitter<SyncEvents>("of a table", syncEventNames);
  readonly #watchers = new Watchers();
  readonly #replica: Replica;
  readonly #participant: Participant;
  readonly #reading: Reading;
  readonly #writes: Writes;
  readonly #life: TableLife;
  readonly #parts: TableLifeParts;

  /**
   * @throws TypeError, RangeError, BaseError `address-invalid`, SyncError `store-mismatch` for options that cannot be; the store
   * is not taken then: give it to another table, or close it
   */
  constructor(options: SyncOptions) {
    checkOptions("of a table", syncOptionNames, options);
    checkStore(options.store);
    const id = options.store?.id ?? options.id;
    if (options.id !== undefined && options.id !== id) throw new TypeError("the option `id` is not that of the store");
    const ofMesh = takeOptions<MeshOptions>(meshOptionNames, options);
    this.mesh = new Mesh(id === undefined ? ofMesh : { ...ofMesh, id });
    this.#life = new TableLife((options.bootstrap ?? []).length === 0);
    this.#replica = new Replica(this.mesh, options, this.#events, this.#watchers, {
      missing: (via) => this.#participant.missing(via),
      ahead: (via, origin, stampUs) => this.#participant.ahead(via, origin, stampUs),
      isStubborn: (via, key) => this.#participant.isStubborn(via, key),
      contended: (key, contender) => this.#participant.contended(key, contender),
    });
    this.#reading = new Reading(this.#replica, this.mesh.id);
    this.#writes = new Writes({ replica: this.#replica, reading: this.#reading, isOpen: () => this.#life.isOpen });
    this.#participant = new Participant(this.mesh, this.#replica, {
      compared: () => this.#life.compared(),
      error: (error) => this.#events.emit("error", error),
    });
    const { mesh } = this;
    this.#parts = { mesh, replica: this.#replica, participant: this.#participant, watchers: this.#watchers };
    mesh.node.attach(this.#participant);
    mesh.on("error", (error) => this.#events.emit("error", error));
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
  open(): Promise<void> {
    return this.#life.open(this.#parts);
  }

  /**
   * Resolves when the first neighbour's state is in, and waits until `open` too; at once if there is no `bootstrap`.
   * @throws SyncError `closed` when closed; `signal.reason`
   */
  async ready(options: WaitOptions = {}): Promise<void> {
    checkOptions("of ready", waitNames, options);
    return this.#life.ready(options.signal);
  }

  /** Keys with a value. */
  get size(): number {
    return this.#replica.table.size;
  }

  /** The value of a key, frozen but for byte strings in it; undefined: there is none. */
  get(key: string): WireValue | undefined {
    return this.#reading.get(key);
  }

  has(key: string): boolean {
    return this.#replica.table.get(key)?.value !== undefined;
  }

  /** A key's value, owner and version; undefined: it has no value. */
  entry(key: string): Entry | undefined {
    return this.#reading.entry(key);
  }

  /** Who has the lease on a key, or owns it for good; undefined: it is free. */
  lease(key: string): Lease | undefined {
    return this.#reading.lease(key);
  }

  /** Keys with a value. Goes on over changes; each key that stays is met once. */
  keys(): IterableIterator<string> {
    return this.#reading.keys();
  }

  values(): IterableIterator<WireValue> {
    return this.#reading.values();
  }

  entries(): IterableIterator<readonly [key: string, value: WireValue]> {
    return this.#reading.entries();
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
    return this.#writes.set(key, value, options);
  }

  /** Writes many keys as one message, all or none; what comes twice is written as it comes last. @throws as {@link set} */
  update(entries: Entries, options?: WriteOptions): Promise<readonly Entry[]> {
    return this.#writes.update(entries, options);
  }

  /** Sets and removes single fields of a map, which is made if the key has no value. @throws as {@link set}, and `not-a-map` */
  applyDelta(key: string, fields: Fields, options?: DeltaOptions): Promise<Entry> {
    return this.#writes.applyDelta(key, fields, options);
  }

  /** Deletes a key. @returns whether it had a value. @throws as {@link set} */
  async delete(key: string, options?: DeleteOptions): Promise<boolean> {
    return (await this.#writes.delete(key, options)) !== undefined;
  }

  /** Deletes a key. @returns its value. @throws as {@link set} */
  pop(key: string, options?: DeleteOptions): Promise<WireValue | undefined> {
    return this.#writes.delete(key, options);
  }

  /** Deletes all keys but those that others have leased, or own. @returns how many. @throws as {@link set} */
  clear(options?: WaitOptions): Promise<number> {
    return this.#writes.clear(options);
  }

  /** Takes or renews the lease on a key, and leaves its value. @throws as {@link set}; TypeError without leases */
  acquire(key: string, options?: WriteOptions): Promise<Lease> {
    return this.#writes.acquire(key, options);
  }

  /**
   * Gives up the lease on a key, and leaves its value.
   * @returns whether this node had it. @throws as {@link acquire}; TypeError for an owned key
   */
  release(key: string, options?: WaitOptions): Promise<boolean> {
    return this.#writes.release(key, options);
  }

  /**
   * A key that this node alone can write, for good. Section 11 of sync.md.
   * @param name at least one character @param owner whose key. Default: this node
   * @throws SyncError `no-identity` where the network proves no ids; RangeError
   */
  owned(name: string, owner: NodeId = this.id): string {
    return this.#replica.ownership.keyOf(owner, name);
  }

  /**
   * The record of an owned key, which anybody can check, in the network or not; without value if the key was removed.
   * @returns undefined for a key without a record, and for one that is not owned
   */
  proof(key: string): OwnedRecord | undefined {
    return this.#reading.proof(key);
  }

  /**
   * Changes from now on. A reader that is behind gets those of a key as one.
   * @throws `signal.reason`, there and in the loop
   */
  watch(target: WatchTarget, options: WaitOptions = {}): AsyncIterableIterator<Change, undefined> {
    checkOptions("of watch", waitNames, options);
    return this.#watchers.open(target, options.signal);
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
    return this.#life.close(this.#parts);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
