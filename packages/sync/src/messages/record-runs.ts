// The records of a turn: most are whole values under a claim of their own, and are told as runs, so that neither side makes
// lists for each. [SYNC-089]
import type { NodeId, WireValue } from "@p2p/wire";
import { freshTerms } from "../lease/lease.js";
import { checkOwned } from "../owned/owned-record.js";
import type { RecordStream } from "../reconcile/record-stream.js";
import type { TableRecord } from "../record/record.js";
import { runSizeOf, wireSizeOf } from "../record/size.js";
import { decodeFullRecord, encodeFullRecord, type FullRecord, type OriginList, readOrigin } from "./full-record.js";
import { PlainRun } from "./plain-run.js";
import { type Items, readItems, readLeaseMs, readTime } from "./read.js";
import { isPlain, RunWriter } from "./run-writer.js";

/** Records to be told, as runs where they can be. */
export class RecordWriter {
  readonly #list: (FullRecord | RunWriter)[] = [];
  /** Of each origin the last one. */
  readonly #runs = new Map<NodeId, RunWriter>();
  /** The one that took the last record. */
  #run: RunWriter | undefined;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @returns how many bytes it takes on the wire, more or less */
  add(key: string, record: TableRecord): number {
    this.#count++;
    const { value } = record;
    if (value === undefined || !isPlain(record)) {
      this.#list.push([key, record]);
      return wireSizeOf(key, record);
    }
    if (this.#run?.takes(record) !== true) this.#run = this.#runOf(record);
    this.#run.add(key, record.timeUs, value);
    return runSizeOf(key, value);
  }

  /** Adds what comes next, as long as it belongs to the run of the record before. @returns as {@link add} */
  takeRun(stream: RecordStream, maxBytes: number): number {
    const run = this.#run;
    if (run === undefined) return 0;
    const before = run.keys.length;
    const bytes = run.takeFrom(stream, maxBytes);
    this.#count += run.keys.length - before;
    return bytes;
  }

  /** The keys of all of them. */
  *keys(): Generator<string> {
    for (const one of this.#list) {
      if (one instanceof RunWriter) yield* one.keys;
      else yield one[0];
    }
  }

  encode(origins: OriginList): WireValue[] {
    return this.#list.map((one) => {
      return one instanceof RunWriter ? one.encode(origins) : encodeFullRecord(...one, origins);
    });
  }

  /** The run for a plain record. */
  #runOf(record: TableRecord): RunWriter {
    let run = this.#runs.get(record.origin);
    if (run?.takes(record) !== true) {
      run = new RunWriter(record);
      this.#runs.set(record.origin, run);
      this.#list.push(run);
    }
    return run;
  }
}

/** @throws SyncError `bad-message` */
export function decodeRecords(list: Items, origins: readonly NodeId[], hasLeases: boolean): (FullRecord | PlainRun)[] {
  const records = list.map((each) => {
    const items = readItems(each, "a record");
    if (items[0] !== null) return decodeFullRecord(items, origins, hasLeases);
    const origin = readOrigin(items[1], origins);
    const terms = hasLeases ? freshTerms(0, readLeaseMs(items[2])) : undefined;
    return new PlainRun(origin, terms, readTime(items[3], "the time of a run"), items);
  });
  checkOwned(records.filter((one): one is FullRecord => !(one instanceof PlainRun)));
  return records;
}
