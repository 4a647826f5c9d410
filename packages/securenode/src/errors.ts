// The one error class of the package, with its closed list of codes [SEC-001].

/**
 * Every code a {@link SecureError} can carry; stable, listed in the README with the requirement behind each.
 * New codes are added here and nowhere else. No message, cause or property of an error holds a secret [SEC-002].
 */
export type SecureErrorCode =
  // Identities
  /** The text or bytes are no key of the kind expected. */
  | "bad-key"
  /** The key file is whole, and the password is not its own. */
  | "wrong-password"
  /** The key file is not as it was written, or was none. */
  | "damaged-key-file"
  /** There is a key file of that name already. */
  | "key-file-exists"
  /** Reading or writing the key file failed, for the reason in the cause. */
  | "key-file-failed"
  /** The platform has no files. */
  | "key-file-unavailable"
  /** A rotation statement is not what its keys signed. */
  | "bad-statement"
  /** What was stored of the messages heard is not what was written. */
  | "bad-snapshot"
  // The handshake of a channel
  /** The peer does not speak the protocol of the channel: it may be a node without security. */
  | "not-secure"
  /** A handshake message is longer or shorter than one can be. */
  | "bad-handshake"
  /** A handshake message does not verify: another network or network key, or somebody in between. */
  | "handshake-forged"
  /** A key of the peer would make the secret known to all. */
  | "low-order-key"
  /** The peer sends back what this node sent. */
  | "reflected"
  /** The peer's identity did not sign this handshake. */
  | "identity-forged"
  /** The peer ended or dropped the channel during the handshake. */
  | "handshake-cut"
  // Who may talk
  /** Lists or gates of this node refuse the peer. */
  | "peer-refused"
  /** A sender writes more letters than this node opens. */
  | "too-many-letters"
  /** The peer refuses this node, for the reason in the text. */
  | "refused-by-peer"
  // The channel
  /** A record does not verify: it was altered, repeated, left out or reordered. */
  | "record-forged"
  /** A record is shorter than one can be, or of a kind that there is not. */
  | "bad-record"
  /** The stream ended without the record that ends it: the end was cut off. */
  | "truncated"
  // Messages that come through others
  /** A message without a signature, where signatures are required. */
  | "message-unsigned"
  /** A message that its sender did not sign so, or not for this receiver. */
  | "message-forged"
  /** The time of a message is too far from this node's clock. */
  | "message-stale"
  /** A message was heard before, or is older than what was. */
  | "message-replayed"
  /** What was heard could not be stored, or read. */
  | "store-failed"
  // Sealed messages and data
  /** The bytes are nothing sealed, or sealed in a form that cannot be. */
  | "bad-sealed"
  /** It is sealed for others. */
  | "not-a-reader"
  /** It does not verify: altered, made by another than it says, or meant for another place. */
  | "sealed-forged"
  /** It is from another than was asked for, or from nobody who says so. */
  | "wrong-sender"
  /** The data is another's than was asked for. */
  | "wrong-owner"
  /** The data is older than what is known of it. */
  | "stale-data"
  // Nodes
  /** An answer is not what the node that was asked signed. */
  | "answer-forged";

export interface SecureErrorOptions {
  /** What made it fail. */
  readonly cause?: unknown;
  /** The peer concerned: an address or a node id. */
  readonly peer?: string;
}

/** An operational failure of security: what failed, with whom, and what to do next. A caller's mistake is a TypeError. */
export class SecureError extends Error {
  override readonly name: string = "SecureError";
  readonly code: SecureErrorCode;
  /** The address or node id of the peer concerned, where there is one. */
  readonly peer: string | undefined;

  constructor(code: SecureErrorCode, message: string, options: SecureErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.peer = options.peer;
  }
}
