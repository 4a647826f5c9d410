// A run as columns: records of one origin that were written once, each under a claim of its own. Reading one makes no text
// and no object for a record, so that a snapshot costs little until it is looked at. [SYNC-089]
import { decodeValue, type NodeId, type WireValue } from "@p2p/wire";
import { ownBytes } from "../record/own-bytes.js";
import type { TableRecord, Terms } from "../record/record.js";
import { plainMemorySizeOf } from "../record/size.js";
import { type Items, readBytes } from "./read.js";
import { RunTimes, readStarts, readUnits, readValueEnds } from "./run-columns.js";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Records of a run that came, each found by its place. */
export class PlainRun {
  readonly origin: NodeId;
  readonly terms: Terms | undefined;
  /** The keys in UTF-8, one after the other. */
  readonly keys: Uint8Array;
  /** Where in `keys` the bytes of each begin; one more at the end. */
  readonly starts: Int32Array;
  /** The latest time of its records, in µs. */
  readonly latestUs: number;
  /** What the records take in memory, as an estimate. */
  readonly memoryBytes: number;
  readonly #times: RunTimes;
  /** The values in their encoding, one after the other, and where each ends. */
  readonly #values: Uint8Array;
  readonly #valueEnds: Int32Array;
  #removed: Uint8Array | undefined;

  /** @throws SyncError `bad-message` */
  constructor(origin: NodeId, terms: Terms | undefined, baseUs: number, items: Items) {
    const keys = readBytes(items[4], "the keys of a run");
    const values = readBytes(items[7], "the values of a run");
    this.origin = origin;
    this.terms = terms;
    this.starts = readStarts(keys, readBytes(items[5], "the lengths of the keys of a run"));
    const { count } = this;
    this.#times = new RunTimes(items[6], baseUs, count);
    this.latestUs = this.#times.latestUs;
    const { ends, memoryBytes } = readValueEnds(values, count);
    this.#valueEnds = ends;
    this.memoryBytes = plainMemorySizeOf(count) + readUnits(keys) + memoryBytes;
    // They are views of the message: kept as such where they are most of it.
    const isMost = 2 * (keys.length + values.length) >= keys.buffer.byteLength;
    this.keys = isMost ? keys : new Uint8Array(keys);
    this.#values = isMost ? values : new Uint8Array(values);
  }

  get count(): number {
    return this.starts.length - 1;
  }

  keyAt(index: number): string {
    return utf8.decode(this.keys.subarray(this.starts[index], this.starts[index + 1]));
  }

  /** Its value is made anew each time. */
  recordAt(index: number): TableRecord {
    const { origin, terms } = this;
    return { timeUs: this.#times.at(index), origin, value: this.#valueAt(index), terms, fields: undefined };
  }

  /** By place: 1 where a record was taken out; undefined: none was. */
  get removed(): Uint8Array | undefined {
    return this.#removed;
  }

  /** Takes a record out: it is held elsewhere. */
  remove(index: number): void {
    this.#removed ??= new Uint8Array(this.count);
    this.#removed[index] = 1;
  }

  /** All records, one by one. */
  *entries(): Generator<readonly [key: string, record: TableRecord]> {
    for (let index = 0; index < this.count; index++) yield [this.keyAt(index), this.recordAt(index)];
  }

  /** The keys whose first byte is this one. */
  marked(byte: number): string[] {
    const { keys, starts, count } = this;
    const marked: string[] = [];
    for (let index = 0; index < count; index++) {
      if (keys[starts[index] as number] === byte) marked.push(this.keyAt(index)); // the index is within the run
    }
    return marked;
  }

  /** Whether the key of a record has just these bytes. */
  hasKey(index: number, bytes: Uint8Array, start: number, length: number): boolean {
    const { keys, starts } = this;
    // The index is within the run.
    const own = starts[index] as number;
    if ((starts[index + 1] as number) - own !== length) return false;
    for (let at = 0; at < length; at++) if (keys[own + at] !== bytes[start + at]) return false;
    return true;
  }

  #valueAt(index: number): WireValue {
    const start = index === 0 ? 0 : this.#valueEnds[index - 1];
    return ownBytes(decodeValue(this.#values.subarray(start, this.#valueEnds[index])));
  }
}
