// The update: what one node writes, told to all, as few or many keys with one stamp. [SYNC-080 to SYNC-084]
import { flags, type NodeId, type WireValue } from "@p2p/wire";
import { freshTerms } from "../lease/lease.js";
import { checkOwned, decodeOwned, encodeOwned } from "../owned/owned-record.js";
import { maxDeltaFields, maxTimeUs, usualLeaseMs } from "../record/limits.js";
import { isMap } from "../record/map-value.js";
import { baseEpoch, claimUsOf, type TableRecord, type Terms } from "../record/record.js";
import { deltaRecord, renewalRecord, wholeRecord } from "../record/write.js";
import {
  bad,
  type Items,
  readFieldName,
  readFieldValue,
  readItems,
  readKey,
  readLeaseMs,
  readTime,
  readUint,
  readValue,
} from "./read.js";

/** What a write does to its key. */
const kinds = { set: 0, delete: 1, delta: 2, renewal: 3, owned: 4 } as const;

/** Keys in one update. */
export const maxUpdateEntries = 65_536;

/** One write of a key: the key, and the record of that write alone, as record/write.ts makes it. */
export type WriteEntry = readonly [key: string, record: TableRecord];

export interface Update {
  /** The stamp of all its writes. */
  readonly stampUs: number;
  /** The stamp of the origin's update before this one; 0: there was none. */
  readonly prevUs: number;
  readonly entries: readonly WriteEntry[];
}

export function encodeUpdate(update: Update): WireValue[] {
  const { stampUs, prevUs, entries } = update;
  return [flags.subtypes.store, stampUs, prevUs, entries.map(([key, record]) => encodeEntry(key, record, stampUs))];
}

/**
 * @param items of the body, the subtype first @param origin the sender of the body
 * @throws SyncError `bad-message`
 */
export function decodeUpdate(items: Items, origin: NodeId, hasLeases: boolean): Update {
  const stampUs = readTime(items[1], "the stamp");
  const prevUs = readUint(items[2], "the stamp before", stampUs - 1);
  const list = readItems(items[3], "the list of entries");
  if (list.length === 0 || list.length > maxUpdateEntries) throw bad("the list of entries", "of 1 to 65536");
  const stamp = { timeUs: stampUs, origin };
  const entries = list.map((entry) => decodeEntry(entry, stamp, hasLeases));
  checkDeltas(entries);
  checkOwned(entries);
  return { stampUs, prevUs, entries };
}

/** A delta costs as much as its key has fields: of one key there is one. */
function checkDeltas(entries: readonly WriteEntry[]): void {
  let keys: Set<string> | undefined;
  for (const [key, { fields }] of entries) {
    if (fields === undefined) continue;
    keys ??= new Set();
    if (keys.has(key)) throw bad("the deltas of an update", "one of each key");
    keys.add(key);
  }
}

function encodeEntry(key: string, record: TableRecord, stampUs: number): WireValue[] {
  const { fields, value, terms, timeUs, proof } = record;
  if (proof !== undefined) return [key, kinds.owned, ...encodeOwned(record, proof)];
  const items: WireValue[] = [key];
  if (fields !== undefined) {
    const set: { [name: string]: WireValue } = Object.create(null);
    const removed: string[] = [];
    for (const [name, field] of fields.byName) {
      if (field.value === undefined) removed.push(name);
      else set[name] = field.value;
    }
    items.push(kinds.delta, set, removed);
  } else if (timeUs === 0) items.push(kinds.renewal);
  else if (value === undefined) items.push(kinds.delete);
  else items.push(kinds.set, value);
  if (terms !== undefined) pushTerms(items, terms, stampUs - claimUsOf(record));
  return items;
}

/** Trailing items that say the usual are left out. */
function pushTerms(items: WireValue[], { rise, leaseMs, freedUs }: Terms, ageUs: number): void {
  if (freedUs !== undefined) items.push(rise, ageUs, leaseMs, freedUs);
  else if (leaseMs !== usualLeaseMs) items.push(rise, ageUs, leaseMs);
  else if (ageUs !== 0) items.push(rise, ageUs);
  else if (rise !== 0) items.push(rise);
}

function decodeEntry(
  value: WireValue,
  stamp: { readonly timeUs: number; readonly origin: NodeId },
  hasLeases: boolean,
): WriteEntry {
  const items = readItems(value, "an entry");
  const key = readKey(items[0]);
  switch (items[1]) {
    case kinds.set:
      return [key, wholeRecord(stamp, readValue(items[2]), readTerms(items, 3, stamp.timeUs, hasLeases))];
    case kinds.delete:
      return [key, wholeRecord(stamp, undefined, readTerms(items, 2, stamp.timeUs, hasLeases))];
    case kinds.delta:
      return [key, deltaRecord(stamp, readFields(items[2], items[3]), readTerms(items, 4, stamp.timeUs, hasLeases))];
    case kinds.renewal: {
      const terms = readTerms(items, 2, stamp.timeUs, hasLeases);
      if (terms === undefined) throw bad("the kind of an entry", "one of a table without leases");
      return [key, renewalRecord(stamp, terms)];
    }
    case kinds.owned:
      return [key, decodeOwned(key, items)];
    default:
      throw bad("the kind of an entry", "one of 0 to 4");
  }
}

function readTerms(items: Items, at: number, stampUs: number, hasLeases: boolean): Terms | undefined {
  if (!hasLeases) return undefined;
  const leaseMs = items.length > at + 2 ? readLeaseMs(items[at + 2]) : usualLeaseMs;
  const ageUs = items.length > at + 1 ? readUint(items[at + 1], "the age of a claim", stampUs - 1) : 0;
  const rise = items.length > at ? readRise(items[at], stampUs - ageUs, stampUs) : 0;
  const freedUs = items.length > at + 3 ? readFreed(items[at + 3], stampUs - ageUs) : undefined;
  if (ageUs === 0) return freshTerms(rise, leaseMs, freedUs);
  return { rise, claimUs: stampUs - ageUs, renewedUs: undefined, leaseMs, freedUs };
}

/** A release that a claim knows of came before it. */
export function readFreed(value: WireValue | undefined, claimUs: number): number {
  const freedUs = readTime(value, "the time of a release");
  if (freedUs >= claimUs) throw bad("the time of a release", "before that of the claim");
  return freedUs;
}

/** An epoch is never above the time of the write in µs, so that there is always a higher one to come. [SYNC-044] */
export function readRise(value: WireValue | undefined, claimUs: number, writeUs: number): number {
  return readUint(value, "the rise of an epoch", Math.min(maxTimeUs, writeUs) - baseEpoch(claimUs));
}

function* readFields(
  set: WireValue | undefined,
  removedNames: WireValue | undefined,
): Generator<readonly [string, WireValue | undefined]> {
  if (!isMap(set)) throw bad("the fields of a delta", "a map");
  const names = Object.keys(set);
  const gone = readItems(removedNames, "the list of removed fields");
  if (names.length + gone.length === 0) throw bad("the number of fields of a delta", "at least one");
  if (names.length + gone.length > maxDeltaFields) throw bad("the number of fields of a delta", "at most 65536");
  for (const name of names) yield [readFieldName(name), readFieldValue(name, set[name])];
  for (const name of gone) {
    const removed = readFieldName(name);
    if (Object.hasOwn(set, removed)) throw bad("a removed field", "one that is not set as well");
    yield [removed, undefined];
  }
}
