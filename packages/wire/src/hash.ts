// SHA-256 by @noble/hashes: the portable path.
import { sha256 as digest } from "@noble/hashes/sha2.js";

export function sha256(bytes: Uint8Array): Uint8Array {
  return digest(bytes);
}
