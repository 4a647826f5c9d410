// Records as they came in runs, found by the bytes of their keys: what a table holds that a neighbour has just filled, until
// somebody looks at all of it. Neither a text nor an object is made for a record that nobody asks for.
import { KeyHash } from "./key-hash.js";
import type { FullRecord } from "./messages/full-record.js";
import type { PlainRun } from "./messages/plain-run.js";
import { PackedReader, type ReadRun } from "./packed-reader.js";
import type { TableRecord } from "./record/record.js";

/** Slots in which a key may lie, from its own on: whoever makes keys of one hash finds them kept elsewhere. */
const maxTries = 64;
const maxRuns = 0x7ffe;
const firstSlots = 4_096;
/** From here on slots grow more slowly: each time, all records are given new ones. */
const manySlots = 65_536;
/** In a slot: its record was taken out. */
const taken = -1;
const filterMask = 0xffff;

/** A run with the hashes of its keys. */
interface HashedRun extends ReadRun {
  readonly hashes: Int32Array;
}

export class PackedRecords {
  readonly #hash: KeyHash;
  readonly #runs: HashedRun[] = [];
  /** Open addressing: 0, {@link taken}, or 1 and the place of a record: its run, and 16 bits of its index there. */
  #slots = new Int32Array(firstSlots);
  #used = 0;
  #count = 0;
  /** By 16 bits of the hash: 1 when a key with them may be held elsewhere. Undefined: none is. */
  #elsewhere: Uint8Array | undefined;
  /** The next place to unpack. */
  #next = 0;
  /** Places of what was taken out, in the order in which it was. */
  readonly #log: number[] = [];

  /** @param seed any number that is not known to others */
  constructor(seed: number) {
    this.#hash = new KeyHash(seed);
  }

  get count(): number {
    return this.#count;
  }

  /** A key is held elsewhere: it will not be taken here. */
  exclude(key: string): void {
    this.#exclude(this.#hash.ofKey(key));
  }

