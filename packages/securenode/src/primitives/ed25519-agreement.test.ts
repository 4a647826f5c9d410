// The two implementations of Ed25519 agree about every signature, also about those that are made to divide them [SEC-083]: a
// signature that one node passes on and the next refuses would make an honest node look like a forger.
import { ed25519 } from "@noble/curves/ed25519.js";
import { seededRandom } from "@p2p/base/testing";
import { sha512 } from "@p2p/wire";
import { expect, test } from "vitest";
import * as portable from "./ed25519.js";
import * as native from "./ed25519-node.js";
import { join } from "./join.js";

const { Point } = ed25519;
const order = Point.Fn.ORDER;

/** A point of order 8. */
const torsion = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");

function integerOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function bytesOf(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
}

/** Signs with a secret scalar, where points of small order may be added to the public key and to the nonce's point. */
function signature(number: number, keyTorsion: bigint, nonceTorsion: bigint) {
  const random = seededRandom(number);
  const [secret, nonce] = [integerOf(random.bytes(32)) % order, integerOf(random.bytes(32)) % order];
  const message = random.bytes(20);
  const publicKey = Point.BASE.multiply(secret).add(torsion.multiplyUnsafe(keyTorsion)).toBytes();
  const noncePoint = Point.BASE.multiply(nonce).add(torsion.multiplyUnsafe(nonceTorsion)).toBytes();
  const hash = integerOf(sha512(join([noncePoint, publicKey, message]))) % order;
  return { publicKey, message, bytes: join([noncePoint, bytesOf((nonce + hash * secret) % order)]) };
}

function answers(publicKey: Uint8Array, message: Uint8Array, bytes: Uint8Array): readonly [boolean, boolean] {
  return [
    portable.verifyingKey(publicKey).verify(message, bytes),
    native.verifyingKey(publicKey).verify(message, bytes),
  ];
}

test("[SEC-003] [SEC-083] both take and refuse the same signatures with parts of small order", () => {
  const taken = { some: 0, all: 0, byLibrary: 0 };
  for (let number = 0; number < 64; number++) {
    const { publicKey, message, bytes } = signature(number, BigInt(number % 8), BigInt(number >> 3));
    const [first, second] = answers(publicKey, message, bytes);
    expect([number, first]).toEqual([number, second]);
    taken.all++;
    if (first) taken.some++;
    if (ed25519.verify(bytes, message, publicKey, { zip215: false })) taken.byLibrary++;
  }
  // The attack is one: the library by itself takes them all, the native code few.
  expect(taken.byLibrary).toBe(64);
  expect(taken.some).toBeLessThan(32);
  expect(taken.some).toBeGreaterThan(0);
});

test("[SEC-083] keys of small order, and second forms of a key, hold no signature", () => {
  const prime = 2n ** 255n - 19n;
  const keys: Uint8Array[] = [];
  for (let times = 0n; times < 8n; times++) keys.push(torsion.multiplyUnsafe(times).toBytes());
  for (let y = 0n; y < 19n; y++) keys.push(bytesOf(prime + y));
  for (const key of [...keys]) keys.push(key.map((byte, at) => (at === 31 ? byte ^ 0x80 : byte)));
  const message = new Uint8Array(3);
  for (const key of keys) {
    // [S]B = R + [k]A holds for a key that is the neutral point, whatever k is.
    const bytes = join([Point.BASE.multiply(5n).toBytes(), bytesOf(5n)]);
    expect(answers(key, message, bytes)).toEqual([false, false]);
  }
});

test("[SEC-083] a second form of a signature is none", () => {
  const { publicKey, message, bytes } = signature(1, 0n, 0n);
  expect(answers(publicKey, message, bytes)).toEqual([true, true]);
  const larger = join([bytes.subarray(0, 32), bytesOf(integerOf(bytes.subarray(32)) + order)]);
  expect(answers(publicKey, message, larger)).toEqual([false, false]);
  expect(answers(publicKey, message, bytes.subarray(1))).toEqual([false, false]);
});
