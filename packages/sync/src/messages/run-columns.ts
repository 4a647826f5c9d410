// The columns of a run: what is told of many records one after the other, checked as a whole when it comes and read by place
// later. [SYNC-080] [SYNC-089]

import { checkValues, WireError, type WireValue } from "@p2p/wire";
import { unitsOf } from "#utf8";
import { maxKeyBytes, maxTimeUs } from "../record/limits.js";
import { sizeOf } from "../record/size.js";
import { bad, checkValue, readItems, readUint } from "./read.js";

/** Records of one run: their places are numbers of 16 bits. */
export const maxRunRecords = 65_535;
/** Of the length of a key in a run. */
export const lengthBytes = 2;
const scalarSize = sizeOf(0);

/** Where each of the keys begins in their bytes, and at the end how many bytes they are. @throws SyncError `bad-message` */
export function readStarts(keys: Uint8Array, lengths: Uint8Array): Int32Array {
  const count = lengths.length / lengthBytes;
  if (!Number.isInteger(count) || count === 0 || count > maxRunRecords) {
    throw bad("the number of keys of a run", `1 to ${maxRunRecords}`);
  }
  const starts = new Int32Array(count + 1);
  const end = keys.length;
  let at = 0;
  for (let index = 0; index < count; index++) {
    // Both are there, by the count.
    const length = ((lengths[2 * index] as number) << 8) | (lengths[2 * index + 1] as number);
    if (length === 0 || length > maxKeyBytes || at + length > end) throw bad("a key of a run", "one within the limits");
    // All of them together are UTF-8, so it is enough that none begins within a character.
    if (((keys[at] as number) & 0xc0) === 0x80) throw bad("a key of a run", "UTF-8");
    starts[index] = at;
    at += length;
  }
  if (at !== end) throw bad("the keys of a run", "as long as is told");
  starts[count] = at;
  return starts;
}

/** How long the text of all keys is, in UTF-16 units. @throws SyncError `bad-message` */
export function readUnits(keys: Uint8Array): number {
  const units = unitsOf(keys);
  if (units === undefined) throw bad("the keys of a run", "UTF-8");
  return units;
}

/** The values of a run: where each ends in their bytes, and what all take in memory, as an estimate. */
export interface ValueEnds {
  readonly ends: Int32Array;
  readonly memoryBytes: number;
}

/** Reads values through, and makes nothing of numbers. @throws SyncError `bad-message` */
export function readValueEnds(bytes: Uint8Array, count: number): ValueEnds {
  const ends = new Int32Array(count);
  let memoryBytes = count * scalarSize;
  const other = (value: WireValue): void => {
    checkValue(value);
    memoryBytes += sizeOf(value) - scalarSize;
  };
  try {
    checkValues(bytes, ends, other);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw bad("the values of a run", `as many as the keys (${cause.message})`);
  }
  return { ends, memoryBytes };
}

/** Times as they are told: each with the number of records, one after the other, that have it. */
export class RunTimes {
  /** The place after the last one that has each time. */
  readonly #ends: Int32Array;
  /** In µs. */
  readonly #times: Float64Array;
  readonly latestUs: number;
  /** The pair that was found last. */
  #last = 0;

  /** @throws SyncError `bad-message` */
  constructor(value: WireValue | undefined, baseUs: number, count: number) {
    const pairs = readItems(value, "the times of a run");
    const many = pairs.length / 2;
    if (!Number.isInteger(many) || many > count) throw bad("the times of a run", "pairs, no more than the keys");
    this.#ends = new Int32Array(many);
    this.#times = new Float64Array(many);
    let latestUs = 0;
    let at = 0;
    for (let index = 0; index < many; index++) {
      const records = readUint(pairs[2 * index], "a number of records", count - at);
      const deltaUs = pairs[2 * index + 1];
      const timeUs = typeof deltaUs === "number" ? baseUs + deltaUs : 0;
      if (records === 0 || !(Number.isInteger(deltaUs) && timeUs > 0 && timeUs <= maxTimeUs)) {
        throw bad("a time in a run", "one of a stamp, of a record or more");
      }
      at += records;
      this.#ends[index] = at;
      this.#times[index] = timeUs;
      if (timeUs > latestUs) latestUs = timeUs;
    }
    if (at !== count) throw bad("the times of a run", "as many as the keys");
    this.latestUs = latestUs;
  }

  /** The time of a record. */
  at(index: number): number {
    const ends = this.#ends;
    // Most are asked for one after the other.
    let low = this.#last;
    if (index < (ends[low] as number) && (low === 0 || index >= (ends[low - 1] as number))) {
      return this.#times[low] as number;
    }
    low = 0;
    for (let high = ends.length - 1; low < high; ) {
      const middle = (low + high) >> 1;
      // In range by the bounds of the search, and so is what was found.
      if ((ends[middle] as number) > index) high = middle;
      else low = middle + 1;
    }
    this.#last = low;
    return this.#times[low] as number;
  }
}
