// HKDF of the Noise specification, section 4.3 (RFC 5869 with an empty info) [SEC-030].
import { hmac } from "../primitives/hmac.js";
import { wipe } from "../secrets/wipe.js";

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
