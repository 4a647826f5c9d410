// What a table is made with, and what it answers.
import type { TableRecord } from "./record/record.js";

/** What became of a record. */
export type MergeOutcome =
  /** The key changed, or its lease did. */
  | "adopted"
  /** Nothing changed: what is here has all of it, or wins over it. */
  | "known"
  /** The key is leased to another; the record is the key's contender, unless a better one is. */
  | "refused"
  /** Its stamp is too far in the future. */
  | "ahead"
  /** The table has no room, or not for another contender. */
  | "full"
  /** The key would remember more fields than it may. [SYNC-102] */
  | "crowded";

export interface TableOptions {
  /** How far ahead of physical time a stamp may be, in ms. */
  readonly maxAheadMs: number;
  /** How long a deleted key is remembered, in ms. */
  readonly tombstoneMs: number;
  /** What the table may take, as an estimate. */
  readonly maxTableBytes: number;
  /** Fields that a key may remember, removed ones among them. Default: as many as there are. */
  readonly maxFields?: number;
  /** Any 32 bits that others do not know: where keys lie in memory is nobody's choice. Default 0. */
  readonly seed?: number;
  /** Contenders in all. Default 4,096. */
  readonly maxContenders?: number;
}

/** A key whose record changed by itself: a contender whose time came. */
export interface Settled {
  readonly key: string;
  readonly before: TableRecord;
  readonly after: TableRecord;
}
