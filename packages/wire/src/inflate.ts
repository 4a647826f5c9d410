/**
 * Inflates deflate streams (RFC 1951) with a cap on the output, for runtimes without a native zlib. [WIRE-014, WIRE-016]
 *
 * Not fflate's: that one takes streams that zlib refuses, ignores what follows a stream, checks no checksum, and its
 * output cannot be capped within one push. This one accepts exactly what zlib accepts and tells where the stream ended.
 */
import { fastBits, type HuffmanCode, huffmanCode } from "./huffman.js";
import { damaged, overCap } from "./inflate-errors.js";

// biome-ignore format: a table
const lengthExtra = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0);
// biome-ignore format: a table
const distanceExtra = Uint8Array.of(
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
);
/** The last one is of its own: no bits follow it. */
const lengthBase = basesOf(3, lengthExtra).fill(258, 28);
const distanceBase = basesOf(1, distanceExtra);
// biome-ignore format: a table
const lengthOrder = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);
const endOfBlock = 256;

interface Codes {
  readonly literals: HuffmanCode;
  readonly distances: HuffmanCode;
}

let fixed: Codes | undefined;

/** What came out, and how many bytes of the input the stream took. */
export interface Inflated {
  readonly output: Uint8Array;
  readonly used: number;
}

/**
 * Inflates one raw deflate stream at the start of `bytes`.
 *
 * @throws WireError `bad-compression` for damaged or cut streams, `inflate-too-large` as soon as `cap` bytes are passed.
 */
export function inflateRaw(bytes: Uint8Array, cap: number): Inflated {
  return new Inflater(bytes, cap).run();
}

class Inflater {
  readonly #bytes: Uint8Array;
  readonly #cap: number;
  #position = 0;
  /** Bits that were taken from the input and not used, the next one lowest. */
  #hold = 0;
  #bits = 0;
  #output: Uint8Array;
  #size = 0;

  constructor(bytes: Uint8Array, cap: number) {
    this.#bytes = bytes;
    this.#cap = cap;
    this.#output = new Uint8Array(Math.min(cap, bytes.length * 4 + 64));
  }

  run(): Inflated {
    for (let isLast = false; !isLast; ) {
      isLast = this.#take(1) === 1;
      switch (this.#take(2)) {
        case 0:
          this.#stored();
          break;
        case 1:
          fixed ??= fixedCodes();
          this.#block(fixed);
          break;
        case 2:
          this.#block(this.#dynamicCodes());
          break;
        default:
          throw damaged("a deflate block of an unknown type");
      }
    }
    // Whole bytes in the hold were not needed.
    return { output: this.#output.subarray(0, this.#size), used: this.#position - (this.#bits >> 3) };
  }

  #stored(): void {
    this.#position -= this.#bits >> 3;
    this.#hold = 0;
    this.#bits = 0;
    const length = this.#take(16);
    if (this.#take(16) !== (length ^ 0xffff)) throw damaged("a stored block with a wrong length");
    if (length > this.#bytes.length - this.#position) throw cut();
    this.#room(length);
    this.#output.set(this.#bytes.subarray(this.#position, this.#position + length), this.#size);
    this.#size += length;
    this.#position += length;
  }

  #dynamicCodes(): Codes {
    const literals = this.#take(5) + 257;
    const distances = this.#take(5) + 1;
    const orders = this.#take(4) + 4;
    if (literals > 286 || distances > 30) throw damaged("too many codes in a block");
    const orderLengths = new Uint8Array(19);
    for (let index = 0; index < orders; index++) orderLengths[lengthOrder[index] as number] = this.#take(3);
    const lengths = this.#codeLengths(huffmanCode(orderLengths, false), literals + distances);
    if (lengths[endOfBlock] === 0) throw damaged("a block without an end");
    return {
      literals: huffmanCode(lengths.subarray(0, literals), true),
      distances: huffmanCode(lengths.subarray(literals), true),
    };
  }

  #codeLengths(code: HuffmanCode, total: number): Uint8Array {
    const lengths = new Uint8Array(total);
    for (let index = 0; index < total; ) {
      const symbol = this.#symbol(code);
      if (symbol < 16) {
        lengths[index++] = symbol;
        continue;
      }
      if (symbol === 16 && index === 0) throw damaged("a repeated length without a first");
      const length = symbol === 16 ? (lengths[index - 1] as number) : 0;
      const repeat = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      if (index + repeat > total) throw damaged("more code lengths than codes");
      lengths.fill(length, index, index + repeat);
      index += repeat;
    }
    return lengths;
  }

