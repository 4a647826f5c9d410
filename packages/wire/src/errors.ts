// The one error class of the package and its closed list of codes. [WIRE-070]

/**
 * Every way in which wire data can be refused. The README tells the requirement behind each code.
 */
export type WireErrorCode =
  | "bad-base58"
  | "bad-body"
  | "bad-checksum"
  | "bad-compression"
  | "bad-format"
  | "bad-key"
  | "bad-node-id"
  | "bad-utf8"
  | "bad-value"
  | "decoder-stopped"
  | "duplicate-key"
  | "empty-frame"
  | "ext-type"
  | "frame-too-large"
  | "inflate-ratio"
  | "inflate-too-large"
  | "too-deep"
  | "too-many-entries"
  | "trailing-bytes"
  | "truncated"
  | "unknown-codec"
  | "unsupported-codec";

/** Thrown for every refused input of this package; nothing else is thrown for hostile bytes. Section 9 of spec/wire.md. */
export class WireError extends Error {
  override readonly name = "WireError";
  /** Stable machine-readable reason. */
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
