// A run as columns: records of one origin that were written once, each under a claim of its own. Reading one makes no text
// and no object for a record, so that a snapshot costs little until it is looked at. [SYNC-089]
import type { NodeId, WireValue } from "@p2p/wire";
import { maxKeyBytes, maxTimeUs } from "../record/limits.js";
import type { TableRecord, Terms } from "../record/record.js";
import { plainMemorySizeOf, sizeOf } from "../record/size.js";
import { bad, type Items, readBytes, readItems, readUint, readValue } from "./read.js";
import { lengthBytes } from "./run-writer.js";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const numberBytes = sizeOf(0);
const hashStart = 0x2f0b_4a27;
const hashFactor = 0x0100_0193;

/** Records of a run that came, each found by its place. */
export class PlainRun {
  readonly origin: NodeId;
  readonly terms: Terms | undefined;
  /** The keys in UTF-8, one after the other. */
  readonly keys: Uint8Array;
  readonly values: readonly WireValue[];
  /** Times of the records, in µs. */
  readonly times: Float64Array;
  /** The latest of them. */
  readonly latestUs: number;
  /** Where in `keys` the bytes of each key begin, how many they are, and their hash. */
  readonly starts: Int32Array;
  readonly lengths: Uint16Array;
  readonly hashes: Int32Array;
  /** What the records take in memory, as an estimate. */
  readonly memoryBytes: number;

  /** @throws SyncError `bad-message` */
  constructor(origin: NodeId, terms: Terms | undefined, baseUs: number, items: Items) {
    const [, , , , keys, lengths, times, list] = items;
    // What came is this message's alone.
    const values = readItems(list, "the values of a run") as WireValue[];
    const count = values.length;
    if (count === 0) throw bad("the number of records of a run", "at least one");
    this.origin = origin;
    this.terms = terms;
    this.values = values;
    // Not a view, which would keep the whole message.
    this.keys = new Uint8Array(readBytes(keys, "the keys of a run"));
    this.starts = new Int32Array(count);
    this.lengths = new Uint16Array(count);
    this.hashes = new Int32Array(count);
    this.times = new Float64Array(count);
    this.latestUs = readTimes(times, baseUs, this.times);
    const units = this.#readKeys(readBytes(lengths, "the lengths of the keys of a run"));
    this.memoryBytes = plainMemorySizeOf(count) + units + readValues(values);
  }

  get count(): number {
    return this.values.length;
  }

  keyAt(index: number): string {
    // The index is within the run, here and below.
    const start = this.starts[index] as number;
    return strictUtf8.decode(this.keys.subarray(start, start + (this.lengths[index] as number)));
  }

  recordAt(index: number): TableRecord {
    const { origin, terms } = this;
    return { timeUs: this.times[index] as number, origin, value: this.values[index], terms, fields: undefined };
  }

  /** Takes a record out: it is held elsewhere. */
  remove(index: number): void {
    this.lengths[index] = 0;
  }

  /** Whether a record is still in the run. */
  has(index: number): boolean {
    return this.lengths[index] !== 0;
  }

  /** The keys whose first byte is this one. */
  *marked(byte: number): Generator<string> {
    for (let index = 0; index < this.count; index++) {
      // A key has at least one byte.
      if (this.keys[this.starts[index] as number] === byte) yield this.keyAt(index);
    }
  }

  /** All records, one by one. */
  *entries(): Generator<readonly [key: string, record: TableRecord]> {
    for (let index = 0; index < this.count; index++) yield [this.keyAt(index), this.recordAt(index)];
  }

  /** Whether the key of a record has just these bytes, of the text that was hashed. */
  hasKey(index: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (this.lengths[index] !== length) return false;
    const { keys } = this;
    const own = this.starts[index] as number;
    for (let at = 0; at < length; at++) if (keys[own + at] !== bytes[start + at]) return false;
    return true;
  }

  /** @returns the length of all keys, in UTF-16 units */
  #readKeys(told: Uint8Array): number {
    const { keys, starts, lengths, hashes, count } = this;
    if (told.length !== count * lengthBytes) throw bad("the lengths of the keys of a run", "as many as the values");
    const end = keys.length;
    let units = 0;
    let at = 0;
    for (let index = 0; index < count; index++) {
      // Both are there: the length was checked.
      const length = ((told[2 * index] as number) << 8) | (told[2 * index + 1] as number);
      const stop = at + length;
      if (length === 0 || length > maxKeyBytes || stop > end) throw bad("a key of a run", "one within the limits");
      starts[index] = at;
      lengths[index] = length;
      let hash = hashStart;
      let bits = 0;
      for (; at < stop; at++) {
        const byte = keys[at] as number;
        bits |= byte;
        hash = Math.imul(hash ^ byte, hashFactor);
      }
      hashes[index] = mixed(hash);
      units += bits < 0x80 ? length : this.#checkedKey(index).length;
    }
    if (at !== end) throw bad("the keys of a run", "as long as is told");
    return units;
  }

  #checkedKey(index: number): string {
    try {
      return this.keyAt(index);
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw bad("a key of a run", "UTF-8");
    }
  }
}

/** The hash of bytes, as runs have it of their keys. */
export function hashOf(bytes: Uint8Array, length: number): number {
  let hash = hashStart;
  for (let at = 0; at < length; at++) hash = Math.imul(hash ^ (bytes[at] as number), hashFactor);
  return mixed(hash);
}

/** The low bits are used: they are to depend on all. */
function mixed(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d) ^ (hash >>> 12);
}

/** Times are told as pairs: how many records, and by how much theirs is above the base. @returns the latest */
function readTimes(value: WireValue | undefined, baseUs: number, times: Float64Array): number {
  const pairs = readItems(value, "the times of a run");
  const count = times.length;
  let latestUs = 0;
  let at = 0;
  for (let index = 0; index < pairs.length; index += 2) {
    const many = readUint(pairs[index], "a number of records", count - at);
    const deltaUs = pairs[index + 1];
    const timeUs = typeof deltaUs === "number" ? baseUs + deltaUs : 0;
    if (!(Number.isInteger(deltaUs) && timeUs > 0 && timeUs <= maxTimeUs))
      throw bad("a time in a run", "one of a stamp");
    times.fill(timeUs, at, at + many);
    at += many;
    if (timeUs > latestUs) latestUs = timeUs;
  }
  if (at !== count) throw bad("the times of a run", "as many as the values");
  return latestUs;
}

/** Checks values and gives them bytes of their own; returns about how long they are. */
function readValues(values: WireValue[]): number {
  let bytes = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value === "number") bytes += numberBytes;
    else {
      values[index] = readValue(value);
      bytes += sizeOf(value);
    }
  }
  return bytes;
}
