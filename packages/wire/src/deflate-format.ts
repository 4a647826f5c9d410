// What deflate streams are made of, for writer and reader: RFC 1951, sections 3.2.5 to 3.2.7. [WIRE-012, WIRE-016]

/** The symbol that ends a block; those above are lengths. */
export const endOfBlock = 256;
/** The longest match, which has a symbol of its own. */
export const longestMatch = 258;
/** The order in which the lengths of the codes of code lengths are written. */
export const lengthOrder: readonly number[] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/**
 * The symbol of a number: the number of its bits and its `topBits` bits after the highest, the rest being written after it.
 * A length less 3 has two top bits, a distance less 1 has one.
 */
export function symbolOf(number: number, topBits: number): number {
  const rest = 31 - Math.clz32(number) - topBits;
  return rest <= 0 ? number : (rest << topBits) + (number >> rest);
}

/** Bits that follow a symbol. */
export function extraBits(symbol: number, topBits: number): number {
  return Math.max((symbol >> topBits) - 1, 0);
}

/** The first number that has the symbol: what the bits after it are added to. */
export function firstOf(symbol: number, topBits: number): number {
  const rest = extraBits(symbol, topBits);
  return rest === 0 ? symbol : (symbol - (rest << topBits)) << rest;
}
