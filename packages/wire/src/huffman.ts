// Canonical Huffman codes of RFC 1951, section 3.2.2, as strict about incomplete sets as zlib is. [WIRE-016]
import { damaged } from "./inflate-errors.js";

/** Bits that are looked up at once; longer codes are rare and read bit by bit. */
export const fastBits = 9;

/** A decoding table. */
export interface HuffmanCode {
  /** By the next {@link fastBits} bits: symbol << 4 | length, or 0 for a longer code or none. */
  readonly fast: Uint16Array;
  /** Number of codes by length. */
  readonly counts: Uint16Array;
  /** Symbols in the order of their codes. */
  readonly symbols: Uint16Array;
}

/**
 * Makes the table for symbols 0, 1, … with these code lengths (0: unused).
 *
 * @param isLenient whether a set of a single one-bit code is accepted, as it is for literals and distances
 * @throws WireError `bad-compression` for sets that are over-subscribed or incomplete.
 */
export function huffmanCode(lengths: Uint8Array, isLenient: boolean): HuffmanCode {
  const counts = new Uint16Array(16);
  for (const length of lengths) count(counts, length);
  const unused = counts[0] as number;
  counts[0] = 0;
  checkComplete(counts, lengths.length - unused, isLenient);

  const codes = new Uint16Array(16);
  const offsets = new Uint16Array(16);
  for (let length = 1; length < 16; length++) {
    codes[length] = ((codes[length - 1] as number) + (counts[length - 1] as number)) << 1;
    offsets[length] = (offsets[length - 1] as number) + (counts[length - 1] as number);
  }
  const symbols = new Uint16Array(lengths.length);
  const fast = new Uint16Array(1 << fastBits);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] as number;
    if (length === 0) continue;
    symbols[count(offsets, length)] = symbol;
    const code = count(codes, length);
    if (length > fastBits) continue;
    for (let index = reversed(code, length); index < fast.length; index += 1 << length) {
      fast[index] = (symbol << 4) | length;
    }
  }
  return { fast, counts, symbols };
}

/** Increments and returns the old value. */
function count(table: Uint16Array, index: number): number {
  const old = table[index] as number;
  table[index] = old + 1;
  return old;
}

function checkComplete(counts: Uint16Array, used: number, isLenient: boolean): void {
  let left = 1;
  for (let length = 1; length < 16; length++) {
    left = (left << 1) - (counts[length] as number);
    if (left < 0) throw damaged("an over-subscribed Huffman code");
  }
  // zlib takes a set without any code, and fails when it is used.
  if (left === 0 || used === 0 || (isLenient && used === 1 && counts[1] === 1)) return;
  throw damaged("an incomplete Huffman code");
}

function reversed(code: number, length: number): number {
  let result = 0;
  for (let bit = 0; bit < length; bit++) result |= ((code >> bit) & 1) << (length - 1 - bit);
  return result;
}
