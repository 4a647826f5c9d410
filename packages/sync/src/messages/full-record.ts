// Records as they stand in a table, with the origins that they name, and cut where they are too long. [SYNC-085]
import { type NodeId, nodeIdFromBytes, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { decodeOwned, encodeOwned } from "../owned/owned-record.js";
import { maxTimeUs, usualLeaseMs } from "../record/limits.js";
import {
  baseOf,
  claimUsOf,
  type Field,
  noOrigin,
  renewedUsOf,
  type TableRecord,
  type Terms,
} from "../record/record.js";
import { sizeOf, wireSizeOf } from "../record/size.js";
import { compareStamps } from "../record/stamp.js";
import { recordOf } from "../record/write.js";
import {
  bad,
  type Items,
  readBytes,
  readFieldName,
  readFieldValue,
  readItems,
  readKey,
  readLeaseMs,
  readTime,
  readUint,
  readValue,
} from "./read.js";
import { readFreed, readRise } from "./update.js";

const idBytes = 48;
const kinds = { value: 0, none: 1, owned: 2 } as const;
/** Fields of one record above this size are told apart. */
const partBytes = 131_072;

/** A key with its record. */
export type FullRecord = readonly [key: string, record: TableRecord];

/** The origins that records name, each told once. */
export class OriginList {
  readonly #indexes = new Map<NodeId, number>();

  indexOf(origin: NodeId): number {
    let index = this.#indexes.get(origin);
    if (index === undefined) {
      index = this.#indexes.size;
      this.#indexes.set(origin, index);
    }
    return index;
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#indexes.size * idBytes);
    for (const [origin, index] of this.#indexes) bytes.set(nodeIdToBytes(origin), index * idBytes);
    return bytes;
  }

  /** @throws SyncError `bad-message` */
  static read(value: WireValue | undefined): NodeId[] {
    const bytes = readBytes(value, "the list of origins");
    if (bytes.length % idBytes !== 0) throw bad("the list of origins", "whole ids");
    const origins: NodeId[] = [];
    for (let at = 0; at < bytes.length; at += idBytes) origins.push(nodeIdFromBytes(bytes.subarray(at, at + idBytes)));
    return origins;
  }
}

export function encodeFullRecord(key: string, record: TableRecord, origins: OriginList): WireValue[] {
  const { timeUs, origin, terms, fields, proof } = record;
  if (proof !== undefined) return [key, kinds.owned, ...encodeOwned(record, proof)];
  const base = baseOf(record);
  const items: WireValue[] = [key, base === undefined ? kinds.none : kinds.value, 0, timeUs];
  items[2] = origin === noOrigin ? null : origins.indexOf(origin);
  if (base !== undefined) items.push(base);
  if (terms !== undefined || fields !== undefined) items.push(encodeTerms(record, terms));
  if (fields !== undefined) {
    const list: WireValue[] = [];
    for (const [name, field] of fields.byName) {
      const head = [name, field.timeUs, origins.indexOf(field.origin)];
      list.push(field.value === undefined ? head : [...head, field.value]);
    }
    items.push(list);
  }
  return items;
}

/** @throws SyncError `bad-message` */
export function decodeFullRecord(
  value: WireValue | undefined,
  origins: readonly NodeId[],
  hasLeases: boolean,
): FullRecord {
  const items = readItems(value, "a record");
  const key = readKey(items[0]);
  const kind = readUint(items[1], "the kind of a record", kinds.owned);
  if (kind === kinds.owned) return [key, decodeOwned(key, items)];
  const timeUs = readUint(items[3], "the stamp of a record", maxTimeUs);
  const hasOrigin = hasLeases || timeUs > 0;
  const origin = hasOrigin ? readOrigin(items[2], origins) : noOrigin;
  if (!hasOrigin && items[2] !== null) throw bad("the origin of a record without a stamp", "nil");
  if (kind === kinds.value && timeUs === 0) throw bad("the stamp of a value", "later than 0");
  const base = kind === kinds.value ? readValue(items[4]) : undefined;
  const rest = kind === kinds.value ? 5 : 4;
  const terms = hasLeases ? decodeTerms(items[rest], timeUs) : undefined;
  const whole = recordOf(timeUs, origin, base, terms, undefined);
  const byName = items.length > rest + 1 ? readFields(items[rest + 1], origins, whole) : undefined;
  if (byName === undefined && timeUs === 0 && terms === undefined) throw bad("a record", "of any write");
  return [key, byName === undefined ? whole : recordOf(timeUs, origin, base, terms, byName)];
}

/** A record as records that are short enough to send, and whose join it is. */
export function* partsOf(key: string, record: TableRecord): Generator<TableRecord> {
  if (record.fields === undefined || wireSizeOf(key, record) <= partBytes) {
    yield record;
    return;
  }
  const { timeUs, origin, terms } = record;
  if (timeUs > 0) yield recordOf(timeUs, origin, baseOf(record), terms, undefined);
  const bare: Terms | undefined = terms && {
    ...terms,
    claimUs: claimUsOf(record),
    renewedUs: renewedUsOf(record),
  };
  let byName = new Map<string, Field>();
  let bytes = 0;
  for (const [name, field] of record.fields.byName) {
    bytes += name.length + sizeOf(field.value);
    byName.set(name, field);
    if (bytes < partBytes) continue;
    yield recordOf(0, bare === undefined ? noOrigin : origin, undefined, bare, byName);
    byName = new Map();
    bytes = 0;
  }
  if (byName.size > 0) yield recordOf(0, bare === undefined ? noOrigin : origin, undefined, bare, byName);
}

/** Nil: a fresh claim with the usual lease, or a table without leases. */
function encodeTerms({ timeUs }: TableRecord, terms: Terms | undefined): WireValue {
  if (terms === undefined) return null;
  const { rise, leaseMs, claimUs = timeUs, renewedUs = timeUs, freedUs } = terms;
  if (freedUs !== undefined) return [rise, leaseMs, claimUs, renewedUs, freedUs];
  if (rise === 0 && leaseMs === usualLeaseMs && claimUs === timeUs && renewedUs === timeUs) return null;
  return [rise, leaseMs, claimUs, renewedUs];
}

function decodeTerms(value: WireValue | undefined, timeUs: number): Terms {
  if (value === undefined || value === null) {
    if (timeUs === 0) throw bad("the terms of a record without a stamp", "an array");
    return usualTerms;
  }
  const items = readItems(value, "the terms of a record");
  const leaseMs = readLeaseMs(items[1]);
  const renewedUs = readTime(items[3], "the renewal of a claim");
  const claimUs = readUint(items[2], "the time of a claim", timeUs === 0 ? renewedUs : timeUs);
  if (claimUs === 0 || renewedUs < timeUs) throw bad("the terms of a record", "in the order of their times");
  const rise = readRise(items[0], claimUs, renewedUs);
  return {
    rise,
    claimUs: claimUs === timeUs ? undefined : claimUs,
    renewedUs: renewedUs === timeUs ? undefined : renewedUs,
    leaseMs,
    freedUs: items.length > 4 ? readFreed(items[4], claimUs) : undefined,
  };
}

const usualTerms: Terms = {
  rise: 0,
  claimUs: undefined,
  renewedUs: undefined,
  leaseMs: usualLeaseMs,
  freedUs: undefined,
};

function readFields(value: WireValue | undefined, origins: readonly NodeId[], whole: TableRecord): Map<string, Field> {
  const list = readItems(value, "the fields of a record");
  const byName = new Map<string, Field>();
  const { terms } = whole;
  for (const each of list) {
    const items: Items = readItems(each, "a field");
    const name = readFieldName(items[0]);
    const timeUs = readTime(items[1], "the stamp of a field");
    const origin = readOrigin(items[2], origins);
    const field: Field = { timeUs, origin, value: items.length > 3 ? readFieldValue(name, items[3]) : undefined };
    if (compareStamps(field, whole) < 0) throw bad("the stamp of a field", "later than that of the whole value");
    if (terms !== undefined) {
      const isOwners = origin === whole.origin && timeUs >= claimUsOf(whole) && timeUs <= renewedUsOf(whole);
      if (!isOwners) throw bad("a field of a leased key", "one that the owner wrote under its claim");
    }
    if (byName.has(name)) throw bad("the name of a field", "one that is not there twice");
    byName.set(name, field);
  }
  if (byName.size === 0) throw bad("the number of fields", "at least one");
  return byName;
}

/** @throws SyncError `bad-message` */
export function readOrigin(value: WireValue | undefined, origins: readonly NodeId[]): NodeId {
  const origin = typeof value === "number" ? origins[value] : undefined;
  if (origin === undefined) throw bad("an origin", "one of the list");
  return origin;
}
