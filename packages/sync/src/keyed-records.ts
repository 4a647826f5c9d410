// Where the records of a table are: by key, or packed as they came in runs until somebody looks at them.
import type { WireValue } from "@p2p/wire";
import type { FullRecord } from "./messages/full-record.js";
import type { PlainRun } from "./messages/plain-run.js";
import { PackedRecords } from "./packed-records.js";
import { Fingerprints } from "./reconcile/fingerprints.js";
import type { Entry } from "./reconcile/trie-parts.js";
import type { TableRecord } from "./record/record.js";

/** With more keys than this, runs are not packed. */
const maxBesidePacked = 4_096;
/** Of packed records: what is given entries before a part of it is asked for. */
const blockEntries = 256;

/** A key with its record, as it is now. */
export type KeyedRecord = Pick<Entry, "key" | "record">;

export class KeyedRecords {
  readonly #entries = new Map<string, Entry>();
  readonly #fingerprints: Fingerprints = new Fingerprints();
  readonly #seed: number;
  #packed: PackedRecords | undefined;

  /** @param seed any number that is not known to others */
  constructor(seed: number) {
    this.#seed = seed;
  }

  get count(): number {
    return this.#entries.size + (this.#packed?.count ?? 0);
  }

  /** A packed value that is more than a number is made once: its key gets an entry. */
  get(key: string): TableRecord | undefined {
    const known = this.#entries.get(key)?.record;
    if (known !== undefined || this.#packed === undefined) return known;
    const record = this.#packed.get(key);
    if (record === undefined || isScalar(record.value)) return record;
    this.#packed.take(key);
    return this.#insert(key, record).record;
  }

  /** The entry of a key, also of one that was packed. */
  entry(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined || this.#packed === undefined) return entry;
    const record = this.#packed.take(key);
    return record === undefined ? undefined : this.#insert(key, record);
  }

  /** Adds a key that is new. */
  add(key: string, record: TableRecord): Entry {
    this.#packed?.exclude(key);
    return this.#insert(key, record);
  }

  /** The record of an entry is another one now. */
  changed(entry: Entry): void {
    this.#fingerprints.changed(entry);
  }

  remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    entry.record = undefined;
    this.#fingerprints.removed(entry);
  }

  /** Takes those records of a run whose keys are new. @returns the others */
  pack(run: PlainRun): Iterable<FullRecord> {
    if (this.#packed === undefined) {
      if (this.#entries.size > maxBesidePacked) return run.entries();
      this.#packed = new PackedRecords(this.#seed);
      for (const key of this.#entries.keys()) this.#packed.exclude(key);
    }
    for (const evicted of this.#packed.reserve(run.count)) this.#insert(...evicted);
    return this.#packed.add(run);
  }

  /** All keys with their records; goes on over changes, each key that stays is met once. What is packed stays so. */
  *list(): Generator<KeyedRecord, undefined> {
    const reader = this.#packed?.read();
    for (let one = reader?.next(); one !== undefined; one = reader?.next()) yield { key: one[0], record: one[1] };
    for (const entry of this.#entries.values()) if (reader?.hasMet(entry.key) !== true) yield entry;
    return undefined;
  }

  /** Shows all records, as they are now; none may be changed meanwhile. What is packed stays so. */
  forEach(visit: (key: string, record: TableRecord) => void): void {
    for (const { key, record } of this.#entries.values()) if (record !== undefined) visit(key, record);
    this.#packed?.forEach(visit);
  }

  /** All entries in lists: at once, or so many at a time as are given entries for it. */
  *blocks(): Generator<readonly Entry[], undefined> {
    if (this.#packed === undefined) {
      // The engine copies a map at once, and has to be asked for each of what is iterated.
      yield [...this.#entries.values()];
      return;
    }
    let block: Entry[] = [];
    for (const entry of this.#unpacking(this.#entries.values())) {
      if (block.push(entry) < blockEntries) continue;
      yield block;
      block = [];
    }
    yield block;
  }

  /** All fingerprints there are; see {@link prepare}. */
  get fingerprints(): Fingerprints {
    this.#unpack(Number.POSITIVE_INFINITY);
    return this.#fingerprints;
  }

  /** Whether all fingerprints are there. */
  get isPrepared(): boolean {
    return this.#packed === undefined && this.#fingerprints.isReady;
  }

  /** Works on fingerprints for about so many records; call it until it says true. @returns whether all are there */
  prepare(maxRecords: number): boolean {
    return this.#unpack(maxRecords) && this.#fingerprints.advance(maxRecords);
  }

  /** The fingerprint of the table, if at most so many records stand in its way. */
  promptRoot(maxRecords: number): Uint8Array | undefined {
    if (this.#packed !== undefined || this.#fingerprints.freshCount > maxRecords) return undefined;
    return this.#fingerprints.advance(maxRecords) ? this.#fingerprints.root() : undefined;
  }

  #insert(key: string, record: TableRecord): Entry {
    const entry: Entry = { key, record, position: 0, leaf: undefined };
    this.#entries.set(key, entry);
    this.#fingerprints.added(entry);
    return entry;
  }

  /** What is packed gets its entry, at the end of the map, just before it is met there. */
  *#unpacking(entries: IterableIterator<Entry>): Generator<Entry, undefined> {
    for (;;) {
      this.#unpack(1);
      const next = entries.next();
      if (next.done === true) return undefined;
      yield next.value;
    }
  }

  /** Gives up to so many packed records an entry. @returns whether none is left */
  #unpack(maxRecords: number): boolean {
    const packed = this.#packed;
    if (packed === undefined) return true;
    for (let left = maxRecords; left > 0; left--) {
      const next = packed.takeNext();
      if (next === undefined) {
        this.#packed = undefined;
        return true;
      }
      this.#insert(...next);
    }
    return false;
  }
}

function isScalar(value: WireValue | undefined): boolean {
  return typeof value === "number" || typeof value === "boolean" || value === null;
}
