// Makes the runs of a turn: columns that grow by a record at a time. [SYNC-089]
import { encodeValues, type NodeId, type WireValue } from "@p2p/wire";
import type { RecordStream } from "../reconcile/record-stream.js";
import type { Entry } from "../reconcile/trie-parts.js";
import { noOrigin, type TableRecord, type Terms } from "../record/record.js";
import { runSizeOf } from "../record/size.js";
import type { OriginList } from "./full-record.js";
import { lengthBytes, maxRunRecords } from "./run-columns.js";

const utf8 = new TextEncoder();
/** What a record with a number takes beside its key. */
const numberBytes = runSizeOf("", 0);

/** Terms are shared by many records. */
let lastPlain: Terms | undefined;

/** Whether a record is told in a run: a whole value, written once under a claim of its own. */
export function isPlain({ origin, value, terms, fields, proof }: TableRecord): boolean {
  if (value === undefined || fields !== undefined || proof !== undefined || origin === noOrigin) return false;
  if (terms === undefined) return true;
  if (terms === lastPlain) return true;
  const { rise, claimUs, renewedUs, freedUs } = terms;
  if (rise !== 0 || claimUs !== undefined || renewedUs !== undefined || freedUs !== undefined) return false;
  lastPlain = terms;
  return true;
}

export class RunWriter {
  readonly keys: string[] = [];
  readonly #origin: NodeId;
  readonly #leaseMs: number | undefined;
  readonly #terms: Terms | undefined;
  readonly #baseUs: number;
  readonly #times: number[] = [];
  #values: WireValue[] = [];
  #timeUs = Number.NaN;
  /** UTF-16 units of all keys. */
  #units = 0;

  /** @param first a plain record; those that follow have its origin and the length of its lease */
  constructor({ origin, terms, timeUs }: TableRecord) {
    this.#origin = origin;
    this.#leaseMs = terms?.leaseMs;
    this.#terms = terms;
    this.#baseUs = timeUs;
  }

  /** Whether a plain record belongs to this run. */
  takes({ origin, terms }: TableRecord): boolean {
    return origin === this.#origin && terms?.leaseMs === this.#leaseMs && this.keys.length < maxRunRecords;
  }

  /** Adds a record that it {@link takes}. */
  add(key: string, timeUs: number, value: WireValue): void {
    this.keys.push(key);
    this.#units += key.length;
    this.#values.push(value);
    this.#addTime(timeUs, 1);
  }

  /** Adds plain records under the very terms of the first one, as long as they follow. @returns about how many bytes */
  takeFrom(stream: RecordStream, maxBytes: number): number {
    const { keys } = this;
    const values = this.#values;
    const origin = this.#origin;
    const terms = this.#terms;
    // One loop over a list, without a call for most: the first turns of a stream are read by code that is not hot yet.
    const { entries } = stream;
    let { at } = stream;
    let timeUs = this.#timeUs;
    let many = 0;
    let bytes = 0;
    for (; at < entries.length && bytes < maxBytes && keys.length < maxRunRecords; at++) {
      const { key, record } = entries[at] as Entry; // in range by the loop bound
      if (record === undefined) continue;
      const { value } = record;
      if (record.terms !== terms || record.origin !== origin || value === undefined) break;
      if (record.fields !== undefined || record.proof !== undefined) break;
      if (record.timeUs !== timeUs) {
        this.#addTime(timeUs, many);
        timeUs = record.timeUs;
        many = 0;
      }
      many++;
      keys.push(key);
      values.push(value);
      this.#units += key.length;
      bytes += typeof value === "number" ? key.length + numberBytes : runSizeOf(key, value);
    }
    this.#addTime(timeUs, many);
    stream.at = at;
    return bytes;
  }

  /** To be called once, at the end. */
  encode(origins: OriginList): WireValue[] {
    const { keys } = this;
    // At once: that is much cheaper than one by one.
    const bytes = utf8.encode(keys.join(""));
    const isAscii = bytes.length === this.#units;
    const lengths = new Uint8Array(keys.length * lengthBytes);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string;
      const length = isAscii ? key.length : utf8.encode(key).length;
      lengths[2 * index] = length >> 8;
      lengths[2 * index + 1] = length;
    }
    const origin = origins.indexOf(this.#origin);
    const values = encodeValues(this.#values);
    // The keys are kept for a while; these need not be.
    this.#values = [];
    return [null, origin, this.#leaseMs ?? null, this.#baseUs, bytes, lengths, this.#times, values];
  }

  /** The next so many records have this time. */
  #addTime(timeUs: number, many: number): void {
    if (many === 0) return;
    const { length } = this.#times;
    // There is a count before each time.
    if (timeUs === this.#timeUs) this.#times[length - 2] = (this.#times[length - 2] as number) + many;
    else this.#times.push(many, timeUs - this.#baseUs);
    this.#timeUs = timeUs;
  }
}
