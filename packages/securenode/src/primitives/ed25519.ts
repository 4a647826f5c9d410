// Ed25519 by @noble/curves: where there is no Node [SEC-003] [SEC-083].
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@p2p/wire";
import { isProperPublicKey } from "./ed25519-keys.js";
import { join } from "./join.js";
import type { SigningKey, VerifyingKey } from "./primitives.js";

const { Point } = ed25519;

/** @param seed 32 bytes, copied */
export function signingKey(seed: Uint8Array): SigningKey {
  const own = seed.slice();
  return { publicKey: ed25519.getPublicKey(own), sign: (message) => ed25519.sign(message, own) };
}

/** @param publicKey 32 bytes, copied */
export function verifyingKey(publicKey: Uint8Array): VerifyingKey {
  const own = publicKey.slice();
  let point: InstanceType<typeof Point>;
  try {
    if (!isProperPublicKey(own)) return neverHolds;
    point = Point.fromBytes(own);
  } catch {
    return neverHolds;
  }
  return { verify: (message, signature) => holds(own, point, message, signature) };
}

const neverHolds: VerifyingKey = { verify: () => false };

/**
 * Without the cofactor, as the native implementation has it: the library's own `verify` takes what that refuses (a key or a
 * nonce point with a part of small order), and nodes have to agree about every signature.
 */
function holds(
  publicKey: Uint8Array,
  point: InstanceType<typeof Point>,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64) return false;
  const [noncePoint, scalar] = [signature.subarray(0, 32), integerOf(signature.subarray(32))];
  if (scalar >= Point.Fn.ORDER) return false;
  const hash = integerOf(sha512(join([noncePoint, publicKey, message]))) % Point.Fn.ORDER;
  const found = Point.BASE.multiplyUnsafe(scalar).subtract(point.multiplyUnsafe(hash)).toBytes();
  return found.every((byte, at) => byte === noncePoint[at]);
}

/** Bytes from the lowest to the highest as a number. */
function integerOf(bytes: Uint8Array): bigint {
  let text = "";
  for (const byte of bytes) text = byte.toString(16).padStart(2, "0") + text;
  return BigInt(`0x${text}`);
}
