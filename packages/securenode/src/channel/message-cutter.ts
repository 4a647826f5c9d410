// A stream of bytes cut into messages that have their length in front, in 16 bits [SEC-035] [SEC-040].

const headerBytes = 2;

/** From so many pieces on they are joined: a peer that sends byte by byte must not make lists grow. */
const maxPieces = 32;

/** Holds less than one message besides what one chunk brings. */
export class MessageCutter {
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Bytes that no message has taken yet. */
  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#pieces.push(chunk);
    this.#bytes += chunk.length;
    if (this.#pieces.length > maxPieces) this.#pieces = [this.#copy(this.#bytes)];
  }

  /** The length of the next message, known before it is all there. */
  get nextLength(): number | undefined {
    if (this.#bytes < headerBytes) return undefined;
    return this.#byteAt(0) * 256 + this.#byteAt(1);
  }

  /** The next message in the pieces it came in, if it is all there. */
  next(): Uint8Array[] | undefined {
    const length = this.nextLength;
    if (length === undefined || this.#bytes < headerBytes + length) return undefined;
    this.#take(headerBytes);
    return this.#take(length);
  }

  #take(length: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let left = length;
    while (left > 0) {
      const piece = this.#pieces[0];
      if (piece === undefined) break;
      if (piece.length <= left) {
        taken.push(piece);
        this.#pieces.shift();
        left -= piece.length;
      } else {
        taken.push(piece.subarray(0, left));
        this.#pieces[0] = piece.subarray(left);
        left = 0;
      }
    }
    this.#bytes -= length;
    return taken;
  }

  #copy(length: number): Uint8Array {
    const copy = new Uint8Array(length);
    let offset = 0;
    for (const piece of this.#pieces) {
      copy.set(piece, offset);
      offset += piece.length;
    }
    return copy;
  }

  #byteAt(index: number): number {
    for (const piece of this.#pieces) {
      if (index < piece.length) return piece[index] ?? 0;
      index -= piece.length;
    }
    return 0;
  }
}
