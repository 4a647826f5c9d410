// The one error class of the package, with its closed list of codes [SEC-001].

/**
 * Every code a {@link SecureError} can carry; stable, listed in the README with the requirement behind each.
 * New codes are added here and nowhere else. No message, cause or property of an error holds a secret [SEC-002].
 */
export type SecureErrorCode =
  // Identities
  /** The text or bytes are no key of the kind expected. */
  "bad-key";

export interface SecureErrorOptions {
  /** What made it fail. */
  readonly cause?: unknown;
}

/** An operational failure of security: what failed, with whom, and what to do next. A caller's mistake is a TypeError. */
export class SecureError extends Error {
  override readonly name: string = "SecureError";
  readonly code: SecureErrorCode;

  constructor(code: SecureErrorCode, message: string, options: SecureErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}
