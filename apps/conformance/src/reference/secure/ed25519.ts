// Ed25519 by node:crypto, and the arithmetic of its curve for what no library makes: signatures with parts of small order.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { concat, fromHex, toHex } from "../value.js";

const secretPrefix = fromHex("302e020100300506032b657004220420");
const publicPrefix = fromHex("302a300506032b6570032100");

export function secretKey(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(concat([secretPrefix, seed])), format: "der", type: "pkcs8" });
}

export function publicKeyOf(seed: Uint8Array): Uint8Array {
  const der = createPublicKey(secretKey(seed)).export({ format: "der", type: "spki" });
  return new Uint8Array(der.subarray(publicPrefix.length));
}

export function signWith(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, message, secretKey(seed)));
}

export function isSignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(concat([publicPrefix, publicKey])), format: "der", type: "spki" });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}

/** SubjectPublicKeyInfo and PKCS#8 as PEM. */
export function pem(label: "PUBLIC KEY" | "PRIVATE KEY", bytes: Uint8Array): string {
  const prefix = label === "PUBLIC KEY" ? publicPrefix : secretPrefix;
  const text = Buffer.from(concat([prefix, bytes])).toString("base64");
  return `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
}

const prime = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

const mod = (value: bigint): bigint => ((value % prime) + prime) % prime;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = mod(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * factor);
    factor = mod(factor * factor);
  }
  return result;
}

const inverse = (value: bigint): bigint => power(value, prime - 2n);
const d = mod(-121665n * inverse(121666n));
const base = pointOf(4n * inverse(5n), false);
/** A point of order 8. */
const small = pointOf(integerOf(fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")), false);

function pointOf(y: bigint, isOdd: boolean): Point {
  const value = mod((mod(y * y) - 1n) * inverse(mod(d * mod(y * y)) + 1n));
  let x = power(value, (prime + 3n) / 8n);
  if (mod(x * x) !== value) x = mod(x * power(2n, (prime - 1n) / 4n));
  return { x: (x & 1n) === (isOdd ? 1n : 0n) ? x : mod(-x), y: mod(y) };
}

function add(a: Point, b: Point): Point {
  const product = mod(d * mod(a.x * b.x) * mod(a.y * b.y));
  return {
    x: mod(mod(a.x * b.y + b.x * a.y) * inverse(1n + product)),
    y: mod(mod(a.y * b.y + a.x * b.x) * inverse(1n - product)),
  };
}

function times(point: Point, scalar: bigint): Point {
  let result: Point = { x: 0n, y: 1n };
  let factor = point;
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, factor);
    factor = add(factor, factor);
  }
  return result;
}

function encode({ x, y }: Point): Uint8Array {
  const bytes = bytesOf(y);
  if (x & 1n) bytes[31] = (bytes[31] ?? 0) | 0x80;
  return bytes;
}

function bytesOf(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, "0")).reverse();
}

function integerOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.slice().reverse())}`);
}

export interface OddSignature {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * A signature that holds by the equation with the cofactor: points of small order are added to the public key and to the
 * nonce's point. Without the cofactor it holds if the two cancel out.
 */
export function oddSignature(message: Uint8Array, ofKey: number, ofNonce: number): OddSignature {
  const [secret, nonce] = [123_456_789n, 987_654_321n];
  const publicKey = encode(add(times(base, secret), times(small, BigInt(ofKey))));
  const point = encode(add(times(base, nonce), times(small, BigInt(ofNonce))));
  const hash =
    integerOf(
      new Uint8Array(
        createHash("sha512")
          .update(concat([point, publicKey, message]))
          .digest(),
      ),
    ) % order;
  return { publicKey, message, signature: concat([point, bytesOf((nonce + hash * secret) % order)]) };
}

/** The equation with the cofactor. */
export function holdsWithCofactor({ publicKey, message, signature }: OddSignature): boolean {
  const [encoded, scalar] = [signature.subarray(0, 32), integerOf(signature.subarray(32))];
  const hash =
    integerOf(
      new Uint8Array(
        createHash("sha512")
          .update(concat([encoded, publicKey, message]))
          .digest(),
      ),
    ) % order;
  const right = add(decode(encoded), times(decode(publicKey), hash));
  const [a, b] = [times(times(base, scalar), 8n), times(right, 8n)];
  return a.x === b.x && a.y === b.y;
}

function decode(bytes: Uint8Array): Point {
  const y = bytes.slice();
  y[31] = (y[31] ?? 0) & 0x7f;
  return pointOf(integerOf(y), ((bytes[31] ?? 0) & 0x80) !== 0);
}

/** Encodings of points of small order, and second forms of points, that hold signatures where nobody looks. */
export function improperKeys(): readonly Uint8Array[] {
  const keys = Array.from({ length: 8 }, (_, count) => encode(times(small, BigInt(count))));
  for (let y = 0n; y < 19n; y++) keys.push(bytesOf(prime + y));
  return [...keys, ...keys.map((key) => key.map((byte, at) => (at === 31 ? byte ^ 0x80 : byte)))];
}

/** A signature that holds under the neutral point, whatever is signed. */
export function signatureOfNobody(): Uint8Array {
  return concat([encode(times(base, 5n)), bytesOf(5n)]);
}
