// The table in memory: what comes is admitted, merged, or kept as a contender; what is old is forgotten.
// [SYNC-014] [SYNC-045 to SYNC-049] [SYNC-065 to SYNC-068]
import { type KeyedRecord, KeyedRecords } from "./keyed-records.js";
import { admit, compareByClaim, expiresUsOf } from "./lease/lease.js";
import type { FullRecord } from "./messages/full-record.js";
import type { PlainRun } from "./messages/plain-run.js";
import type { Fingerprints } from "./reconcile/fingerprints.js";
import type { Entry } from "./reconcile/trie-parts.js";
import { join } from "./record/join.js";
import { isTombstone, latestUsOf, originsOf, type TableRecord } from "./record/record.js";
import { memorySizeOf } from "./record/size.js";
import type { SeenVector } from "./seen-vector.js";
import type { MergeOutcome, Settled, TableOptions } from "./table-parts.js";

export class Table {
  readonly #records: KeyedRecords;
  /** Keys without a value. */
  readonly #tombstones = new Set<string>();
  readonly #contenders = new Map<string, TableRecord>();
  readonly #maxAheadUs: number;
  readonly #tombstoneUs: number;
  readonly #maxTableBytes: number;
  readonly #maxContenders: number;
  readonly #maxFields: number;
  #bytes = 0;
  /** Of them those of owned keys, which nobody but their owners can free. */
  #ownedBytes = 0;
  #replaced: TableRecord | undefined;

  constructor(options: TableOptions) {
    this.#records = new KeyedRecords(options.seed ?? 0);
    this.#maxAheadUs = options.maxAheadMs * 1_000;
    this.#tombstoneUs = options.tombstoneMs * 1_000;
    this.#maxTableBytes = options.maxTableBytes;
    this.#maxContenders = options.maxContenders ?? 4_096;
    this.#maxFields = options.maxFields ?? Number.POSITIVE_INFINITY;
  }

  /** Keys with a value. */
  get size(): number {
    return this.recordCount - this.#tombstones.size;
  }

  /** Records, tombstones among them. */
  get recordCount(): number {
    return this.#records.count;
  }

  get contenderCount(): number {
    return this.#contenders.size;
  }

  /** Estimated bytes of memory. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): TableRecord | undefined {
    return this.#records.get(key);
  }

  contender(key: string): TableRecord | undefined {
    return this.#contenders.get(key);
  }

  /** All keys with their records, tombstones among them; goes on over changes, each key that stays is met once. */
  entries(): IterableIterator<KeyedRecord> {
    return this.#records.list();
  }

  /** See {@link KeyedRecords}, here and below. */
  forEach(visit: (key: string, record: TableRecord) => void): void {
    this.#records.forEach(visit);
  }

  blocks(): Iterable<readonly Entry[]> {
    return this.#records.blocks();
  }

  get fingerprints(): Fingerprints {
    return this.#records.fingerprints;
  }

  get isPrepared(): boolean {
    return this.#records.isPrepared;
  }

  prepare(maxRecords: number): boolean {
    return this.#records.prepare(maxRecords);
  }

  promptRoot(maxRecords: number): Uint8Array | undefined {
    return this.#records.promptRoot(maxRecords);
  }

  /** Estimated bytes that are left. */
  get roomBytes(): number {
    return Math.max(0, this.#maxTableBytes - this.#bytes);
  }

  /** The same for owned keys, which have half of the table: who fills that with keys of its own leaves the rest. [SYNC-118] */
  get ownedRoomBytes(): number {
    return Math.max(0, Math.min(this.roomBytes, this.#maxTableBytes / 2 - this.#ownedBytes));
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
    const entry = this.#records.entry(key);
    const current = entry?.record;
    if (entry === undefined || current === undefined) return this.#insert(key, incoming);
    const admission = admit(current, incoming);
    if (admission === "stale") return "known";
    if (admission === "refuse") return this.#contend(key, incoming) ? "refused" : "full";
    const joined = join(current, incoming);
    if (joined === current) return "known";
    if (this.#isCrowded(joined)) return "crowded";
    const isFull = this.#bytes >= this.#maxTableBytes || (joined.proof !== undefined && this.ownedRoomBytes === 0);
    if (isFull && memorySizeOf(key, joined) > memorySizeOf(key, current)) return "full";
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
    const before = this.#records.count;
    const left = [...this.#records.pack(run)];
    if (this.#records.count === before) return left;
    this.#bytes += run.memoryBytes;
    for (const one of left) this.#bytes -= memorySizeOf(...one);
    return left;
  }

  /** Adopts the contender of a key whose lease is over; call it before a write is judged. */
  settle(key: string, nowUs: number): Settled | undefined {
    const contender = this.#contenders.get(key);
    const entry = this.#records.entry(key);
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
    const entry = this.#records.entry(key);
    if (entry?.record === undefined) return;
    this.#count(entry.record, -memorySizeOf(key, entry.record));
    this.#tombstones.delete(key);
    this.#contenders.delete(key);
    this.#records.remove(entry);
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

  /** Whether a record remembers more fields than a key may. [SYNC-102] */
  #isCrowded({ fields }: TableRecord): boolean {
    return fields !== undefined && fields.byName.size > this.#maxFields;
  }

  /** Whether a record is older than a tombstone gets, less a margin, and free. Owned ones never are. [SYNC-115] [SEC-097] */
  #isOld(record: TableRecord, nowUs: number, marginUs: number): boolean {
    if (record.proof !== undefined) return false;
    return nowUs - latestUsOf(record) > this.#tombstoneUs - marginUs && nowUs >= expiresUsOf(record);
  }

  #insert(key: string, record: TableRecord): MergeOutcome {
    if (this.#isCrowded(record)) return "crowded";
    const bytes = memorySizeOf(key, record);
    if (bytes > (record.proof === undefined ? this.roomBytes : this.ownedRoomBytes)) return "full";
    this.#count(record, bytes);
    if (isTombstone(record)) this.#tombstones.add(key);
    this.#records.add(key, record);
    this.#replaced = undefined;
    return "adopted";
  }

  #count(record: TableRecord, bytes: number): void {
    this.#bytes += bytes;
    if (record.proof !== undefined) this.#ownedBytes += bytes;
  }

  #replace(entry: Entry, before: TableRecord, after: TableRecord): void {
    const { key } = entry;
    entry.record = after;
    this.#count(after, memorySizeOf(key, after) - memorySizeOf(key, before));
    if (isTombstone(after)) this.#tombstones.add(key);
    else if (isTombstone(before)) this.#tombstones.delete(key);
    this.#records.changed(entry);
  }

  /** Keeps the record that wins among those that were refused for a key. */
  #contend(key: string, incoming: TableRecord): boolean {
    const known = this.#contenders.get(key);
    if (known === undefined && this.#contenders.size >= this.#maxContenders) return false;
    const joined = known === undefined ? incoming : join(known, incoming);
    if (this.#isCrowded(joined)) return false;
    this.#contenders.set(key, joined);
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
