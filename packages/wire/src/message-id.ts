// The id of a message: SHA-256 of its uncompressed body. [WIRE-050]
import { sha256, sha256Text } from "#hash";

/** The 32-byte id of a message, from its uncompressed body as received. Section 6 of spec/wire.md. */
export function messageId(body: Uint8Array): Uint8Array {
  return sha256(body);
}

/** The id as a text of 32 characters, each the value of a byte: the cheapest key for a map or a set of seen ids. */
export function messageKey(body: Uint8Array): string {
  return sha256Text(body);
}
