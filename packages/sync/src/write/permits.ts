// Whether this node may write a key, and as what: a claim, a renewal, or the write of an own key. [SYNC-041] [SYNC-116]
import type { NodeId, WireValue } from "@p2p/wire";
import type { HybridClock } from "../clock.js";
import { SyncError } from "../errors.js";
import { judgeWrite, type WriteJudgement } from "../lease/lease.js";
import type { SyncLimits } from "../options.js";
import type { Ownership } from "../owned/ownership.js";
import type { TableRecord } from "../record/record.js";
import type { Reporter } from "../reporter.js";
import type { Table } from "../table.js";
import { checkKey, measure } from "./value.js";

/** A judgement that lets the write go ahead. */
export type Permission =
  | Exclude<WriteJudgement, { readonly kind: "refused" }>
  /** The key is this node's for good. */
  | { readonly kind: "owned" };

/** A write that was judged. */
export interface Permitted {
  readonly key: string;
  readonly before: TableRecord | undefined;
  readonly permission: Permission;
  /** What it takes in an update, as an estimate. */
  readonly bytes: number;
  /** The value to write; undefined: none. */
  readonly value: WireValue | undefined;
  /** Of an owned key the record, which is signed before anything is changed. */
  readonly signed: TableRecord | undefined;
}

export interface PermitParts {
  readonly self: NodeId;
  readonly clock: HybridClock;
  readonly table: Table;
  readonly ownership: Ownership;
  readonly reporter: Reporter;
  readonly limits: SyncLimits;
  /** How long a lease lasts by default, in ms; undefined: there are none. */
  readonly leaseMs: number | undefined;
}

const ownPermission: Permission = { kind: "owned" };

/** What number and proof take in an update. */
const proofBytes = 128;

export class Permits {
  readonly #parts: PermitParts;

  constructor(parts: PermitParts) {
    this.#parts = parts;
  }

  /** Permits to write a value, or none. @throws SyncError `leased`, `not-owner`; TypeError, RangeError, WireError */
  permit(key: string, valueBytes: number, nowUs: number, value?: WireValue): Permitted {
    const { self, leaseMs, limits, ownership } = this.#parts;
    checkKey(key, limits.maxKeyBytes);
    const owner = ownership.ownerOf(key);
    if (owner !== undefined) return this.#ownPermit(key, owner, valueBytes, value);
    const before = this.#current(key, nowUs);
    const permission = judgeWrite(before, self, nowUs, leaseMs !== undefined);
    const bytes = key.length * 3 + valueBytes;
    if (permission.kind !== "refused") return { key, before, permission, bytes, value, signed: undefined };
    const { owner: holder, expiresAtMs } = permission;
    // biome-ignore lint/style/noRestrictedGlobals: it reads no clock, and writes a given time as people read it.
    const text = `"${key}" is leased by ${holder} until ${new Date(expiresAtMs).toISOString()}`;
    throw new SyncError("leased", text, { key, owner: holder, expiresAtMs });
  }

  /** The write with its record, if the key is this node's own. @throws RangeError when no number is left */
  sign(write: Permitted, value: WireValue | undefined, nowUs: number): Permitted {
    if (write.permission.kind !== "owned") return write;
    return { ...write, value, signed: this.#parts.ownership.sign(write.key, value, write.before, nowUs) };
  }

  /** Whether this node may write a key now. */
  mayWrite(key: string, nowUs: number): boolean {
    const { self, leaseMs, ownership } = this.#parts;
    const owner = ownership.ownerOf(key);
    if (owner !== undefined) return owner === self;
    return judgeWrite(this.#current(key, nowUs), self, nowUs, leaseMs !== undefined).kind !== "refused";
  }

  /** Bytes of a value as it is encoded, at most. @throws SyncError `too-large`; WireError */
  measure(key: string, value: WireValue): number {
    return measure(key, value, this.#parts.limits.maxValueBytes);
  }

  #ownPermit(key: string, owner: NodeId, valueBytes: number, value: WireValue | undefined): Permitted {
    const { self, table } = this.#parts;
    if (owner !== self) throw new SyncError("not-owner", `"${key}" is ${owner}'s alone to write`, { key, owner });
    const bytes = key.length + valueBytes + proofBytes;
    return { key, before: table.get(key), permission: ownPermission, bytes, value, signed: undefined };
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
}
