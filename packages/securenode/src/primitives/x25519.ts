// X25519 by @noble/curves: where there is no Node [SEC-003].
import { x25519 } from "@noble/curves/ed25519.js";
import type { Random } from "@p2p/base";
import { wipe } from "../secrets/wipe.js";
import type { DhKey, DhPublicKey } from "./primitives.js";

/** @param secret 32 bytes, copied */
export function dhKey(secret: Uint8Array): DhKey {
  const own = secret.slice();
  return {
    publicKey: x25519.getPublicKey(own),
    agree({ bytes }) {
      try {
        return x25519.getSharedSecret(own, bytes);
      } catch {
        return undefined;
      }
    },
  };
}

/** A key drawn from `random`. */
export function drawDhKey(random: Random): DhKey {
  const secret = random.bytes(32);
  const key = dhKey(secret);
  wipe(secret);
  return key;
}

/** @param bytes 32 bytes, kept */
export function dhPublicKey(bytes: Uint8Array): DhPublicKey {
  return { bytes };
}
