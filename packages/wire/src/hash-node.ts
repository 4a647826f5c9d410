// SHA-2 by node:crypto: chosen by the "node" condition of #hash.
import { hash } from "node:crypto";

/** SHA-256 of the bytes, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return plain(hash("sha256", bytes, "buffer"));
}

/** SHA-384 of the bytes, 48 bytes. */
export function sha384(bytes: Uint8Array): Uint8Array {
  return plain(hash("sha384", bytes, "buffer"));
}

/** The same bytes as a Uint8Array, so that both implementations return the same type. */
function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
