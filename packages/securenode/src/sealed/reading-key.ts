/**
 * The X25519 key that belongs to an identity's public key: who knows whom it is for can seal [SEC-202].
 *
 * By the birational map of RFC 7748, section 4.1. Written out, as all of it is public and no curve arithmetic: 47 us of a
 * busy core with the import, where @noble/curves, which decompresses the point first, takes 130; each reader and each
 * sender costs one of it. What is no point of the curve leads to the twist of X25519, which is as safe, and nobody can
 * sign by it.
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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let number = 0n;
  for (let at = 24; at >= 0; at -= 8) number = (number << 64n) | view.getBigUint64(at, true);
  return number;
}

function toBytes(number: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < 32; at += 8) view.setBigUint64(at, BigInt.asUintN(64, number >> BigInt(8 * at)), true);
  return bytes;
}
