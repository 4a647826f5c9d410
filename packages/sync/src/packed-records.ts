// Records as they came in runs, found by the bytes of their keys: what a table holds that a neighbour has just filled, until
// somebody looks at all of it. Neither a text nor an object is made for a record that nobody asks for.
import type { FullRecord } from "./messages/full-record.js";
import { hashOf, type PlainRun } from "./messages/plain-run.js";
import { maxKeyBytes } from "./record/limits.js";
import type { TableRecord } from "./record/record.js";

/** Slots that are tried for a new record: whoever makes keys of one hash finds them kept elsewhere. */
const maxTries = 64;
const maxRuns = 0x7ffe;
const firstSlots = 4_096;
/** In a slot: its record was taken out. */
const taken = -1;
const filterMask = 0xffff;
const utf8 = new TextEncoder();
const scratch = new Uint8Array(maxKeyBytes);

export class PackedRecords {
  readonly #runs: PlainRun[] = [];
  /** Open addressing: 0, {@link taken}, or 1 and the place of a record: its run, and 16 bits of its index there. */
  #slots = new Int32Array(firstSlots);
  #used = 0;
  #count = 0;
  /** By 16 bits of the hash: 1 when a key with them may be held elsewhere. */
  readonly #elsewhere = new Uint8Array(filterMask + 1);
  /** The next place to unpack. */
  #next = 0;

  get count(): number {
    return this.#count;
  }

  /** A key is held elsewhere: it will not be taken here. */
  exclude(key: string): void {
    const length = encodeKey(key);
    this.#elsewhere[hashOf(scratch, length) & filterMask] = 1;
  }

  /** Takes the records of a run whose keys are new. @returns the others */
  add(run: PlainRun): FullRecord[] {
    if (this.#runs.length >= maxRuns) return [...run.entries()];
    const { count, hashes } = run;
    while ((this.#used + count) * 2 > this.#slots.length) this.#grow();
    const left: FullRecord[] = [];
    const slots = this.#slots;
    const mask = slots.length - 1;
    const elsewhere = this.#elsewhere;
    const first = (this.#runs.length << 16) + 1;
    this.#runs.push(run);
    for (let index = 0; index < count; index++) {
      // The index is within the run.
      const hash = hashes[index] as number;
      if (elsewhere[hash & filterMask] === 0) {
        if (slots[hash & mask] === 0) {
          slots[hash & mask] = first + index;
          continue;
        }
        if (this.#place(run, index, hash, first + index)) continue;
      }
      left.push([run.keyAt(index), run.recordAt(index)]);
      run.remove(index);
    }
    this.#count += count - left.length;
    this.#used += count - left.length;
    return left;
  }

  get(key: string): TableRecord | undefined {
    const slot = this.#find(key);
    return slot === undefined ? undefined : this.#recordIn(slot);
  }

  /** Takes a record out. */
  take(key: string): TableRecord | undefined {
    const slot = this.#find(key);
    if (slot === undefined) return undefined;
    const record = this.#recordIn(slot);
    this.#clear(slot);
    return record;
  }

  /** Takes out the next record, in the order in which they came; undefined: there is none. */
  takeNext(): FullRecord | undefined {
    for (let run = this.#runs[this.#next >> 16]; run !== undefined; run = this.#runs[this.#next >> 16]) {
      const index = this.#next & 0xffff;
      if (index >= run.count) {
        this.#next = ((this.#next >> 16) + 1) << 16;
        continue;
      }
      this.#next++;
      if (!run.has(index)) continue;
      const record: FullRecord = [run.keyAt(index), run.recordAt(index)];
      const place = this.#next;
      let slot = (run.hashes[index] as number) & (this.#slots.length - 1);
      while (this.#slots[slot] !== place) slot = (slot + 1) & (this.#slots.length - 1);
      this.#clear(slot);
      return record;
    }
    return undefined;
  }

  #recordIn(slot: number): TableRecord | undefined {
    const place = (this.#slots[slot] as number) - 1;
    return this.#runs[place >> 16]?.recordAt(place & 0xffff);
  }

  #clear(slot: number): void {
    const place = (this.#slots[slot] as number) - 1;
    this.#runs[place >> 16]?.remove(place & 0xffff);
    this.#slots[slot] = taken;
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
    const other = this.#runs[place >> 16] as PlainRun; // slots name runs that are here
    const at = place & 0xffff;
    if (other.hashes[at] !== hash) return false;
    return other.hasKey(at, run.keys, run.starts[index] as number, run.lengths[index] as number);
  }

  #find(key: string): number | undefined {
    const length = encodeKey(key);
    const hash = hashOf(scratch, length);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const value = this.#slots[slot] as number;
      if (value === 0) return undefined;
      if (value === taken) continue;
      const run = this.#runs[(value - 1) >> 16] as PlainRun; // as above
      const index = (value - 1) & 0xffff;
      if (run.hashes[index] === hash && run.hasKey(index, scratch, 0, length)) return slot;
    }
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 4);
    const mask = slots.length - 1;
    this.#used = 0;
    // Not by an iterator, which costs an object an item until the loop is hot: here and in runs.
    for (let at = 0; at < old.length; at++) {
      const value = old[at] as number;
      if (value <= 0) continue;
      const run = this.#runs[(value - 1) >> 16] as PlainRun; // as above
      let slot = (run.hashes[(value - 1) & 0xffff] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = value;
      this.#used++;
    }
    this.#slots = slots;
  }
}

/** Writes a key to the scratch; returns its length. One that is over the limit becomes one that nobody has. */
function encodeKey(key: string): number {
  const { length } = key;
  if (length <= scratch.length) {
    let bits = 0;
    for (let index = 0; index < length; index++) {
      const unit = key.charCodeAt(index);
      bits |= unit;
      scratch[index] = unit;
    }
    if (bits < 0x80) return length;
  }
  const { read, written } = utf8.encodeInto(key, scratch);
  return read === length ? written : 0;
}
