// The one error class of the package, with its closed list of codes [BASE-102] [BASE-113].

/**
 * Every code a {@link BaseError} can carry; stable, listed in the README with the requirement behind each.
 * New codes are added here and nowhere else.
 */
export type BaseErrorCode =
  // Addresses and transports
  /** The text is not an address of the form `scheme://host:port#node-id`. */
  | "address-invalid"
  /** No transport of the node has this scheme. */
  | "scheme-unknown"
  /** The transport exists but not on this platform (TCP in a browser). */
  | "transport-unavailable"
  /** Nobody listens at the address. */
  | "dial-refused"
  /** The host or its name cannot be reached or resolved. */
  | "dial-unreachable"
  /** The address did not answer in time. */
  | "dial-timeout"
  /** Dialling failed for another reason, which is the cause. */
  | "dial-failed"
  /** The address is taken by another listener. */
  | "listen-in-use"
  /** Listening failed for another reason, which is the cause. */
  | "listen-failed"
  /** The peer dropped the channel without finishing (a reset). */
  | "channel-reset"
  /** The channel failed for another reason, which is the cause. */
  | "channel-failed"
  // Limits
  /** A reservation would exceed the memory budget of the node. */
  | "budget-exceeded"
  /** An async iterator was not read as fast as it was filled. */
  | "stream-overflow"
  // Requests
  /** The answerer refused: see `remoteCode` and `remoteMessage`. */
  | "refused"
  /** No answer came in time. */
  | "request-timeout"
  /** The last connection to the answerer was lost before it answered. */
  | "connection-lost"
  /** As many requests to this node, or to all, are open as the limits allow. */
  | "too-many-requests"
  /** The request was passed on in a circle, or too often. */
  | "bad-redirect"
  /** A handler of the application threw or rejected; its error is the cause. */
  | "handler-failed"
  /** A handler answered a request twice, or after it had ended. */
  | "already-answered"
  /** A handler refused or forwarded a message that asks for no answer. */
  | "not-a-request"
  /** A message of a peer has an item that is absent, of a wrong type, or too long. */
  | "bad-message"
  // Events
  /** A listener of the application threw or rejected; its error is the cause. */
  | "listener-failed";

export interface BaseErrorOptions {
  /** What made it fail. */
  readonly cause?: unknown;
  /** The peer concerned: an address or a node id. */
  readonly peer?: string;
  /** The code that a peer gave for refusing. */
  readonly remoteCode?: string;
  /** The text that a peer gave for refusing. */
  readonly remoteMessage?: string;
}

/** An operational failure: what failed, with which peer, and what to do next. A caller's mistake is a TypeError. */
export class BaseError extends Error {
  override readonly name: string = "BaseError";
  readonly code: BaseErrorCode;
  /** The address or node id of the peer concerned, where there is one. */
  readonly peer: string | undefined;
  /** Of a refused request: the code that the peer gave (spec/base-requests.md, section 7, or the application's own). */
  readonly remoteCode: string | undefined;
  /** Of a refused request: the text that the peer gave. */
  readonly remoteMessage: string | undefined;

  constructor(code: BaseErrorCode, message: string, options: BaseErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.peer = options.peer;
    this.remoteCode = options.remoteCode;
    this.remoteMessage = options.remoteMessage;
  }
}
