// Base58 of an integer, as the 0.7 nodes write it: no padding for leading zeros, zero is "1". [WIRE-051, WIRE-053]
import { WireError } from "./errors.js";

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const digitOf = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 58; digit++) digitOf[alphabet.charCodeAt(digit)] = digit;

/** Digits handled at once: 58^5 times 2^16, and 58^4 times 2^24, are exact in a float. */
const encodeDigits = 5;
const encodeBase = 58 ** encodeDigits;
const decodeDigits = 4;
const limbBytes = 3;
const limbBase = 2 ** 24;

/** Base58 with the Bitcoin alphabet over big-endian integers. Section 6 of spec/wire.md. */
export const base58 = {
  /** The text of the integer that the bytes are. Leading zero bytes leave no trace. Meant for ids: the time is quadratic. */
  encode(bytes: Uint8Array): string {
    // The integer in base 58^5, lowest limb first; two bytes go in at a time, one at first if their number is odd.
    const limbs: number[] = [];
    let carry = 0;
    for (let at = -(bytes.length % 2); at < bytes.length; at += 2) {
      carry = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] as number);
      for (let index = 0; index < limbs.length; index++) {
        carry += (limbs[index] as number) * 65_536;
        const high = Math.floor(carry / encodeBase);
        limbs[index] = carry - high * encodeBase;
        carry = high;
      }
      if (carry > 0) limbs.push(carry);
    }
    const codes: number[] = [];
    for (let index = limbs.length - 1; index >= 0; index--) pushDigits(codes, limbs[index] as number);
    // In one piece: a text put together by += is kept as a tree, 32 bytes a character, and ids are kept for long.
    return codes.length === 0 ? "1" : String.fromCharCode(...codes);
  },

  /**
   * The integer as `byteLength` big-endian bytes.
   *
   * @throws {@link WireError} `bad-base58` for other characters, padding, an empty text or an integer that does not fit.
   */
  decode(text: string, byteLength: number): Uint8Array {
    if (text.length === 0 || (text.length > 1 && text[0] === "1"))
      throw new WireError("bad-base58", "not a base58 integer");
    // 58^1.365 > 256: a longer text cannot fit, and need not be looked at.
    if (text.length > byteLength * 1.37 + 1) throw tooLong(byteLength);
    // The integer in base 2^24, lowest limb first; four digits go in at a time, fewer at first.
    const limbs = new Array<number>(Math.ceil(byteLength / limbBytes)).fill(0);
    for (let at = 0; at < text.length; ) {
      const end = at + ((text.length - at) % decodeDigits || decodeDigits);
      let carry = 0;
      let scale = 1;
      for (; at < end; at++) {
        const digit = digitOf[text.charCodeAt(at)] ?? -1;
        if (digit < 0) throw new WireError("bad-base58", `"${text[at]}" is not a base58 character`);
        carry = carry * 58 + digit;
        scale *= 58;
      }
      for (let index = 0; index < limbs.length; index++) {
        carry += (limbs[index] as number) * scale;
        const high = Math.floor(carry / limbBase);
        limbs[index] = carry - high * limbBase;
        carry = high;
      }
      if (carry > 0) throw tooLong(byteLength);
    }
    return limbsToBytes(limbs, byteLength);
  },
} as const;

/** Five digits of a limb, without leading zeros where no digit is before them. */
function pushDigits(codes: number[], limb: number): void {
  let divisor = encodeBase / 58;
  let rest = limb;
  for (let left = encodeDigits; left > 0; left--) {
    const digit = Math.floor(rest / divisor);
    rest -= digit * divisor;
    divisor /= 58;
    if (digit > 0 || codes.length > 0) codes.push(alphabet.charCodeAt(digit));
  }
}

/** @throws {@link WireError} when the highest limb has more than the bytes that are left for it. */
function limbsToBytes(limbs: readonly number[], byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let at = byteLength;
  for (const limb of limbs) {
    for (let shift = 0; shift < 8 * limbBytes; shift += 8) {
      const byte = (limb >> shift) & 0xff;
      if (at > 0) bytes[--at] = byte;
      else if (byte > 0) throw tooLong(byteLength);
    }
  }
  return bytes;
}

function tooLong(byteLength: number): WireError {
  return new WireError("bad-base58", `the integer does not fit ${byteLength} bytes`);
}
