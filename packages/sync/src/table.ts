// The table in memory: what comes is admitted, merged, or kept as a contender; what is old is forgotten.
// [SYNC-014] [SYNC-045 to SYNC-049] [SYNC-065 to SYNC-068]
import type { NodeId } from "@p2p/wire";
import { admit, compareByClaim, expiresUsOf } from "./lease/lease.js";
import type { FullRecord } from "./messages/full-record.js";
import type { PlainRun } from "./messages/plain-run.js";
import { PackedRecords } from "./packed-records.js";
import { Fingerprints } from "./reconcile/fingerprints.js";
import type { Entry } from "./reconcile/trie-parts.js";
import { join } from "./record/join.js";
import { isTombstone, latestUsOf, type TableRecord } from "./record/record.js";
import { memorySizeOf } from "./record/size.js";
import type { SeenVector } from "./seen-vector.js";

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
  | "full";

export interface TableOptions {
  /** How far ahead of physical time a stamp may be, in ms. */
  readonly maxAheadMs: number;
  /** How long a deleted key is remembered, in ms. */
  readonly tombstoneMs: number;
  /** What the table may take, as an estimate. */
  readonly maxTableBytes: number;
  /** Contenders in all. Default 4,096. */
  readonly maxContenders?: number;
}

/** A key whose record changed by itself: a contender whose time came. */
export interface Settled {
  readonly key: string;
  readonly before: TableRecord;
  readonly after: TableRecord;
}

/** A table of more keys than this takes records one by one. */
const maxPackedBeside = 4_096;

export class Table {
  readonly #fingerprints: Fingerprints = new Fingerprints();
  readonly #entries = new Map<string, Entry>();
  /** Keys without a value. */
  readonly #tombstones = new Set<string>();
  readonly #contenders = new Map<string, TableRecord>();
  readonly #maxAheadUs: number;
  readonly #tombstoneUs: number;
  readonly #maxTableBytes: number;
  readonly #maxContenders: number;
  /** Records that came in runs, and that were not looked at since. */
  #packed: PackedRecords | undefined;
  #bytes = 0;
  #replaced: TableRecord | undefined;

  constructor(options: TableOptions) {
    this.#maxAheadUs = options.maxAheadMs * 1_000;
    this.#tombstoneUs = options.tombstoneMs * 1_000;
    this.#maxTableBytes = options.maxTableBytes;
    this.#maxContenders = options.maxContenders ?? 4_096;
  }

  /** Keys with a value. */
  get size(): number {
    return this.recordCount - this.#tombstones.size;
  }

  /** Records, tombstones among them. */
  get recordCount(): number {
    return this.#entries.size + (this.#packed?.count ?? 0);
  }

  get contenderCount(): number {
    return this.#contenders.size;
  }

  /** Estimated bytes of memory. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): TableRecord | undefined {
    return this.#entries.get(key)?.record ?? this.#packed?.get(key);
  }

  contender(key: string): TableRecord | undefined {
    return this.#contenders.get(key);
  }

  /** All keys with their records, tombstones among them; goes on over changes, each key that stays is met once. */
  entries(): MapIterator<Entry> {
    this.#unpack(Number.POSITIVE_INFINITY);
    return this.#entries.values();
  }

  get fingerprints(): Fingerprints {
    this.#unpack(Number.POSITIVE_INFINITY);
    return this.#fingerprints;
  }

  /** Whether all fingerprints are there. */
  get isPrepared(): boolean {
    return this.#packed === undefined && this.#fingerprints.isReady;
  }

