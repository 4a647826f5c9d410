// The one error class of the package and its closed list of codes. [CHORD-070]

/** Every code a {@link ChordError} can carry; stable, listed in the README with the requirement behind each. */
export type ChordErrorCode =
  /** A peer's message has an item that is absent, of a wrong type, or too large; its link is closed. */
  | "bad-message"
  /** The chord is closed, or was never opened. */
  | "closed"
  /** No member is linked that could be asked. */
  | "no-members"
  /** The owner of a position was not found in time, over no way tried. */
  | "lookup-failed"
  /** A node is not to be reached by its addresses, or nowhere on the ring. */
  | "unreachable"
  /** A node did not answer in time, or its connection was lost meanwhile. It may have taken the question. */
  | "no-answer"
  /** A node answered that it could not answer. */
  | "question-failed"
  /** As many questions or lookups are open as the limits allow; nothing was sent. */
  | "too-many-open"
  /** Too few of the nodes that hold a key answer. A plain write may have been taken by some. */
  | "no-majority"
  /** Other operations on the key were faster, until the time was over. Nothing was changed. */
  | "contended"
  /** An atomic operation was cut short: it may or may not have happened. Read the key to know. */
  | "outcome-unknown"
  /** The nodes that are to hold a write do not take it: they are full, asked too fast, or the clock here is far ahead. */
  | "refused"
  /** The key belongs to another identity for good, `peer`, which alone can write it; nothing was sent. */
  | "not-owner"
  /** The network proves no ids, so that no key can be owned. */
  | "no-identity"
  /** The key or the value is longer than the limits allow; nothing was sent. */
  | "too-large"
  /** The value is no map, so there are no fields to change; nothing was changed. */
  | "not-a-map"
  /** The database failed; its error is the cause. What is not on disk is not told to be stored. */
  | "store-failed"
  /** The database holds something that this version cannot read, or that was changed by accident. */
  | "store-damaged"
  /** The store is of another node, or in use. */
  | "store-mismatch";

export interface ChordErrorOptions {
  /** What made it fail. */
  readonly cause?: unknown;
  /** The node id of the peer concerned. */
  readonly peer?: string;
}

/** An operational failure: what failed, with which peer, and what to do next. A caller's mistake is a TypeError. */
export class ChordError extends Error {
  override readonly name: string = "ChordError";
  readonly code: ChordErrorCode;
  /** The node id of the peer concerned, where there is one. */
  readonly peer: string | undefined;

  constructor(code: ChordErrorCode, message: string, options: ChordErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.peer = options.peer;
  }
}
