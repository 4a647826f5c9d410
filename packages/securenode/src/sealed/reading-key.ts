/**
 * The X25519 key that belongs to an identity's public key: who knows whom it is for can seal [SEC-202].
 *
 * By the birational map of RFC 7748, section 4.1. Written out, as all of it is public and no curve arithmetic: 25 us,
 * where a library that also decompresses the point takes 550 us, and every reader and sender costs one of it.
 */
import { dhPublicKey } from "#x25519";
import type { DhPublicKey } from "../primitives/primitives.js";

/** 2^255 - 19 */
const prime = 2n ** 255n - 19n;

/** @param publicKey Ed25519, 32 bytes. @returns undefined for what no key pair has */
export function readingKeyOf(publicKey: Uint8Array): DhPublicKey | undefined {
  const y = fromBytes(publicKey) & (2n ** 255n - 1n);
  if (y >= prime || y === 1n) return undefined;
  const u = ((1n + y) * inverse((1n - y + prime) % prime)) % prime;
  return dhPublicKey(toBytes(u));
}

/** By Euclid's algorithm. @param number from 1 to `prime` - 1 */
function inverse(number: bigint): bigint {
  let [rest, next] = [prime, number];
  let [factor, nextFactor] = [0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return factor < 0n ? factor + prime : factor;
}

function fromBytes(bytes: Uint8Array): bigint {
  let digits = "";
  for (let index = bytes.length - 1; index >= 0; index--) digits += (bytes[index] ?? 0).toString(16).padStart(2, "0");
  return BigInt(`0x${digits}`);
}

function toBytes(number: bigint): Uint8Array {
  const digits = number.toString(16).padStart(64, "0");
  return Uint8Array.from({ length: 32 }, (_, index) =>
    Number.parseInt(digits.slice(62 - 2 * index, 64 - 2 * index), 16),
  );
}
