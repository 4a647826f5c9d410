/**
 * HKDF of the Noise specification, section 4.3 (RFC 5869 with an empty info), over HMAC-SHA-256 (RFC 2104) [SEC-030].
 *
 * Written out over the one hash of this project, because that is native where it can be: 2 outputs take 5 us on Node 24,
 * by @noble/hashes or node:crypto's hkdf 12 us, and a handshake derives four times.
 */
import { sha256 } from "@p2p/wire";
import { wipe } from "../secrets/wipe.js";

const hashBytes = 32;
const blockBytes = 64;

/** 2 or 3 outputs of 32 bytes. @param chainingKey 32 bytes */
export function deriveKeys(chainingKey: Uint8Array, material: Uint8Array, outputs: 2 | 3): readonly Uint8Array[] {
  const secret = hmac(chainingKey, material);
  const derived: Uint8Array[] = [];
  let last: Uint8Array = new Uint8Array(0);
  for (let number = 1; number <= outputs; number++) {
    const text = new Uint8Array(last.length + 1);
    text.set(last);
    text[last.length] = number;
    last = hmac(secret, text);
    derived.push(last);
    wipe(text);
  }
  wipe(secret);
  return derived;
}

/** @param key at most 64 bytes */
function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
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
