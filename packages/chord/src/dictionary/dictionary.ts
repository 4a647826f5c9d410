// The dictionary of one node: what users call, on a ring. [CHORD-200] [CHORD-202] [CHORD-219] [CHORD-282]
import {
  type BudgetAccount,
  type Clock,
  checkOptions,
  HybridClock,
  type OwnedRecord,
  type Proofs,
  type Random,
  TokenBuckets,
} from "@p2p/base";
import type { NodeId, WireValue } from "@p2p/wire";
import { ChordError } from "../errors.js";
import type { Ring } from "../ring-access.js";
import type { ChordStore } from "../store/chord-store.js";
import type { StoredValue, Write } from "../store/record.js";
import { RecordStore, type StoreListener } from "../store/record-store.js";
import type { Version } from "../store/version.js";
import { Asker } from "./asker.js";
import type { Decision } from "./atomic-round.js";
import { checkedDelta, type DeltaOptions } from "./delta.js";
import { type DictionaryOptions, type DictionarySettings, resolveDictionaryOptions } from "./dictionary-options.js";
import { Holder } from "./holder.js";
import { type Held, Operations } from "./operations.js";
import { OwnedKeys } from "./owned-keys.js";
import { OwnedOperations } from "./owned-operations.js";
import { type OperationOptions, operationNames } from "./retry.js";
import { Upkeep } from "./upkeep.js";
import { decodedValue, isMap, isSameValue, type Key, keyBytes, keyOf, type ValueMap, valueBytes } from "./value.js";
import { walk } from "./walk.js";

/** Where records are kept beyond the life of a process. */
export type DictionaryStore = Pick<ChordStore, "reservedUs" | "load" | "touch" | "commit" | "reserve" | "close">;

export interface DictionaryParts {
  readonly ring: Ring;
  readonly clock: Clock;
  readonly random: Random;
  readonly options?: DictionaryOptions;
  /** Default: records are gone with the process. */
  readonly store?: DictionaryStore;
  /** Of the memory budget of the node, for records. Default: none, `maxStoredBytes` alone bounds them. */
  readonly account?: BudgetAccount;
  /**
   * Called when a key that is held here has a value that it had not, and when it has none any more or is not held here any
   * more.
   */
  readonly changed?: (kind: "add" | "delete", key: Key) => void;
  /** What keys of identities are proven by, and the 32 bytes of the network in which they are. Default: no key is owned. */
  readonly proofs?: { readonly by: Proofs; readonly networkId: Uint8Array };
  /** Called when a node brought what the owner of a key did not write: it is to be rid of. */
  readonly forged?: (by: NodeId, key: Key) => void;
}

/** How long a move of holders is tried at a time, in ms, and its steps at most. */
const settleTimeoutMs = 5_000;
const maxSteps = 6;

/** What `compareAndSet` did. */
export interface Swapped {
  /** Whether the value was the expected one, and is the new one now. */
  readonly isSwapped: boolean;
  /** What the key had, decoded; undefined: nothing. */
  readonly value: WireValue | undefined;
}

export class Dictionary {
  readonly #self: NodeId;
  readonly #settings: DictionarySettings;
  readonly #store: DictionaryStore | undefined;
  #isOpen = false;
  #isClosed = false;
  readonly #records: RecordStore;
  readonly #hybrid: HybridClock;
  readonly #asker: Asker;
  readonly #operations: Operations;
  readonly #owned: OwnedKeys;
  readonly #ownedOperations: OwnedOperations;
  readonly #upkeep: Upkeep;
  /** A change while records are loaded is no news. */
  #isLoading = false;

