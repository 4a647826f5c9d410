// The one error class of the package and its closed list of codes.

/** Every code a {@link ChordError} can carry; stable, listed in the README with the requirement behind each. */
export type ChordErrorCode =
  /** A peer's message has an item that is absent, of a wrong type, or too large; its link is closed. */
  | "bad-message"
  /** The chord is closed, or was never opened. */
  | "not-open";

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
