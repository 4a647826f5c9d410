// Leases: who may write a key, and which claim is admitted. Stamps alone decide, so that all replicas decide alike.
// [SYNC-040 to SYNC-052]
import type { NodeId } from "@p2p/wire";
import { baseEpoch, claimUsOf, epochOf, renewedUsOf, type TableRecord, type Terms } from "../record/record.js";
import { compareOrigins } from "../record/stamp.js";

/** A lease that is held. */
export interface Lease {
  readonly owner: NodeId;
  /** When it lapses unless it is renewed, in ms since 1970. Infinity of an owned key: it is its owner's for good. */
  readonly expiresAtMs: number;
  /** The fencing token: the epoch of the claim; a later owner's is greater. Section "Fencing". 0 of an owned key: it has one owner. */
  readonly token: number;
}

/** What a write of this node would do to the lease on a key. */
export type WriteJudgement =
  /** The table has no leases. */
  | { readonly kind: "free" }
  /** Claims the key: nobody has it. */
  | { readonly kind: "claim"; readonly epochBefore: number; readonly freedUs: number | undefined }
  /** Renews the node's own lease. */
  | { readonly kind: "renew"; readonly epoch: number; readonly claimUs: number; readonly freedUs: number | undefined }
  | { readonly kind: "refused"; readonly owner: NodeId; readonly expiresAtMs: number };

/** What becomes of a record that came, given the one that is here. */
export type Admission =
  /** It changes the key: join the two. */
  | "adopt"
  /** It claims a key that is leased as of its claim: keep it as contender [SYNC-046]. */
  | "refuse"
  /** What is here wins over it. */
  | "stale"
  /** It belongs to the claim that is here: join the two, which may change nothing. */
  | "join";

/** When the lease of a record lapses, in µs: from then on the key is free. 0: it was released, or there are no leases. */
export function expiresUsOf(record: TableRecord): number {
  const { terms } = record;
  return terms === undefined || terms.leaseMs === 0 ? 0 : renewedUsOf(record) + terms.leaseMs * 1_000;
}

/** The lease on a key; undefined: it is free. @param nowUs physical time */
export function leaseOf(record: TableRecord | undefined, nowUs: number): Lease | undefined {
  if (record === undefined) return undefined;
  if (record.proof !== undefined) return endlessLease(record.origin);
  const expiresUs = expiresUsOf(record);
  if (nowUs >= expiresUs) return undefined;
  return { owner: record.origin, expiresAtMs: Math.floor(expiresUs / 1_000), token: epochOf(record) };
}

/** What an owned key is to its owner. */
export function endlessLease(owner: NodeId): Lease {
  return { owner, expiresAtMs: Number.POSITIVE_INFINITY, token: 0 };
}

/**
 * Whether this node may write a key.
 * @param record after contenders whose time has come were settled
 */
export function judgeWrite(
  record: TableRecord | undefined,
  self: NodeId,
  nowUs: number,
  hasLeases: boolean,
): WriteJudgement {
  if (!hasLeases) return { kind: "free" };
  const lease = leaseOf(record, nowUs);
  if (record === undefined || lease === undefined) {
    if (record === undefined) return { kind: "claim", epochBefore: 0, freedUs: undefined };
    return { kind: "claim", epochBefore: epochOf(record), freedUs: releasedUsOf(record) ?? record.terms?.freedUs };
  }
  if (lease.owner === self) {
    return { kind: "renew", epoch: lease.token, claimUs: claimUsOf(record), freedUs: record.terms?.freedUs };
  }
  return { kind: "refused", owner: lease.owner, expiresAtMs: lease.expiresAtMs };
}

/**
 * The terms of a write that was judged.
 * @param stampUs of the write @param leaseMs 0 releases
 * @returns undefined without leases
 */
export function termsOf(
  judgement: Exclude<WriteJudgement, { readonly kind: "refused" }>,
  stampUs: number,
  leaseMs: number,
): Terms | undefined {
  switch (judgement.kind) {
    case "free":
      return undefined;
    case "claim": {
      const { epochBefore, freedUs = stampUs } = judgement;
      // A clock that was ahead and is right again leaves releases in the future: a claim cannot tell of those.
      const toldUs = freedUs < stampUs ? freedUs : undefined;
      return freshTerms(Math.max(0, epochBefore + 1 - baseEpoch(stampUs)), leaseMs, toldUs);
    }
    case "renew": {
      const { epoch, claimUs, freedUs } = judgement;
      return { rise: epoch - baseEpoch(claimUs), claimUs, renewedUs: undefined, leaseMs, freedUs };
    }
    default:
      return judgement satisfies never;
  }
}

let shared: Terms = { rise: 0, claimUs: undefined, renewedUs: undefined, leaseMs: 0, freedUs: undefined };

/** Terms of a write that is the claim itself: one object for as many records as follow each other with the same. */
export function freshTerms(rise: number, leaseMs: number, freedUs?: number): Terms {
  if (shared.rise !== rise || shared.leaseMs !== leaseMs || shared.freedUs !== freedUs) {
    shared = { rise, claimUs: undefined, renewedUs: undefined, leaseMs, freedUs };
  }
  return shared;
}

/** When the owner released the key; undefined: it did not. */
function releasedUsOf(record: TableRecord): number | undefined {
  return record.terms?.leaseMs === 0 ? renewedUsOf(record) : undefined;
}

/**
 * The terms by which an owner asserts its lease again over a contender with a later claim [SYNC-048].
 * @param own the record of the owner, whose lease has not lapsed
 */
export function reassertion(own: TableRecord, contender: TableRecord): Terms {
  const claimUs = claimUsOf(own);
  const epoch = Math.max(epochOf(own), epochOf(contender)) + 1;
  const { leaseMs = 0, freedUs } = own.terms ?? {};
  return { rise: epoch - baseEpoch(claimUs), claimUs, renewedUs: undefined, leaseMs, freedUs };
}

/** The order of claims: negative when `a` came first. */
export function compareClaims(a: TableRecord, b: TableRecord): number {
  const [aUs, bUs] = [claimUsOf(a), claimUsOf(b)];
  return aUs !== bUs ? aUs - bUs : compareOrigins(a.origin, b.origin);
}

/** The order of records of one key by their claims: positive when `a` wins over `b`, 0 for one claim. [SYNC-022] */
export function compareByClaim(a: TableRecord, b: TableRecord): number {
  if (a.terms === undefined || b.terms === undefined) return 0;
  const [aEpoch, bEpoch] = [epochOf(a), epochOf(b)];
  return aEpoch !== bEpoch ? aEpoch - bEpoch : compareClaims(b, a);
}

/** Whether a record that came is let in. Pure comparison of stamps: no clock. [SYNC-045 to SYNC-047] */
export function admit(current: TableRecord | undefined, incoming: TableRecord): Admission {
  if (current === undefined) return "adopt";
  const order = compareByClaim(incoming, current);
  if (order === 0) return "join";
  if (order < 0) return "stale";
  if (incoming.origin === current.origin || epochOf(incoming) === epochOf(current)) return "adopt";
  // Whoever missed a release learns of it from the claims after it.
  const isReleased = (incoming.terms?.freedUs ?? 0) > renewedUsOf(current);
  const isFree = isReleased || claimUsOf(incoming) >= expiresUsOf(current);
  return isFree || compareClaims(incoming, current) < 0 ? "adopt" : "refuse";
}