  constructor({ ring, clock, random, options, store, account, changed, proofs, forged }: DictionaryParts) {
    const settings = resolveDictionaryOptions(options);
    this.#self = ring.self;
    const { limits, replicas, operationTimeoutMs } = settings;
    this.#settings = settings;
    this.#store = store;
    const hybrid = new HybridClock(() => clock.now(), store?.reservedUs);
    this.#hybrid = hybrid;
    const listener: StoreListener = {
      changed: (key, kind) => {
        if (!this.#isLoading) changed?.(kind, keyOf(key));
      },
      touched: (text) => {
        if (this.#isLoading) return;
        if (this.#records.entry(text) === undefined) this.#upkeep.dropped(text);
        store?.touch(text);
      },
    };
    this.#records = new RecordStore(limits, listener, account);
    const owned = new OwnedKeys({
      self: ring.self,
      networkId: proofs?.networkId ?? new Uint8Array(0),
      proofs: proofs?.by,
      nowMs: () => clock.monotonic(),
      kept: (key) => this.#records.get(key)?.write,
      forged: (by, key) => forged?.(by, keyOf(key)),
    });
    this.#owned = owned;
    this.#asker = new Asker({ ring, limits, clock: hybrid, owned });
    const asking = { asker: this.#asker, clock, random, hybrid, replicas, timeoutMs: operationTimeoutMs };
    const reserve = (timeUs: number): Promise<void> | undefined => store?.reserve(timeUs);
    const unsettled = (key: Uint8Array): void => this.#upkeep.unsettled(key);
    this.#operations = new Operations({ ...asking, self: ring.self, unsettled, reserve });
    const read = this.#operations.read.bind(this.#operations);
    this.#ownedOperations = new OwnedOperations({ ...asking, owned, reserve, read });
    const holder: Holder = new Holder({
      ring,
      store: this.#records,
      clock,
      hybrid,
      limits,
      owned,
      rates: new TokenBuckets(limits.writesPerSecond, limits.writesBurst),
      commit: () => store?.commit(),
      wrote: (key) => this.#upkeep.wrote(key),
      isReady: () => this.#upkeep.isReady,
      sureOf: (positions) => this.#upkeep.sureOf(positions),
      standing: (entry) => this.#upkeep.standing(entry),
      givenTo: (range) => this.#upkeep.givenTo(range),
      doubted: (text) => this.#upkeep.doubted(text),
      told: (range) => this.#upkeep.told(range),
    });
    ring.answer((from, question) => holder.answer(from, question));
    this.#upkeep = new Upkeep({
      ring,
      store: this.#records,
      asker: this.#asker,
      holder,
      clock,
      random,
      hybrid,
      settings,
      read: (key) => this.#operations.get(key, { isAgain: true }),
      settle: (key, isForced, without) => this.#settle(key, isForced, without),
      alive: () => void store?.reserve(hybrid.wallUs)?.catch(() => undefined),
    });
  }

  /** Loads what an earlier run kept, and begins to look after it; before the ring is joined. @throws ChordError `store-failed` */
  async open(): Promise<void> {
    this.#isLoading = true;
    try {
      await this.#store?.load(this.#records, {
        oldestUs: this.#hybrid.wallUs - this.#settings.limits.tombstoneMs * 1_000,
        isGenuine: ({ key, write }) => write === undefined || this.#owned.isProven(key, write),
      });
    } finally {
      this.#isLoading = false;
    }
    if (this.#isClosed) return;
    this.#isOpen = true;
    this.#upkeep.start();
  }

  /** Before, nobody could be asked: that there is no majority would not be the reason. */
  #mustBeOpen(): void {
    if (this.#isOpen && !this.#isClosed) return;
    throw new ChordError("closed", "the chord is not open; call open() first, or make a new one after close()");
  }

  /** Records held here, and their rough memory in bytes. */
  get held(): { readonly records: number; readonly bytes: number } {
    return { records: this.#records.size, bytes: this.#records.byteLength };
  }

  /**
   * The newest value that a majority of the key's positions holds; undefined: none.
   *
   * @throws ChordError `no-majority`; section 5 of spec/chord-dictionary.md
   */
  async get(key: Key, options?: OperationOptions): Promise<WireValue | undefined> {
    return decodedValue((await this.#get(this.#key(key, options), options))?.value);
  }

  /** Whether the key has a value; as {@link get}. */
  async has(key: Key, options?: OperationOptions): Promise<boolean> {
    return (await this.#get(this.#key(key, options), options))?.value !== undefined;
  }

  /**
   * Sets the value: the last writer wins.
   *
   * @throws ChordError `no-majority`, `refused`, `too-large`, `not-owner`; section 5, and of owned keys section 12
   */
  async set(key: Key, value: WireValue, options?: OperationOptions): Promise<Held> {
    return this.#put(this.#key(key, options), valueBytes(value, this.#settings.limits), options);
  }

  /** Deletes the key: as {@link set}, without a value. */
  async delete(key: Key, options?: OperationOptions): Promise<Held> {
    return this.#put(this.#key(key, options), undefined, options);
  }

  /** Whether keys can belong to an identity here. */
  get hasOwnedKeys(): boolean {
    return this.#owned.isPossible;
  }

  /** What the owner of a key wrote last, for others to check; undefined: nothing, or nobody owns it. @throws as {@link get} */
  async proof(key: Key, options?: OperationOptions): Promise<OwnedRecord | undefined> {
    const bytes = this.#key(key, options);
    if (this.#owned.ownerOf(bytes) === undefined) return undefined;
    const write = await this.#get(bytes, options);
    return write && this.#owned.recordOf(bytes, write);
  }

  /**
   * Sets the value if it is the expected one; undefined stands for no value, on both sides. Atomic.
   *
   * @throws ChordError `no-majority`, `contended`, `outcome-unknown`, `too-large`; section 6
   */
  async compareAndSet(
    key: Key,
    expected: WireValue | undefined,
    value: WireValue | undefined,
    options?: OperationOptions,
  ): Promise<Swapped> {
    const stored = this.#stored(value);
    return this.#atomic<Swapped>(key, options, (found) => {
      if (!isSameValue(found, expected)) return { kind: "keep", outcome: { isSwapped: false, value: found } };
      return { kind: "write", value: stored, outcome: { isSwapped: true, value: found } };
    });
  }

  /**
   * Changes the value by a function of what it is; undefined stands for no value, on both sides. Atomic. The function may be
   * called several times: it is to do nothing but compute.
   *
   * @returns the new value
   * @throws what the function throws, and as {@link compareAndSet}
   */
  async update(
    key: Key,
    change: (value: WireValue | undefined) => WireValue | undefined,
    options?: OperationOptions,
  ): Promise<WireValue | undefined> {
    return this.#atomic(key, options, (found) => {
      const value = change(found);
      return { kind: "write", value: this.#stored(value), outcome: value };
    });
  }

  /**
   * Sets and removes fields of a map; no value counts as an empty one. Atomic.
   *
   * @returns the new map
   * @throws ChordError `not-a-map`, and as {@link compareAndSet}
   */
  async applyDelta(key: Key, set: ValueMap, given?: DeltaOptions): Promise<ValueMap> {
    const { remove, options } = checkedDelta(set, given);
    return this.#atomic(key, options, (found) => {
      if (found !== undefined && !isMap(found))
        throw new ChordError("not-a-map", "the value is no map: it has no fields");
      const fields = Object.entries({ ...found, ...set }).filter(([name]) => !remove.includes(name));
      const value: ValueMap = Object.fromEntries(fields);
      return { kind: "write", value: this.#stored(value), outcome: value };
    });
  }

  /** Deletes the key and tells what it had; of several who do so, one gets it. Atomic, as {@link compareAndSet}. */
  async pop(key: Key, options?: OperationOptions): Promise<WireValue | undefined> {
    return this.#atomic(key, options, (found) =>
      found === undefined ? { kind: "keep", outcome: undefined } : { kind: "write", value: undefined, outcome: found },
    );
  }

  /**
   * All keys of the ring, in no order that means anything; bytes that are no text come as bytes.
   *
   * @throws ChordError `no-majority`, or the signal's reason; section 8
   */
  async *keys({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Key, void, undefined> {
    this.#mustBeOpen();
    for await (const { key } of walk(this.#asker, false, signal)) yield keyOf(key);
  }

  /** As {@link keys}, with the values that one holder of each has. */
  async *entries({
    signal,
  }: {
    readonly signal?: AbortSignal;
  } = {}): AsyncGenerator<[Key, WireValue], void, undefined> {
    this.#mustBeOpen();
    for await (const { key, value } of walk(this.#asker, true, signal)) {
      const decoded = decodedValue(value);
      if (decoded !== undefined) yield [keyOf(key), decoded];
    }
  }

  /** Gives what is held here to the next members; before this node leaves the ring. @returns whether they have it */
  handOver(): Promise<boolean> {
    return this.#upkeep.handOver();
  }

  /** Ends all that runs; operations under way reject with `closed`. @throws ChordError `store-failed` */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#asker.close();
    this.#upkeep.close();
    await this.#store?.close();
    this.#records.close();
  }

  #key(key: Key, options: OperationOptions = {}): Uint8Array {
    this.#mustBeOpen();
    checkOptions("of an operation", operationNames, options);
    return keyBytes(key, this.#settings.limits);
  }

  #get(key: Uint8Array, options: OperationOptions | undefined): Promise<Write | undefined> {
    const operations = this.#owned.ownerOf(key) === this.#self ? this.#ownedOperations : this.#operations;
    return operations.get(key, options);
  }

  async #put(key: Uint8Array, value: StoredValue, options: OperationOptions | undefined): Promise<Held> {
    return this.#isOwn(key)
      ? this.#ownedOperations.put(key, value, options)
      : this.#operations.put(key, value, options);
  }

  /** Whether the key is this node's for good. @throws ChordError `not-owner` when it is another's */
  #isOwn(key: Uint8Array): boolean {
    const owner = this.#owned.ownerOf(key);
    if (owner === undefined || owner === this.#self) return owner !== undefined;
    throw new ChordError("not-owner", `the key is ${owner}'s, who alone can write it`, { peer: owner });
  }

  #stored(value: WireValue | undefined): StoredValue {
    return value === undefined ? undefined : valueBytes(value, this.#settings.limits);
  }

  async #atomic<Outcome>(
    key: Key,
    options: OperationOptions | undefined,
    decide: (found: WireValue | undefined) => Decision<Outcome>,
  ): Promise<Outcome> {
    // What the user's function throws is an outcome, too: no machine stands still for it.
    const attempt = (write: Write | undefined): Decision<() => Outcome> => {
      try {
        const decision = decide(decodedValue(write?.value));
        return { ...decision, outcome: () => decision.outcome };
      } catch (error) {
        const fail = (): never => {
          throw error;
        };
        return { kind: "keep", outcome: fail };
      }
    };
    const bytes = this.#key(key, options);
    if (this.#isOwn(bytes)) return (await this.#ownedOperations.change(bytes, attempt, options))();
    const { outcome } = await this.#operations.atomic(bytes, attempt, options);
    return outcome();
  }

  async #settle(key: Uint8Array, isForced: boolean, without?: Version["origin"]): Promise<boolean> {
    const decide = (): Decision<undefined> => ({ kind: "keep", outcome: undefined });
    const how = { isMove: true, isForced, timeoutMs: settleTimeoutMs, ...(without === undefined ? {} : { without }) };
    try {
      // A move has two steps, and perhaps ends another one first.
      for (let step = 0; step < maxSteps; step += 1) {
        const { isSettled } = await this.#operations.atomic(
          key,
          decide,
          step === 0 ? how : { ...how, isForced: false },
        );
        if (isSettled) return true;
      }
      return false;
    } catch {
      return false;
    }
  }
}
