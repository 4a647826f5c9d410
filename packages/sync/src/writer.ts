// Own writes: judged by the leases, merged into the table at once, and put into the outbox. All in one turn, no promise.
import { encodeValue, type NodeId, type WireValue } from "@p2p/wire";
import type { HybridClock } from "./clock.js";
import { SyncError } from "./errors.js";
import { compareClaims, expiresUsOf, judgeWrite, reassertion, termsOf, type WriteJudgement } from "./lease/lease.js";
import type { WriteEntry } from "./messages/update.js";
import type { SyncLimits } from "./options.js";
import type { Outbox } from "./outbox.js";
import { isMap, type MapValue, setOwn } from "./record/map-value.js";
import { latestUsOf, type TableRecord } from "./record/record.js";
import { memorySizeOf } from "./record/size.js";
import type { Stamp } from "./record/stamp.js";
import { deltaRecord, renewalRecord, wholeRecord } from "./record/write.js";
import type { Reporter } from "./reporter.js";
import type { Table } from "./table.js";
import { checkKey, copyOf, measure } from "./value.js";

export interface WriterParts {
  readonly self: NodeId;
  readonly clock: HybridClock;
  readonly table: Table;
  readonly outbox: Outbox<TableRecord>;
  readonly reporter: Reporter;
  readonly limits: SyncLimits;
  /** How long a lease lasts by default, in ms; undefined: there are none. */
  readonly leaseMs: number | undefined;
  /** The most bytes of one update. */
  readonly maxUpdateBytes: number;
  /** A key was written. */
  readonly wrote: (key: string) => void;
}

/** A judgement that lets the write go ahead. */
type Permission = Exclude<WriteJudgement, { readonly kind: "refused" }>;

/** A write that was judged. */
interface Permitted {
  readonly key: string;
  readonly before: TableRecord | undefined;
  readonly permission: Permission;
  readonly bytes: number;
  /** The value to write; undefined: none. */
  readonly value: WireValue | undefined;
}

/** How the record of a write is made, given its stamp. */
type Make = (stamp: Stamp, write: Permitted) => TableRecord;

/** The most keys of one update. */
const maxKeys = 65_535;

/** Changes of fields that a leased key remembers, if it has no more fields than that. */
const maxRemembered = 256;

/** What an item of an update takes besides key and value. */
const itemBytes = 32;

/** What a key takes in the table besides key and value, at most. */
const entryBytes = 512;

