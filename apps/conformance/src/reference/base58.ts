// Base58 of the big-endian integer, as the wire chapter defines it for ids.
import type { Defects } from "./defects.js";
import { noDefects } from "./defects.js";
import { bigEndian } from "./msgpack.js";
import { Refusal } from "./refusal.js";

const bitcoin = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const flickr = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";

export function toBase58(bytes: Uint8Array, defects: Defects = noDefects): string {
  const alphabet = defects.has("base58-alphabet") ? flickr : bitcoin;
  let value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = "";
  do {
    text = (alphabet[Number(value % 58n)] ?? "") + text;
    value /= 58n;
  } while (value > 0n);
  if (defects.has("base58-bitcoin")) {
    const zeros = bytes.findIndex((byte) => byte !== 0);
    return "1".repeat(zeros < 0 ? bytes.length : zeros) + (zeros < 0 ? "" : text);
  }
  return defects.has("base58-padded") ? text.padStart(Math.ceil(bytes.length * 1.3658), "1") : text;
}

export function fromBase58(text: string, byteLength: number, defects: Defects = noDefects): Uint8Array {
  const alphabet = defects.has("base58-alphabet") ? flickr : bitcoin;
  let value = 0n;
  if (text === "" && !defects.has("base58-any-text")) throw new Refusal("bad-base58");
  if (text.length > 1 && text.startsWith("1") && !defects.has("base58-leading-one")) throw new Refusal("bad-base58");
  for (const letter of text) {
    const digit = alphabet.indexOf(letter);
    if (digit < 0 && !defects.has("base58-any-text")) throw new Refusal("bad-base58");
    value = value * 58n + BigInt(Math.max(digit, 0));
  }
  const isTooLong = value >= 2n ** BigInt(byteLength * 8);
  if (isTooLong && !defects.has("base58-overflow")) throw new Refusal("bad-base58");
  const bytes = bigEndian(value, byteLength);
  return defects.has("base58-padded") && bytes[0] === 0 ? bytes.subarray(1) : bytes;
}
