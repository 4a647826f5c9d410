// Ed25519 by @noble/curves: where there is no Node [SEC-003].
import { ed25519 } from "@noble/curves/ed25519.js";
import type { SigningKey } from "./primitives.js";

/** @param seed 32 bytes, copied */
export function signingKey(seed: Uint8Array): SigningKey {
  const own = seed.slice();
  return { publicKey: ed25519.getPublicKey(own), sign: (message) => ed25519.sign(message, own) };
}

/** Whether the signature holds, by RFC 8032. False too for a key or a signature of a wrong form. */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