  #block({ literals, distances }: Codes): void {
    for (;;) {
      const symbol = this.#symbol(literals);
      if (symbol < endOfBlock) {
        if (this.#size === this.#output.length) this.#room(1);
        this.#output[this.#size++] = symbol;
      } else if (symbol === endOfBlock) {
        return;
      } else {
        this.#copy(symbol - endOfBlock - 1, distances);
      }
    }
  }

  #copy(lengthSymbol: number, distances: HuffmanCode): void {
    if (lengthSymbol >= lengthBase.length) throw damaged("an unknown length");
    // In range: checked here and below.
    const length = (lengthBase[lengthSymbol] as number) + this.#take(lengthExtra[lengthSymbol] as number);
    const symbol = this.#symbol(distances);
    if (symbol >= distanceBase.length) throw damaged("an unknown distance");
    const distance = (distanceBase[symbol] as number) + this.#take(distanceExtra[symbol] as number);
    if (distance > this.#size) throw damaged("a distance before the start");
    this.#room(length);
    const output = this.#output;
    const end = this.#size + length;
    if (distance >= length) {
      output.copyWithin(this.#size, this.#size - distance, this.#size - distance + length);
    } else {
      for (let at = this.#size; at < end; at++) output[at] = output[at - distance] as number;
    }
    this.#size = end;
  }

  /** Makes room for `count` more bytes: doubles, never past the cap. */
  #room(count: number): void {
    const needed = this.#size + count;
    if (needed > this.#cap) throw overCap(this.#cap);
    if (needed <= this.#output.length) return;
    const grown = new Uint8Array(Math.min(this.#cap, Math.max(needed, 2 * this.#output.length)));
    grown.set(this.#output.subarray(0, this.#size));
    this.#output = grown;
  }

  /** Fills the hold as far as input and 32 bits go. */
  #refill(): void {
    while (this.#bits <= 24 && this.#position < this.#bytes.length) {
      this.#hold |= (this.#bytes[this.#position++] as number) << this.#bits;
      this.#bits += 8;
    }
  }

  #take(count: number): number {
    if (this.#bits < count) {
      this.#refill();
      if (this.#bits < count) throw cut();
    }
    const value = this.#hold & ((1 << count) - 1);
    this.#hold >>>= count;
    this.#bits -= count;
    return value;
  }

  #symbol(code: HuffmanCode): number {
    if (this.#bits < 15) this.#refill();
    const entry = code.fast[this.#hold & ((1 << fastBits) - 1)] as number;
    if (entry === 0) return this.#slowSymbol(code);
    const length = entry & 15;
    if (length > this.#bits) throw cut();
    this.#hold >>>= length;
    this.#bits -= length;
    return entry >> 4;
  }

  /** Bit by bit, as in zlib's contributed `puff`. */
  #slowSymbol({ counts, symbols }: HuffmanCode): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length < 16; length++) {
      code |= this.#take(1);
      const count = counts[length] as number;
      if (code - count < first) return symbols[index + code - first] as number;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw damaged("bits that are no code");
  }
}

function fixedCodes(): Codes {
  const literals = new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280);
  return { literals: huffmanCode(literals, false), distances: huffmanCode(new Uint8Array(32).fill(5), false) };
}

/** The lowest number of each symbol, which has as many numbers as the bits that follow it tell apart. */
function basesOf(first: number, extra: Uint8Array): Uint16Array {
  const bases = new Uint16Array(extra.length);
  for (let symbol = 0, base = first; symbol < extra.length; symbol++) {
    bases[symbol] = base;
    base += 1 << (extra[symbol] as number);
  }
  return bases;
}

function cut(): Error {
  return damaged("the compressed stream is cut");
}