  /** The fingerprint of the table, if at most so many records stand in its way. */
  promptRoot(maxRecords: number): Uint8Array | undefined {
    if (this.#packed !== undefined || this.#fingerprints.freshCount > maxRecords) return undefined;
    return this.#fingerprints.advance(maxRecords) ? this.#fingerprints.root() : undefined;
  }

  /** Works on fingerprints for about so many records; call it until it says true. @returns whether all are there */
  prepare(maxRecords: number): boolean {
    return this.#unpack(maxRecords) && this.#fingerprints.advance(maxRecords);
  }

  /** Estimated bytes that are left. */
  get roomBytes(): number {
    return Math.max(0, this.#maxTableBytes - this.#bytes);
  }

  /** Whether a stamp is too far in the future to be taken. [SYNC-014] */
  isAhead(timeUs: number, nowUs: number): boolean {
    return timeUs > nowUs + this.#maxAheadUs;
  }

  /** What the record that was adopted last has replaced; undefined: its key was new. Saves looking it up before each merge. */
  get replaced(): TableRecord | undefined {
    return this.#replaced;
  }

  /** Merges a record that was written here or came from a peer. @param nowUs physical time */
  merge(key: string, incoming: TableRecord, nowUs: number): MergeOutcome {
    if (this.isAhead(latestUsOf(incoming), nowUs)) return "ahead";
    const entry = this.#entry(key);
    const current = entry?.record;
    if (entry === undefined || current === undefined) return this.#insert(key, incoming);
    const admission = admit(current, incoming);
    if (admission === "stale") return "known";
    if (admission === "refuse") return this.#contend(key, incoming) ? "refused" : "full";
    const joined = join(current, incoming);
    if (joined === current) return "known";
    if (this.#bytes >= this.#maxTableBytes && memorySizeOf(key, joined) > memorySizeOf(key, current)) return "full";
    this.#replace(entry, current, joined);
    if (this.#contenders.size > 0) this.#reconsider(entry);
    this.#replaced = current;
    return "adopted";
  }

  /**
   * Takes those records of a run whose keys are new here, unless one is too far in the future, or the table would be full.
   * @returns the others, to be merged one by one
   */
  takeRun(run: PlainRun, nowUs: number): Iterable<FullRecord> {
    const isFull = this.#bytes + run.memoryBytes > this.#maxTableBytes;
    if (isFull || this.isAhead(run.latestUs, nowUs)) return run.entries();
    if (this.#packed === undefined) {
      if (this.#entries.size > maxPackedBeside) return run.entries();
      this.#packed = new PackedRecords();
      for (const key of this.#entries.keys()) this.#packed.exclude(key);
    }
    const left = this.#packed.add(run);
    this.#bytes += run.memoryBytes;
    for (const one of left) this.#bytes -= memorySizeOf(...one);
    return left;
  }

  /** Adopts the contender of a key whose lease is over; call it before a write is judged. */
  settle(key: string, nowUs: number): Settled | undefined {
    const contender = this.#contenders.get(key);
    const entry = this.#entry(key);
    const before = entry?.record;
    if (contender === undefined || entry === undefined || before === undefined) return undefined;
    if (nowUs < expiresUsOf(before)) return undefined;
    this.#contenders.delete(key);
    if (compareByClaim(contender, before) <= 0) return undefined;
    this.#replace(entry, before, contender);
    return { key, before, after: contender };
  }

  /** Adopts all contenders whose time has come. */
  settleAll(nowUs: number): Settled[] {
    const settled: Settled[] = [];
    for (const key of [...this.#contenders.keys()]) {
      const one = this.settle(key, nowUs);
      if (one !== undefined) settled.push(one);
    }
    return settled;
  }

  /** Forgets deleted keys that are old enough; returns which. [SYNC-065] */
  sweep(nowUs: number): string[] {
    const gone: string[] = [];
    for (const key of this.#tombstones) {
      const record = this.get(key);
      if (record === undefined || !this.#isOld(record, nowUs, 0) || this.#contenders.has(key)) continue;
      this.drop(key);
      gone.push(key);
    }
    return gone;
  }

  /** Forgets a key as if it had never been. */
  drop(key: string): void {
    const entry = this.#entry(key);
    if (entry?.record === undefined) return;
    this.#bytes -= memorySizeOf(key, entry.record);
    this.#entries.delete(key);
    this.#tombstones.delete(key);
    this.#contenders.delete(key);
    entry.record = undefined;
    this.#fingerprints.removed(entry);
  }

  /** Whether a record of a peer, whose key is not here, was seen here, deleted and forgotten. [SYNC-066] */
  isGone(key: string, record: TableRecord, seen: SeenVector, nowUs: number): boolean {
    // Most are young: that is cheaper to see.
    if (!this.#isOld(record, nowUs, 2 * this.#maxAheadUs) || this.get(key) !== undefined) return false;
    return originsOf(record).every(([origin, timeUs]) => timeUs <= seen.get(origin));
  }

  /** A peer says that a key is gone: forgets it if the record is old and free. [SYNC-067] */
  dropGone(key: string, nowUs: number): boolean {
    const record = this.get(key);
    if (record === undefined || !this.#isOld(record, nowUs, 4 * this.#maxAheadUs)) return false;
    this.drop(key);
    return true;
  }

  /** Whether a record is older than a tombstone gets, less a margin, and free. */
  #isOld(record: TableRecord, nowUs: number, marginUs: number): boolean {
    return nowUs - latestUsOf(record) > this.#tombstoneUs - marginUs && nowUs >= expiresUsOf(record);
  }

  /** The entry of a key, also of one that is packed. */
  #entry(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined || this.#packed === undefined) return entry;
    const record = this.#packed.take(key);
    return record === undefined ? undefined : this.#add(key, record);
  }

  #add(key: string, record: TableRecord): Entry {
    const entry: Entry = { key, record, position: 0, leaf: undefined };
    this.#entries.set(key, entry);
    this.#packed?.exclude(key);
    this.#fingerprints.added(entry);
    return entry;
  }

  /** Gives up to so many packed records an entry. @returns whether none is left */
  #unpack(maxRecords: number): boolean {
    const packed = this.#packed;
    if (packed === undefined) return true;
    for (let left = maxRecords; left > 0; left--) {
      const next = packed.takeNext();
      if (next === undefined) {
        this.#packed = undefined;
        return true;
      }
      this.#add(...next);
    }
    return false;
  }

  #insert(key: string, record: TableRecord): MergeOutcome {
    const bytes = memorySizeOf(key, record);
    if (this.#bytes + bytes > this.#maxTableBytes) return "full";
    this.#bytes += bytes;
    if (isTombstone(record)) this.#tombstones.add(key);
    this.#add(key, record);
    this.#replaced = undefined;
    return "adopted";
  }

  #replace(entry: Entry, before: TableRecord, after: TableRecord): void {
    const { key } = entry;
    entry.record = after;
    this.#bytes += memorySizeOf(key, after) - memorySizeOf(key, before);
    if (isTombstone(after)) this.#tombstones.add(key);
    else if (isTombstone(before)) this.#tombstones.delete(key);
    this.#fingerprints.changed(entry);
  }

  /** Keeps the record that wins among those that were refused for a key. */
  #contend(key: string, incoming: TableRecord): boolean {
    const known = this.#contenders.get(key);
    if (known === undefined && this.#contenders.size >= this.#maxContenders) return false;
    this.#contenders.set(key, known === undefined ? incoming : join(known, incoming));
    return true;
  }

  /** The record of a key changed: its contender may be let in now, or have lost. */
  #reconsider(entry: Entry): void {
    const contender = this.#contenders.get(entry.key);
    const current = entry.record;
    if (contender === undefined || current === undefined) return;
    const admission = admit(current, contender);
    if (admission === "refuse") return;
    this.#contenders.delete(entry.key);
    if (admission !== "stale") this.#replace(entry, current, join(current, contender));
  }
}

/** All origins of a record, with the latest that each wrote in it. */
function originsOf(record: TableRecord): readonly (readonly [NodeId, number])[] {
  const origins: (readonly [NodeId, number])[] = [];
  if (record.terms !== undefined) return [[record.origin, latestUsOf(record)]];
  if (record.timeUs > 0) origins.push([record.origin, record.timeUs]);
  for (const field of record.fields?.byName.values() ?? []) origins.push([field.origin, field.timeUs]);
  return origins;
}
