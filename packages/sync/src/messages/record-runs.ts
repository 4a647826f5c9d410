// The records of a turn: most are whole values under a claim of their own, and are told as runs, so that neither side makes
// lists for each. [SYNC-089]
import type { NodeId, WireValue } from "@p2p/wire";
import { freshTerms } from "../lease/lease.js";
import { maxTimeUs } from "../record/limits.js";
import { noOrigin, type TableRecord } from "../record/record.js";
import { decodeFullRecord, encodeFullRecord, type FullRecord, type OriginList, readOrigin } from "./full-record.js";
import { bad, type Items, readItems, readKey, readLeaseMs, readTime, readValue } from "./read.js";

/** Items of a run for each record: key, time, value. */
const stride = 3;
/** Items of one run, at most: an array holds no more than 65,536. */
const maxRunItems = 65_535;

/** Records of one origin, with the same lease. */
interface Run {
  readonly origin: NodeId;
  readonly leaseMs: number | undefined;
  readonly baseUs: number;
  readonly items: WireValue[];
}

export function encodeRecords(records: readonly FullRecord[], origins: OriginList): WireValue[] {
  const list: WireValue[] = [];
  let run: Run | undefined;
  for (const [key, record] of records) {
    const { origin, timeUs, value } = record;
    if (value === undefined || !isPlain(record)) {
      list.push(encodeFullRecord(key, record, origins));
      continue;
    }
    const leaseMs = record.terms?.leaseMs;
    if (run === undefined || run.origin !== origin || run.leaseMs !== leaseMs || run.items.length >= maxRunItems) {
      run = { origin, leaseMs, baseUs: timeUs, items: [] };
      list.push([null, origins.indexOf(origin), leaseMs ?? null, timeUs, run.items]);
    }
    run.items.push(key, timeUs - run.baseUs, value);
  }
  return list;
}

/** @throws SyncError `bad-message` */
export function decodeRecords(list: Items, origins: readonly NodeId[], hasLeases: boolean): FullRecord[] {
  const records: FullRecord[] = [];
  for (const each of list) {
    const items = readItems(each, "a record");
    if (items[0] === null) decodeRun(items, origins, hasLeases, records);
    else records.push(decodeFullRecord(items, origins, hasLeases));
  }
  return records;
}

/** Whether a record is told in a run: a whole value, written once under a claim of its own. */
export function isPlain({ origin, value, terms, fields }: TableRecord): boolean {
  if (value === undefined || fields !== undefined || origin === noOrigin) return false;
  if (terms === undefined) return true;
  const { rise, claimUs, renewedUs, freedUs } = terms;
  return rise === 0 && claimUs === undefined && renewedUs === undefined && freedUs === undefined;
}

function decodeRun(items: Items, origins: readonly NodeId[], hasLeases: boolean, records: FullRecord[]): void {
  const origin = readOrigin(items[1], origins);
  const terms = hasLeases ? freshTerms(0, readLeaseMs(items[2])) : undefined;
  const baseUs = readTime(items[3], "the time of a run");
  const list = readItems(items[4], "the records of a run");
  if (list.length === 0 || list.length % stride !== 0) throw bad("the length of a run", "a multiple of 3");
  for (let at = 0; at < list.length; at += stride) {
    const key = readKey(list[at]);
    const deltaUs = list[at + 1];
    const timeUs = typeof deltaUs === "number" ? baseUs + deltaUs : 0;
    if (!(Number.isInteger(deltaUs) && timeUs > 0 && timeUs <= maxTimeUs))
      throw bad("a time in a run", "one of a stamp");
    records.push([key, { timeUs, origin, value: readValue(list[at + 2]), terms, fields: undefined }]);
  }
}
