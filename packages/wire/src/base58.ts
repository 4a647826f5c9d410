// Base58 of an integer, as the 0.7 nodes write it: no padding for leading zeros, zero is "1". [WIRE-051]
import { WireError } from "./errors.js";

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const digitOf = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 58; digit++) digitOf[alphabet.charCodeAt(digit)] = digit;

/** Base58 with the Bitcoin alphabet over big-endian integers. Section 6 of spec/wire.md. */
export const base58 = {
  /** The text of the integer that the bytes are. Leading zero bytes leave no trace. */
  encode(bytes: Uint8Array): string {
    const digits: number[] = [0];
    for (const byte of bytes) {
      let carry = byte;
      for (let index = 0; index < digits.length; index++) {
        carry += (digits[index] as number) << 8;
        digits[index] = carry % 58;
        carry = (carry / 58) | 0;
      }
      while (carry > 0) {
        digits.push(carry % 58);
        carry = (carry / 58) | 0;
      }
    }
    // In one piece: a text put together by += is kept as a tree, 32 bytes a character, and ids are kept for long.
    return String.fromCharCode(...digits.reverse().map((digit) => alphabet.charCodeAt(digit)));
  },

  /**
   * The integer as `byteLength` big-endian bytes.
   *
   * @throws {@link WireError} `bad-base58` for other characters, padding, an empty text or an integer that does not fit.
   */
  decode(text: string, byteLength: number): Uint8Array {
    if (text.length === 0 || (text.length > 1 && text[0] === "1"))
      throw new WireError("bad-base58", "not a base58 integer");
    const bytes = new Uint8Array(byteLength);
    // 58^1.365 > 256: a longer text cannot fit, and need not be looked at.
    if (text.length > byteLength * 1.37 + 1) throw tooLong(byteLength);
    for (let at = 0; at < text.length; at++) {
      let carry = digitOf[text.charCodeAt(at)] ?? -1;
      if (carry < 0) throw new WireError("bad-base58", `"${text[at]}" is not a base58 character`);
      for (let index = byteLength - 1; index >= 0; index--) {
        carry += (bytes[index] as number) * 58;
        bytes[index] = carry;
        carry >>= 8;
      }
      if (carry > 0) throw tooLong(byteLength);
    }
    return bytes;
  },
} as const;

function tooLong(byteLength: number): WireError {
  return new WireError("bad-base58", `the integer does not fit ${byteLength} bytes`);
}
