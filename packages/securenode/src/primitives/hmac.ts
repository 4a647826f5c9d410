/**
 * HMAC-SHA-256 (RFC 2104) for keys of at most one block.
 *
 * Written out over the one hash of this project, because that is native where it can be: 2 outputs of HKDF take 5 us on
 * Node 24, by @noble/hashes or node:crypto's hkdf 12 us.
 */
import { sha256 } from "@p2p/wire";
import { wipe } from "../secrets/wipe.js";

export const hashBytes = 32;
const blockBytes = 64;

/** @param key at most 64 bytes */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const inner = new Uint8Array(blockBytes + message.length);
  const outer = new Uint8Array(blockBytes + hashBytes);
  for (let index = 0; index < blockBytes; index++) {
    const byte = key[index] ?? 0;
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  inner.set(message, blockBytes);
  outer.set(sha256(inner), blockBytes);
  const mac = sha256(outer);
  wipe(inner, outer);
  return mac;
}
