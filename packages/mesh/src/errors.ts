// The one error class of the package and its closed list of codes. [MESH-018] [MESH-045] [MESH-051] [MESH-067] [MESH-071]

/** Every code a {@link MeshError} can carry; stable, listed in the README with the requirement behind each. */
export type MeshErrorCode =
  /** A peer's message has an item that is absent, of a wrong type, or too large; its link is closed. */
  | "bad-message"
  /** The mesh is closed, or was never opened. */
  | "closed"
  /** The broadcast is larger than `limits.maxFrameBytes` of the node; nothing was sent. */
  | "message-too-large"
  /** Messages were sent faster than the peers take them; nothing was sent. Wait for `drained()`. */
  | "overflow"
  /** As many direct messages wait for their receipts as the limits allow; nothing was sent. */
  | "too-many-routed"
  /** No receipt came from the destination of a direct message, after all attempts. It may have arrived. */
  | "unreachable"
  /** A validator of the application threw or rejected; its error is the cause, the message was ignored. */
  | "validator-failed";

export interface MeshErrorOptions {
  /** What made it fail. */
  readonly cause?: unknown;
  /** The node id of the peer concerned. */
  readonly peer?: string;
}

/** An operational failure: what failed, with which peer, and what to do next. A caller's mistake is a TypeError. */
export class MeshError extends Error {
  override readonly name: string = "MeshError";
  readonly code: MeshErrorCode;
  /** The node id of the peer concerned, where there is one. */
  readonly peer: string | undefined;

  constructor(code: MeshErrorCode, message: string, options: MeshErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.peer = options.peer;
  }
}