export class Writer {
  readonly #parts: WriterParts;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** @throws SyncError `leased`, `too-large`, `table-full`, `overflow`; WireError, TypeError, RangeError */
  set(key: string, value: WireValue, leaseMs: number | undefined): TableRecord {
    const nowUs = this.#parts.clock.physicalUs();
    return this.#commit(
      this.#permit(key, this.#measure(key, value), nowUs, copyOf(value)),
      nowUs,
      this.#whole(leaseMs),
    );
  }

  /**
   * Writes all or none, as one message. No key comes twice.
   * @returns what was written, in that order. @throws as set, `too-large` also for all together
   */
  update(entries: Iterable<readonly [string, WireValue]>, leaseMs: number | undefined): WriteEntry[] {
    const nowUs = this.#parts.clock.physicalUs();
    const writes: Permitted[] = [];
    for (const [key, value] of entries) writes.push(this.#permit(key, this.#measure(key, value), nowUs, copyOf(value)));
    this.#checkUpdate(writes);
    const whole = this.#whole(leaseMs);
    const written: WriteEntry[] = [];
    if (writes.length === 0) return written;
    this.#commitAll(writes, nowUs, (stamp, write) => {
      const record = whole(stamp, write);
      written.push([write.key, record]);
      return record;
    });
    return written;
  }

  /** @throws as set, and `not-a-map` */
  applyDelta(
    key: string,
    fields: Readonly<Record<string, WireValue>>,
    remove: readonly string[],
    leaseMs: number | undefined,
  ): TableRecord {
    if (!isMap(fields)) throw new TypeError("the fields are an object");
    if (Object.keys(fields).length + remove.length === 0) throw new RangeError("no field to set or to remove");
    const bytes = this.#measure(key, fields) + remove.reduce((sum, name) => sum + name.length * 3 + itemBytes, 0);
    const nowUs = this.#parts.clock.physicalUs();
    const write = this.#permit(key, bytes, nowUs);
    const current = write.before?.value;
    if (current !== undefined && !isMap(current)) {
      throw new SyncError("not-a-map", `the value of "${key}" is no map, so it has no fields`, { key });
    }
    const changes = new Map<string, WireValue | undefined>(Object.entries(fields).map(([n, v]) => [n, copyOf(v, 1)]));
    for (const name of remove) changes.set(name, undefined);
    const merged: { [name: string]: WireValue } = {};
    for (const [name, value] of Object.entries(current ?? {})) if (!changes.has(name)) setOwn(merged, name, value);
    for (const [name, value] of changes) if (value !== undefined) setOwn(merged, name, value);
    const wholeBytes = measure(key, merged, this.#parts.limits.maxValueBytes);
    // A claim begins the key anew: what was there before is not of it.
    const isWhole = write.permission.kind === "claim" || this.#isWorn(write, merged);
    return this.#commit(isWhole ? { ...write, bytes: key.length * 3 + wholeBytes } : write, nowUs, (stamp) => {
      const terms = this.#terms(write, stamp, leaseMs);
      return isWhole ? wholeRecord(stamp, merged, terms) : deltaRecord(stamp, changes, terms);
    });
  }

  /** @returns the value that was there. @throws as set */
  delete(key: string, keepLease: boolean): WireValue | undefined {
    const nowUs = this.#parts.clock.physicalUs();
    const write = this.#permit(key, 0, nowUs);
    const value = write.before?.value;
    if (value !== undefined) this.#commit(write, nowUs, this.#whole(keepLease ? undefined : 0));
    return value;
  }

  /** Takes or renews the lease, and leaves the value. @throws as set; TypeError without leases */
  acquire(key: string, leaseMs: number | undefined): TableRecord {
    const nowUs = this.#parts.clock.physicalUs();
    const write = this.#permit(key, 0, nowUs);
    if (write.permission.kind === "free") throw new TypeError("this table has no leases");
    return this.#commit(write, nowUs, (stamp) => {
      const terms = this.#terms(write, stamp, leaseMs);
      // With leases there are terms.
      return write.permission.kind === "renew" && terms !== undefined
        ? renewalRecord(stamp, terms)
        : wholeRecord(stamp, write.before?.value, terms);
    });
  }

  /** Gives up the lease, and leaves the value. @returns whether this node had it. @throws as set; TypeError without leases */
  release(key: string): boolean {
    const nowUs = this.#parts.clock.physicalUs();
    const write = this.#permit(key, 0, nowUs);
    if (write.permission.kind === "free") throw new TypeError("this table has no leases");
    if (write.permission.kind === "claim") return false;
    this.#commit(write, nowUs, (stamp) => {
      const terms = this.#terms(write, stamp, 0);
      return terms === undefined ? wholeRecord(stamp, write.before?.value, terms) : renewalRecord(stamp, terms);
    });
    return true;
  }

  /** Writes an own key again as it is, above a later claim that others may have taken for the true one. */
  reassert(key: string, contender: TableRecord): void {
    const { table, self } = this.#parts;
    const own = table.get(key);
    if (own === undefined || own.origin !== self || compareClaims(own, contender) >= 0) return;
    const nowUs = this.#parts.clock.physicalUs();
    const write = this.#permit(key, measure(key, own.value ?? null, Number.POSITIVE_INFINITY), nowUs);
    if (write.permission.kind !== "renew") return;
    this.#commit(write, nowUs, (stamp) => wholeRecord(stamp, own.value, reassertion(own, contender)));
  }

  /** Whether this node may write a key now. */
  mayWrite(key: string): boolean {
    const { self, clock, leaseMs } = this.#parts;
    const nowUs = clock.physicalUs();
    return judgeWrite(this.#current(key, nowUs), self, nowUs, leaseMs !== undefined).kind !== "refused";
  }

  /**
   * Whether a key of this node remembers so many changes of fields, removed ones among them, that it is better written as a
   * whole. Without leases that would undo what others change at the same time.
   */
  #isWorn({ permission, before }: Permitted, value: MapValue): boolean {
    const remembered = before?.fields?.byName.size ?? 0;
    return permission.kind === "renew" && remembered >= Math.max(maxRemembered, Object.keys(value).length);
  }

  #measure(key: string, value: WireValue): number {
    return measure(key, value, this.#parts.limits.maxValueBytes);
  }

  /** The record of a key, after a contender whose time has come was let in. */
  #current(key: string, nowUs: number): TableRecord | undefined {
    const { table, reporter } = this.#parts;
    if (table.contenderCount > 0) {
      const settled = table.settle(key, nowUs);
      if (settled !== undefined) reporter.changed(key, settled.before, settled.after, false, nowUs);
    }
    return table.get(key);
  }

  #permit(key: string, valueBytes: number, nowUs: number, value?: WireValue): Permitted {
    const { self, leaseMs, limits } = this.#parts;
    checkKey(key, limits.maxKeyBytes);
    const before = this.#current(key, nowUs);
    const permission = judgeWrite(before, self, nowUs, leaseMs !== undefined);
    if (permission.kind !== "refused") return { key, before, permission, bytes: key.length * 3 + valueBytes, value };
    const { owner, expiresAtMs } = permission;
    const text = `"${key}" is leased by ${owner} until ${expiresAtMs} ms since 1970`;
    throw new SyncError("leased", text, { key, owner, expiresAtMs });
  }

  /** @throws SyncError `too-large` for what makes no message together */
  #checkUpdate(writes: readonly Permitted[]): void {
    const { maxUpdateBytes } = this.#parts;
    let bytes = 0;
    for (const write of writes) bytes += write.bytes + itemBytes;
    if (bytes > maxUpdateBytes) {
      // Texts were counted by their longest form.
      bytes = 0;
      for (const { key, value } of writes) bytes += encodeValue([key, value ?? null]).length + itemBytes;
    }
    if (bytes <= maxUpdateBytes && writes.length <= maxKeys) return;
    const text = `an update of ${writes.length} keys and about ${bytes} bytes; at most ${maxKeys} and ${maxUpdateBytes}`;
    throw new SyncError("too-large", text);
  }

  /** Makes records of whole values. */
  #whole(leaseMs: number | undefined): Make {
    return (stamp, write) => wholeRecord(stamp, write.value, this.#terms(write, stamp, leaseMs));
  }

  /** The terms of a write. @param leaseMs default: as the lease that it renews, else that of the table */
  #terms({ permission, before }: Permitted, stamp: Stamp, leaseMs: number | undefined): TableRecord["terms"] {
    const usualMs = this.#parts.leaseMs ?? 0;
    const heldMs = permission.kind === "renew" ? before?.terms?.leaseMs : undefined;
    return termsOf(permission, stamp.timeUs, leaseMs ?? heldMs ?? usualMs);
  }

  #commit(write: Permitted, nowUs: number, make: Make): TableRecord {
    let made: TableRecord | undefined;
    this.#commitAll([write], nowUs, (stamp) => {
      made = make(stamp, write);
      return made;
    });
    // It was made above; a listener may have written the key again since.
    return made as TableRecord;
  }

  #commitAll(writes: readonly Permitted[], nowUs: number, make: Make): void {
    const { self, table, outbox, reporter, wrote } = this.#parts;
    let bytes = 0;
    let afterUs = 0;
    for (const write of writes) {
      bytes += write.bytes;
      afterUs = Math.max(afterUs, latestBefore(write));
    }
    this.#checkRoom(writes, bytes);
    if (!outbox.reserve(bytes, writes.length)) {
      throw new SyncError("overflow", "too many writes wait to be sent; await their promises before writing more");
    }
    const timeUs = outbox.timeFor(writes, afterUs, bytes);
    const stamp = { timeUs, origin: self };
    const laterUs = Math.max(nowUs, timeUs);
    const isHeard = reporter.isHeard(undefined);
    const afters: TableRecord[] = [];
    for (const write of writes) {
      const { key } = write;
      const record = make(stamp, write);
      table.merge(key, record, laterUs);
      outbox.add(key, record, write.bytes);
      // A whole value replaces all that was there; single fields and renewals were merged with it.
      if (isHeard) afters.push(record.timeUs > 0 ? record : (table.get(key) ?? record));
    }
    outbox.added();
    for (const { key } of writes) wrote(key);
    // Listeners may write again: not before all of this is done.
    for (const [index, after] of afters.entries()) {
      const write = writes[index];
      if (write !== undefined) reporter.changed(write.key, write.before, after, true, laterUs);
    }
  }

  /** Nothing is refused by the table itself after this. */
  #checkRoom(writes: readonly Permitted[], bytes: number): void {
    const { table } = this.#parts;
    if (table.roomBytes > bytes + writes.length * entryBytes) return;
    let needed = 0;
    for (const { key, before, bytes: own } of writes) {
      needed += Math.max(0, own + entryBytes - (before === undefined ? 0 : memorySizeOf(key, before)));
    }
    if (needed <= table.roomBytes) return;
    const text = `the table has ${table.roomBytes} bytes left, and ${needed} are needed; delete keys, or raise maxTableBytes`;
    throw new SyncError("table-full", text);
  }
}

/** What the stamp of a write is to be above: all that is there, and the lapse of the lease before a claim. */
function latestBefore({ before, permission }: Permitted): number {
  if (before === undefined) return 0;
  const latestUs = latestUsOf(before);
  return permission.kind === "claim" ? Math.max(latestUs, expiresUsOf(before) - 1) : latestUs;
}
