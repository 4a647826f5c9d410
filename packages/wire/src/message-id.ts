// The id of a message: SHA-256 of its uncompressed body. [WIRE-050]
import { sha256 } from "#hash";

/** The 32-byte id of a message, from its uncompressed body as received. Section 6 of spec/wire.md. */
export function messageId(body: Uint8Array): Uint8Array {
  return sha256(body);
}
