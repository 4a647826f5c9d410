// A block of a deflate stream: literals and matches under the cheaper of fixed codes and codes of its own. [WIRE-012]
import type { BitWriter } from "./bit-writer.js";
import { codeLengths } from "./code-lengths.js";
import { endOfBlock, extraBits, firstOf, lengthOrder, longestMatch, symbolOf } from "./deflate-format.js";
import { countsOf, fixedLengths, reversedCodes } from "./huffman.js";

/** Literals and matches of one block, at most. */
const capacity = 1 << 14;

interface Codes {
  readonly literals: Uint8Array;
  readonly distances: Uint8Array;
}

/** Gathers what a block has, and writes it. Can be used for one block after the other. */
export class DeflateBlock {
  /** A literal as its byte; a match as its length << 16 | its distance. */
  readonly #tokens: Uint32Array;
  readonly #literals = new Uint32Array(286);
  readonly #distances = new Uint32Array(30);
  #size = 0;

  /** @param inputBytes as much as will be gathered */
  constructor(inputBytes: number) {
    this.#tokens = new Uint32Array(Math.min(inputBytes, capacity));
  }

  get isFull(): boolean {
    return this.#size === this.#tokens.length;
  }

  literal(byte: number): void {
    this.#tokens[this.#size++] = byte;
    count(this.#literals, byte);
  }

  /** @param length from 3 to 258 @param distance from 1 to 32,768 */
  match(length: number, distance: number): void {
    this.#tokens[this.#size++] = (length << 16) | distance;
    count(this.#literals, lengthSymbol(length));
    count(this.#distances, symbolOf(distance - 1, 1));
  }

  /** Writes the block, and begins another one. */
  write(writer: BitWriter, isLast: boolean): void {
    count(this.#literals, endOfBlock);
    const fixed = fixedLengths();
    const own = { literals: codeLengths(this.#literals, 15), distances: codeLengths(this.#distances, 15) };
    const table = new LengthTable(own);
    const isFixed = this.#cost(fixed) <= this.#cost(own) + table.cost;
    writer.write(Number(isLast), 1);
    writer.write(isFixed ? 1 : 2, 2);
    if (!isFixed) table.write(writer);
    this.#writeTokens(writer, isFixed ? fixed : own);
    this.#size = 0;
    this.#literals.fill(0);
    this.#distances.fill(0);
  }

  /** Bits that the codes take: those after a symbol are the same for all codes. */
  #cost({ literals, distances }: Codes): number {
    return cost(this.#literals, literals) + cost(this.#distances, distances);
  }

  #writeTokens(writer: BitWriter, { literals, distances }: Codes): void {
    const literalCodes = reversedCodes(literals, countsOf(literals));
    const distanceCodes = reversedCodes(distances, countsOf(distances));
    const symbol = (codes: Uint16Array, lengths: Uint8Array, index: number) =>
      writer.write(codes[index] as number, lengths[index] as number);
    for (let at = 0; at < this.#size; at++) {
      const token = this.#tokens[at] as number;
      if (token < endOfBlock) {
        symbol(literalCodes, literals, token);
        continue;
      }
      const length = token >> 16;
      const inLength = lengthSymbol(length);
      symbol(literalCodes, literals, inLength);
      if (length < longestMatch) rest(writer, length - 3, inLength - endOfBlock - 1, 2);
      const distance = (token & 0xffff) - 1;
      const inDistance = symbolOf(distance, 1);
      symbol(distanceCodes, distances, inDistance);
      rest(writer, distance, inDistance, 1);
    }
    symbol(literalCodes, literals, endOfBlock);
  }
}

/** The lengths of a block's own codes, as they stand before it. RFC 1951, section 3.2.7. */
class LengthTable {
  readonly #literals: number;
  readonly #distances: number;
  /** A symbol, and above its five bits those that follow it. */
  readonly #runs: number[] = [];
  readonly #lengths: Uint8Array;
  readonly #orders: number;
  /** Bits that it takes. */
  readonly cost: number;

  constructor({ literals, distances }: Codes) {
    this.#literals = usedOf(literals, 257);
    this.#distances = usedOf(distances, 1);
    this.#gather([...literals.subarray(0, this.#literals), ...distances.subarray(0, this.#distances)]);
    const frequencies = new Uint32Array(19);
    for (const run of this.#runs) count(frequencies, run & 31);
    this.#lengths = codeLengths(frequencies, 7);
    let orders = lengthOrder.length;
    while (this.#lengths[lengthOrder[orders - 1] as number] === 0) orders--;
    this.#orders = orders;
    let bits = 14 + 3 * orders + cost(frequencies, this.#lengths);
    for (const run of this.#runs) bits += bitsAfter(run & 31);
    this.cost = bits;
  }

  write(writer: BitWriter): void {
    writer.write(this.#literals - 257, 5);
    writer.write(this.#distances - 1, 5);
    writer.write(this.#orders - 4, 4);
    for (const order of lengthOrder.slice(0, this.#orders)) writer.write(this.#lengths[order] as number, 3);
    const codes = reversedCodes(this.#lengths, countsOf(this.#lengths));
    for (const run of this.#runs) {
      const symbol = run & 31;
      writer.write(codes[symbol] as number, this.#lengths[symbol] as number);
      writer.write(run >> 5, bitsAfter(symbol));
    }
  }

  #gather(lengths: readonly number[]): void {
    for (let at = 0; at < lengths.length; ) {
      const length = lengths[at] as number;
      let end = at + 1;
      while (lengths[end] === length) end++;
      if (length > 0) {
        this.#runs.push(length);
        at++;
      }
      for (; at < end; ) {
        const run = Math.min(end - at, length > 0 ? 6 : 138);
        if (run < 3) this.#runs.push(length);
        else if (length > 0) this.#runs.push(16 | ((run - 3) << 5));
        else this.#runs.push(run < 11 ? 17 | ((run - 3) << 5) : 18 | ((run - 11) << 5));
        at += run < 3 ? 1 : run;
      }
    }
  }
}

/** How many lengths are written, `least` or more: those after the last one that is used are left out. */
function usedOf(lengths: Uint8Array, least: number): number {
  let used = lengths.length;
  while (used > least && lengths[used - 1] === 0) used--;
  return used;
}

/** Bits that follow a symbol of the table. */
function bitsAfter(symbol: number): number {
  return symbol < 16 ? 0 : symbol === 18 ? 7 : symbol - 14;
}

function lengthSymbol(length: number): number {
  return endOfBlock + 1 + (length === longestMatch ? 28 : symbolOf(length - 3, 2));
}

function rest(writer: BitWriter, number: number, symbol: number, topBits: number): void {
  writer.write(number - firstOf(symbol, topBits), extraBits(symbol, topBits));
}

function cost(frequencies: Uint32Array, lengths: Uint8Array): number {
  let bits = 0;
  for (let symbol = 0; symbol < frequencies.length; symbol++) {
    bits += (frequencies[symbol] as number) * (lengths[symbol] as number);
  }
  return bits;
}

function count(frequencies: Uint32Array, symbol: number): void {
  frequencies[symbol] = (frequencies[symbol] as number) + 1;
}
