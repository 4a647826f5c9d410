// Keys that belong to an identity: whose they are, and whether it vouches for what came. [SYNC-110 to SYNC-112] [SEC-093]
import { encodeStatement, type OwnedRecord, ownedKey, ownerOf, type Proofs } from "@p2p/base";
import type { NodeId, WireValue } from "@p2p/wire";
import { SyncError } from "../errors.js";
import { compareContent } from "../record/canonical.js";
import { join } from "../record/join.js";
import { maxTimeUs } from "../record/limits.js";
import type { TableRecord } from "../record/record.js";
import { ownedRecord, proofBytesOf } from "./owned-record.js";

/** What a record is for its key. */
export type Fit =
  /** It can be merged. */
  | "fits"
  /** It is an owned record of a key that is not owned, or the other way round. */
  | "misplaced"
  /** It would be taken or sent on, and its owner does not vouch for it. */
  | "forged";

export interface OwnershipParts {
  readonly self: NodeId;
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  /** Undefined: nodes have no identities, and no key is owned. */
  readonly proofs: Proofs | undefined;
}

export class Ownership {
  readonly #parts: OwnershipParts;

  constructor(parts: OwnershipParts) {
    this.#parts = parts;
  }

  /** Whether keys can be owned. */
  get isKnown(): boolean {
    return this.#parts.proofs !== undefined;
  }

  /** Whose key it is for good; undefined: nobody's. */
  ownerOf(key: string): NodeId | undefined {
    return this.#parts.proofs === undefined ? undefined : ownerOf(key);
  }

  /** The key of this name that a node owns. @throws SyncError `no-identity` where nobody can; RangeError */
  keyOf(owner: NodeId, name: string): string {
    if (this.isKnown) return ownedKey(owner, name);
    throw new SyncError("no-identity", "without an option `security` that proves ids, no key can be owned");
  }

  /** A write of an own key, above the one before. @throws RangeError when no number is left */
  sign(key: string, value: WireValue | undefined, before: TableRecord | undefined, nowUs: number): TableRecord {
    const { self, proofs, networkId } = this.#parts;
    const sequence = Math.max(nowUs, (before?.timeUs ?? 0) + 1); // [SEC-096]
    if (sequence > maxTimeUs) throw new RangeError(`no number is left to write "${key}" once more`);
    if (proofs === undefined) throw new TypeError("nothing is signed without an identity");
    const statement = encodeStatement(networkId, { realm: "sync", key, sequence, value });
    return ownedRecord(self, sequence, value, proofs.prove(statement));
  }

  /**
   * What to think of a record that came.
   * @param current the one of its key that is here
   * @param isSentOn whether it goes on to others, to whom it may be new: then it has to hold even if nothing of it is taken here
   */
  judge(key: string, record: TableRecord, current: TableRecord | undefined, isSentOn: boolean): Fit {
    const { proofs, networkId } = this.#parts;
    const { proof, timeUs: sequence, value } = record;
    const owner = this.ownerOf(key);
    if ((owner === undefined) !== (proof === undefined)) return "misplaced";
    if (owner === undefined || proof === undefined || proofs === undefined) return "fits";
    if (current !== undefined && (isSentOn ? isSame(current, record) : join(current, record) === current))
      return "fits";
    const statement = encodeStatement(networkId, { realm: "sync", key, sequence, value });
    return proofs.isProof(proofBytesOf(proof), owner, statement) ? "fits" : "forged";
  }
}

/** Whether two records of a key are one, proof and all. */
function isSame(a: TableRecord, b: TableRecord): boolean {
  return a.timeUs === b.timeUs && a.proof === b.proof && compareContent(a.value, b.value) === 0;
}

/** A record as others can check it; undefined for keys that are not owned. */
export function provenOf(key: string, record: TableRecord | undefined): OwnedRecord | undefined {
  if (record?.proof === undefined) return undefined;
  return { realm: "sync", key, sequence: record.timeUs, value: record.value, proof: proofBytesOf(record.proof) };
}
