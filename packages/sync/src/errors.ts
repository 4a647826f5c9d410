// The one error class of the package and its closed list of codes.
import type { NodeId } from "@p2p/wire";

/** Every code a {@link SyncError} can carry; stable, listed in the README with the requirement behind each. */
export type SyncErrorCode =
  /** The table is closed, or was never opened. */
  | "closed"
  /** Another node has the lease on the key; nothing was changed. */
  | "leased"
  /** The key is another node's for good; nothing was changed. */
  | "not-owner"
  /** The network proves no ids, so that no key can be owned. */
  | "no-identity"
  /** A neighbour brought a record of an owned key that its owner did not write; its link is closed. */
  | "forged"
  /** The value of the key is no map, so it has no fields; nothing was changed. */
  | "not-a-map"
  /** The value, or all that was written at once, is over a limit; nothing was changed. */
  | "too-large"
  /** The table has no room left: `maxTableBytes`, or the memory budget of the node; nothing was changed. */
  | "table-full"
  /** More was written than the peers take, although the promises told to wait; nothing was changed. */
  | "overflow"
  /** A record is stamped too far in the future; it is not taken before its time comes. */
  | "clock-ahead"
  /** A node of js2p is linked, which drops its links when it hears of a delete; nothing was changed. Of 0.7 alone. */
  | "legacy-delete"
  /** A peer's message has an item that is absent, of a wrong type, or over a limit; its link is closed. */
  | "bad-message"
  /** Entries of the store cannot be read; `key` names the first, see `openStore`. */
  | "store-damaged"
  /** The store is of another node, another network, or in use by another table. */
  | "store-mismatch"
  /** The store was written by a later version of this package. */
  | "store-version"
  /** The database failed; its error is the cause. What was not acknowledged may be lost. */
  | "store-failed";

export interface SyncErrorOptions {
  /** What made it fail. */
  readonly cause?: unknown;
  /** The key concerned. */
  readonly key?: string;
  /** Of `leased`: who has the lease. Of `not-owner` and `forged`: whose the key is. */
  readonly owner?: NodeId;
  /** Of `leased`: when it lapses unless it is renewed, in ms since 1970. */
  readonly expiresAtMs?: number;
  /** The node id of the peer concerned. */
  readonly peer?: NodeId;
}

/** An operational failure: what failed, for which key, and what to do next. A caller's mistake is a TypeError or RangeError. */
export class SyncError extends Error {
  override readonly name: string = "SyncError";
  readonly code: SyncErrorCode;
  /** The key concerned, where there is one. */
  readonly key: string | undefined;
  /** Of `leased`: who has the lease. Of `not-owner` and `forged`: whose the key is. */
  readonly owner: NodeId | undefined;
  /** Of `leased`: when it lapses unless it is renewed, in ms since 1970. */
  readonly expiresAtMs: number | undefined;
  /** The node id of the peer concerned, where there is one. */
  readonly peer: NodeId | undefined;

  constructor(code: SyncErrorCode, message: string, options: SyncErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.key = options.key;
    this.owner = options.owner;
    this.expiresAtMs = options.expiresAtMs;
    this.peer = options.peer;
  }
}

export function notOpen(): SyncError {
  return new SyncError("closed", "the table is not open; call open() first, or make a new one after close()");
}
