// Bits in the order of RFC 1951, section 3.1.1: the first one is the lowest of its byte. [WIRE-012]

/** Writes bits into a piece of memory that has room for them. */
export class BitWriter {
  readonly #bytes: Uint8Array;
  #position = 0;
  /** Bits that fill no byte yet, the first one lowest. */
  #hold = 0;
  #bits = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @param count at most 16 */
  write(value: number, count: number): void {
    this.#hold |= value << this.#bits;
    this.#bits += count;
    while (this.#bits >= 8) this.#byte();
  }

  /** Ends the last byte, and returns all. */
  end(): Uint8Array {
    if (this.#bits > 0) this.#byte();
    return this.#bytes.subarray(0, this.#position);
  }

  #byte(): void {
    this.#bytes[this.#position++] = this.#hold;
    this.#hold >>>= 8;
    this.#bits -= 8;
  }
}