  /** Takes the records of a run whose keys are new, after {@link reserve}. @returns the others */
  add(run: PlainRun): FullRecord[] {
    if (this.#runs.length >= maxRuns) return [...run.entries()];
    this.#runs.push({ run, hashes: this.#hash.ofRun(run) });
    return this.#fill(this.#runs.length - 1, this.#elsewhere);
  }

  /** Makes room for so many records more. @returns those that found no place in it: they are to be held elsewhere */
  reserve(count: number): FullRecord[] {
    let { length } = this.#slots;
    while ((this.#used + count) * 2 > length) length *= length < manySlots ? 64 : 4;
    const evicted: FullRecord[] = [];
    if (length === this.#slots.length) return evicted;
    this.#slots = new Int32Array(length);
    this.#used = 0;
    this.#count = 0;
    for (let number = 0; number < this.#runs.length; number++) {
      for (const record of this.#fill(number, undefined)) {
        this.exclude(record[0]);
        evicted.push(record);
      }
    }
    return evicted;
  }

  get(key: string): TableRecord | undefined {
    const slot = this.#find(key);
    return slot === undefined ? undefined : this.#recordIn(slot);
  }

  /** Takes a record out: it is held elsewhere from now on. */
  take(key: string): TableRecord | undefined {
    const slot = this.#find(key);
    if (slot === undefined) return undefined;
    const record = this.#recordIn(slot);
    this.#clear(slot);
    return record;
  }

  /** Takes out the next record, in the order in which they came, as {@link take}; undefined: there is none. */
  takeNext(): FullRecord | undefined {
    for (let one = this.#runs[this.#next >> 16]; one !== undefined; one = this.#runs[this.#next >> 16]) {
      const { run, hashes } = one;
      const index = this.#next & 0xffff;
      if (index >= run.count) {
        this.#next = ((this.#next >> 16) + 1) << 16;
        continue;
      }
      this.#next++;
      if (run.removed?.[index] === 1) continue;
      const record: FullRecord = [run.keyAt(index), run.recordAt(index)];
      const place = this.#next;
      const mask = this.#slots.length - 1;
      let slot = (hashes[index] as number) & mask;
      // It is there, as it is still in its run.
      while (this.#slots[slot] !== place) slot = (slot + 1) & mask;
      this.#clear(slot);
      return record;
    }
    return undefined;
  }

  /** Begins to read all records, while some may be taken out. */
  read(): PackedReader {
    return new PackedReader(this.#runs, this.#log);
  }

  /** Shows all records. */
  forEach(visit: (key: string, record: TableRecord) => void): void {
    for (const { run } of this.#runs) {
      for (let index = 0; index < run.count; index++) {
        if (run.removed?.[index] !== 1) visit(run.keyAt(index), run.recordAt(index));
      }
    }
  }

  #exclude(hash: number): void {
    this.#elsewhere ??= new Uint8Array(filterMask + 1);
    this.#elsewhere[hash & filterMask] = 1;
  }

  #recordIn(slot: number): TableRecord | undefined {
    const place = (this.#slots[slot] as number) - 1;
    return this.#runs[place >> 16]?.run.recordAt(place & 0xffff);
  }

  #clear(slot: number): void {
    const place = (this.#slots[slot] as number) - 1;
    const { run, hashes } = this.#runs[place >> 16] as HashedRun; // slots name runs that are here
    run.remove(place & 0xffff);
    this.#exclude(hashes[place & 0xffff] as number);
    this.#slots[slot] = taken;
    this.#log.push(place);
    this.#count--;
  }

  /** Puts a record into a slot; false: there is one of its key, or none near. */
  #place(run: PlainRun, index: number, hash: number, value: number): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let tries = 0; tries < maxTries; tries++) {
      const other = slots[slot] as number;
      if (other === 0) {
        slots[slot] = value;
        return true;
      }
      if (other !== taken && this.#isSame(other - 1, run, index, hash)) return false;
      slot = (slot + 1) & mask;
    }
    return false;
  }

  #isSame(place: number, run: PlainRun, index: number, hash: number): boolean {
    const other = this.#runs[place >> 16] as HashedRun; // as above
    const at = place & 0xffff;
    if (other.hashes[at] !== hash) return false;
    const start = run.starts[index] as number;
    return other.run.hasKey(at, run.keys, start, (run.starts[index + 1] as number) - start);
  }

  #find(key: string): number | undefined {
    const hash = this.#hash.ofKey(key);
    const { bytes, length } = this.#hash;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let tries = 0; tries < maxTries; tries++) {
      const value = this.#slots[slot] as number;
      if (value === 0) return undefined;
      if (value !== taken) {
        const { run, hashes } = this.#runs[(value - 1) >> 16] as HashedRun; // as above
        const index = (value - 1) & 0xffff;
        if (hashes[index] === hash && run.hasKey(index, bytes, 0, length)) return slot;
      }
      slot = (slot + 1) & mask;
    }
    return undefined;
  }

  /** Gives the records of a run their slots, but for keys that may be elsewhere. @returns those that got none */
  #fill(number: number, elsewhere: Uint8Array | undefined): FullRecord[] {
    const { run, hashes } = this.#runs[number] as HashedRun; // as above
    const slots = this.#slots;
    const mask = slots.length - 1;
    const first = (number << 16) + 1;
    const { count, removed } = run;
    const left: FullRecord[] = [];
    let filled = 0;
    for (let index = 0; index < count; index++) {
      if (removed?.[index] === 1) continue;
      // The index is within the run.
      const hash = hashes[index] as number;
      // A look less for each, far apart in memory, where nothing is elsewhere.
      if (elsewhere === undefined || elsewhere[hash & filterMask] === 0) {
        const slot = hash & mask;
        if (slots[slot] === 0) {
          slots[slot] = first + index;
          filled++;
          continue;
        }
        if (this.#place(run, index, hash, first + index)) {
          filled++;
          continue;
        }
      }
      left.push([run.keyAt(index), run.recordAt(index)]);
      run.remove(index);
      this.#log.push(first - 1 + index);
    }
    this.#count += filled;
    this.#used += filled;
    return left;
  }
}
