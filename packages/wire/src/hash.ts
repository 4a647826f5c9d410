// SHA-1 and SHA-2 by @noble/hashes: the portable path of #hash.
import { sha256 } from "@noble/hashes/sha2.js";

export { sha1 } from "@noble/hashes/legacy.js";
export { sha224, sha256, sha384, sha512 } from "@noble/hashes/sha2.js";

/** SHA-256 of the bytes as a text of 32 characters, each the value of a byte. */
export function sha256Text(bytes: Uint8Array): string {
  return String.fromCharCode(...sha256(bytes));
}
