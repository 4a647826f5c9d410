// Own writes: judged by owners and leases, merged into the table at once, and put into the outbox. All in one turn, no promise.
import type { WireValue } from "@p2p/wire";
import { SyncError } from "../errors.js";
import { compareClaims, reassertion, termsOf } from "../lease/lease.js";
import type { WriteEntry } from "../messages/update.js";
import { isMap, type MapValue, setOwn } from "../record/map-value.js";
import type { TableRecord } from "../record/record.js";
import type { Stamp } from "../record/stamp.js";
import { deltaRecord, renewalRecord, wholeRecord } from "../record/write.js";
import { type CommitParts, Commits, type Make } from "./commits.js";
import { type PermitParts, Permits, type Permitted } from "./permits.js";
import { copyOf, measure } from "./value.js";

export type WriterParts = PermitParts & CommitParts;

/** Changes of fields that a leased key remembers, if it has no more fields than that. */
const maxRemembered = 256;
/** What the name of a removed field takes besides its text. */
const nameBytes = 32;

export class Writer {
  readonly #parts: WriterParts;
  readonly #permits: Permits;
  readonly #commits: Commits;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#permits = new Permits(parts);
    this.#commits = new Commits(parts);
  }

  /** @throws SyncError `leased`, `not-owner`, `too-large`, `table-full`, `overflow`; WireError, TypeError, RangeError */
  set(key: string, value: WireValue, leaseMs: number | undefined): TableRecord {
    const nowUs = this.#parts.clock.physicalUs();
    return this.#commits.commit(this.#permitValue(key, value, nowUs), nowUs, this.#whole(leaseMs));
  }

  /**
   * Writes all or none, as one message. No key comes twice.
   * @returns what was written, in that order. @throws as set, `too-large` also for all together
   */
  update(entries: Iterable<readonly [string, WireValue]>, leaseMs: number | undefined): WriteEntry[] {
    const nowUs = this.#parts.clock.physicalUs();
    const writes: Permitted[] = [];
    for (const [key, value] of entries) writes.push(this.#permitValue(key, value, nowUs));
    this.#commits.checkUpdate(writes);
    const whole = this.#whole(leaseMs);
    const written: WriteEntry[] = [];
    if (writes.length === 0) return written;
    this.#commits.commitAll(writes, nowUs, (stamp, write) => {
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
    const removedBytes = remove.reduce((sum, name) => sum + name.length * 3 + nameBytes, 0);
    const bytes = this.#permits.measure(key, fields) + removedBytes;
    const nowUs = this.#parts.clock.physicalUs();
    const write = this.#permits.permit(key, bytes, nowUs);
    const current = write.before?.value;
    if (current !== undefined && !isMap(current)) {
      throw new SyncError("not-a-map", `the value of "${key}" is no map, so it has no fields`, { key });
    }
    const changes = new Map<string, WireValue | undefined>(Object.entries(fields).map(([n, v]) => [n, copyOf(v, 1)]));
    for (const name of remove) changes.set(name, undefined);
    const merged: { [name: string]: WireValue } = {};
    for (const [name, value] of Object.entries(current ?? {})) if (!changes.has(name)) setOwn(merged, name, value);
    for (const [name, value] of changes) if (value !== undefined) setOwn(merged, name, value);
    const wholeBytes = this.#permits.measure(key, merged);
    // A claim begins the key anew: what was there before is not of it. What is signed is a whole value.
    const isWhole = write.permission.kind === "claim" || write.permission.kind === "owned" || isWorn(write, merged);
    if (isWhole) {
      const whole = this.#permits.sign({ ...write, bytes: write.bytes - bytes + wholeBytes }, merged, nowUs);
      return this.#commits.commit({ ...whole, value: merged }, nowUs, this.#whole(leaseMs));
    }
    this.#checkFields(write, changes);
    return this.#commits.commit(write, nowUs, (stamp) =>
      deltaRecord(stamp, changes, this.#terms(write, stamp, leaseMs)),
    );
  }

  /** @returns the value that was there. @throws as set */
  delete(key: string, keepLease: boolean): WireValue | undefined {
    const nowUs = this.#parts.clock.physicalUs();
    const write = this.#permits.permit(key, 0, nowUs);
    const value = write.before?.value;
    if (value === undefined) return undefined;
    const signed = this.#permits.sign(write, undefined, nowUs);
    this.#commits.commit(signed, nowUs, this.#whole(keepLease ? undefined : 0));
    return value;
  }

  /** Takes or renews the lease, and leaves the value; an own key is this node's anyhow. @throws as set; TypeError without leases */
  acquire(key: string, leaseMs: number | undefined): void {
    const nowUs = this.#parts.clock.physicalUs();
    const write = this.#permits.permit(key, 0, nowUs);
    if (write.permission.kind === "owned") return;
    if (write.permission.kind === "free") throw new TypeError("this table has no leases");
    this.#commits.commit(write, nowUs, (stamp) => {
      const terms = this.#terms(write, stamp, leaseMs);
      // With leases there are terms.
      return write.permission.kind === "renew" && terms !== undefined
        ? renewalRecord(stamp, terms)
        : wholeRecord(stamp, write.before?.value, terms);
    });
  }

  /**
   * Gives up the lease, and leaves the value.
   * @returns whether this node had it. @throws as set; TypeError without leases, and for an owned key
   */
  release(key: string): boolean {
    const nowUs = this.#parts.clock.physicalUs();
    const write = this.#permits.permit(key, 0, nowUs);
    if (write.permission.kind === "owned") throw new TypeError("an owned key is never released; delete it");
    if (write.permission.kind === "free") throw new TypeError("this table has no leases");
    if (write.permission.kind === "claim") return false;
    this.#commits.commit(write, nowUs, (stamp) => {
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
    const write = this.#permits.permit(key, measure(key, own.value ?? null, Number.POSITIVE_INFINITY), nowUs);
    if (write.permission.kind !== "renew") return;
    this.#commits.commit(write, nowUs, (stamp) => wholeRecord(stamp, own.value, reassertion(own, contender)));
  }

  /** Whether this node may write a key now. */
  mayWrite(key: string): boolean {
    return this.#permits.mayWrite(key, this.#parts.clock.physicalUs());
  }

  #permitValue(key: string, value: WireValue, nowUs: number): Permitted {
    const bytes = this.#permits.measure(key, value);
    const copy = copyOf(value);
    return this.#permits.sign(this.#permits.permit(key, bytes, nowUs, copy), copy, nowUs);
  }

  /** @throws SyncError `too-large` when the key would remember more fields than it may [SYNC-102] */
  #checkFields({ key, before }: Permitted, changes: ReadonlyMap<string, unknown>): void {
    const { maxFields } = this.#parts.limits;
    const remembered = before?.fields?.byName;
    let count = remembered?.size ?? 0;
    if (count + changes.size <= maxFields) return;
    for (const name of changes.keys()) if (remembered?.has(name) !== true) count += 1;
    if (count <= maxFields) return;
    const text = `"${key}" would remember ${count} changed fields; at most ${maxFields}: set it as a whole`;
    throw new SyncError("too-large", text, { key });
  }

  /** Makes records of whole values. */
  #whole(leaseMs: number | undefined): Make {
    return (stamp, write) => write.signed ?? wholeRecord(stamp, write.value, this.#terms(write, stamp, leaseMs));
  }

  /** The terms of a write. @param leaseMs default: as the lease that it renews, else that of the table */
  #terms({ permission, before }: Permitted, stamp: Stamp, leaseMs: number | undefined): TableRecord["terms"] {
    if (permission.kind === "owned") return undefined;
    const usualMs = this.#parts.leaseMs ?? 0;
    const heldMs = permission.kind === "renew" ? before?.terms?.leaseMs : undefined;
    return termsOf(permission, stamp.timeUs, leaseMs ?? heldMs ?? usualMs);
  }
}

/**
 * Whether a key of this node remembers so many changes of fields, removed ones among them, that it is better written as a
 * whole. Without leases that would undo what others change at the same time.
 */
function isWorn({ permission, before }: Permitted, value: MapValue): boolean {
  const remembered = before?.fields?.byName.size ?? 0;
  return permission.kind === "renew" && remembered >= Math.max(maxRemembered, Object.keys(value).length);
}
