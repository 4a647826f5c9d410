// What a replica knows about one key. Records never change: a merge makes another, or keeps one of the two.
// [SYNC-020] [SYNC-027]
import type { NodeId, WireValue } from "@p2p/wire";
import { compareStamps, type Stamp } from "./stamp.js";

/**
 * The claim under which a key was written. Kept small and shared: most keys are written once, under a fresh claim, and then
 * claim and renewal are the write itself.
 */
export interface Terms {
  /** How far the epoch is above the second of the claim, see {@link epochOf}. */
  readonly rise: number;
  /** When the owner claimed the key; undefined: by the write of the record. */
  readonly claimUs: number | undefined;
  /** The owner's last write of any kind; undefined: the write of the record. */
  readonly renewedUs: number | undefined;
  /** How long the lease lasts after the last renewal; 0: the key is released. */
  readonly leaseMs: number;
  /** The latest release of the key that the owner knew of when it claimed it; undefined: none. */
  readonly freedUs: number | undefined;
}

/** A field that was changed after the whole value was written. */
export interface Field extends Stamp {
  /** Undefined: the field was removed. */
  readonly value: WireValue | undefined;
}

export interface Fields {
  /** The whole value without the fields; undefined: there is none. */
  readonly base: WireValue | undefined;
  readonly byName: ReadonlyMap<string, Field>;
}

export interface TableRecord {
  /** When the whole value was written or deleted; 0: this record knows of single fields or of a renewal alone. */
  readonly timeUs: number;
  /** Who wrote it; with leases the owner of the claim. {@link noOrigin} without leases when `timeUs` is 0. */
  readonly origin: NodeId;
  /** What users see: the whole value with the fields put in; undefined: none, or deleted. */
  readonly value: WireValue | undefined;
  /** Undefined in a table without leases. */
  readonly terms: Terms | undefined;
  readonly fields: Fields | undefined;
  /**
   * Of an owned record, and of no other: by it the owner vouches for key, number and value. The number of the write is
   * `timeUs` then, though it need be no time. The proof belongs to no comparison of records. Of bytes as the characters
   * of a text: a byte string of its own takes 650 bytes of memory, such a text 120.
   */
  readonly proof?: string;
}

/** Stands for the origin of a whole value that is not known. The empty text is no id, and lower than any. */
export const noOrigin: NodeId = "" as NodeId;

const secondUs = 1_000_000;

/** The whole value without fields; undefined: there is none. */
export function baseOf(record: TableRecord): WireValue | undefined {
  return record.fields === undefined ? record.value : record.fields.base;
}

/** Whether nothing is to be seen of the key: it was deleted, or never had a value. */
export function isTombstone(record: TableRecord): boolean {
  return record.value === undefined;
}

/** When the key was claimed, in µs; 0 without leases. */
export function claimUsOf({ terms, timeUs }: TableRecord): number {
  return terms === undefined ? 0 : (terms.claimUs ?? timeUs);
}

/** When the owner wrote last, in µs; 0 without leases. */
export function renewedUsOf({ terms, timeUs }: TableRecord): number {
  return terms === undefined ? 0 : (terms.renewedUs ?? timeUs);
}

/** The epoch of a claim: at least the second in which it was made, and above that of the claim before. 0 without leases. */
export function epochOf(record: TableRecord): number {
  return record.terms === undefined ? 0 : baseEpoch(claimUsOf(record)) + record.terms.rise;
}

/** The epoch of the first claim of a key, or of one so much later that it is above the one before anyhow. */
export function baseEpoch(claimUs: number): number {
  return Math.floor(claimUs / secondUs);
}

/** The latest time in a record, in µs; 0 of an owned one: its number is no time. [SYNC-114] */
export function latestUsOf(record: TableRecord): number {
  if (record.proof !== undefined) return 0;
  const latestUs = Math.max(record.timeUs, renewedUsOf(record));
  if (record.fields === undefined) return latestUs;
  let fieldsUs = 0;
  for (const field of record.fields.byName.values()) fieldsUs = Math.max(fieldsUs, field.timeUs);
  return Math.max(latestUs, fieldsUs);
}

/** The latest stamp in a record: the version that users see. */
export function versionOf(record: TableRecord): Stamp {
  if (record.terms !== undefined) return { timeUs: latestUsOf(record), origin: record.origin };
  let latest: Stamp = record;
  for (const field of record.fields?.byName.values() ?? []) if (compareStamps(field, latest) > 0) latest = field;
  return { timeUs: latest.timeUs, origin: latest.origin };
}

/** All origins of a record, with the latest that each wrote in it. */
export function originsOf(record: TableRecord): readonly (readonly [NodeId, number])[] {
  const origins: (readonly [NodeId, number])[] = [];
  if (record.terms !== undefined) return [[record.origin, latestUsOf(record)]];
  if (record.timeUs > 0) origins.push([record.origin, record.timeUs]);
  for (const field of record.fields?.byName.values() ?? []) origins.push([field.origin, field.timeUs]);
  return origins;
}
