// The one error class of the package, with its closed list of codes [BASE-102] [BASE-113].
import type { CloseReason } from "./session/close-reason.js";

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
  // Sessions: why a connection did not come to be
  /** The peer is of another network, or of another security. */
  | "wrong-network"
  /** The peer speaks another major version. */
  | "wrong-version"
  /** One side needs a feature that the other lacks. */
  | "feature-missing"
  /** The address is this node's own. */
  | "self-dial"
  /** Another node answers than the address is pinned to, or than the security layer proved. */
  | "wrong-peer"
  /** The peer did not finish its handshake in time. */
  | "handshake-timeout"
  /** The connection was closed before it was up, for the reason in `reason`. */
  | "connection-refused"
  /** The security layer did not come to an agreement; its error is the cause. */
  | "security-failed"
  /** A connection that is to be kept was dialled as often as the limit allows. */
  | "reconnect-failed"
  // Sending
  /** The connection is closed, for the reason in `reason`. */
  | "connection-closed"
  /** There is no connection to that node, and no network that could find it. */
  | "not-connected"
  /** The message is longer than this node or the peer takes. */
  | "message-too-large"
  /** The node is closed, or not open yet. */
  | "closed"
  // Limits
  /** As many connections as the limits allow. */
  | "too-many-connections"
  /** As many dials wait as the limits allow. */
  | "too-many-dials"
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
  /** Why the connection concerned was closed. */
  readonly reason?: CloseReason;
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
  /** Why the connection concerned was closed, where there is one. */
  readonly reason: CloseReason | undefined;

  constructor(code: BaseErrorCode, message: string, options: BaseErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.peer = options.peer;
    this.remoteCode = options.remoteCode;
    this.remoteMessage = options.remoteMessage;
    this.reason = options.reason;
  }
}
