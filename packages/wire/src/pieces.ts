// Bytes that come in pieces and are wanted in one: large pieces are kept as they are until then, and copied once. [WIRE-006,
// WIRE-007]

const nothing = new Uint8Array(0);
const leastBuffer = 64;
/** Shorter pieces are copied: what is kept of each costs more than its bytes. */
const leastView = 4_096;

/** What is held is at most twice what was added, plus a constant. */
export class Pieces {
  readonly #views: Uint8Array[] = [];
  /** What came after them, in memory that grows. */
  #tail: Uint8Array = nothing;
  #tailLength = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The first bytes: as many as were added first, at least. */
  get head(): Uint8Array {
    return this.#views[0] ?? this.#tail;
  }

  /** Adds a part of a chunk, which must not change afterwards. @param total no more than this is added in all */
  add(chunk: Uint8Array, start: number, end: number, total: number = Number.POSITIVE_INFINITY): void {
    const size = end - start;
    // The last one is copied when all are: a frame of two chunks is copied once.
    const isLast = this.#length > 0 && this.#length + size === total && this.#tail.length < total;
    if (isLast || (size >= leastView && 2 * size >= chunk.buffer.byteLength)) {
      this.#seal();
      this.#views.push(chunk.subarray(start, end));
    } else {
      this.#append(chunk, start, end, total - this.#length);
    }
    this.#length += size;
  }

  /** All that was added, as one. */
  whole(): Uint8Array {
    const views = this.#views;
    if (views.length > 0) this.#seal();
    if (views.length < 2) return views[0] ?? this.#tail.subarray(0, this.#length);
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const view of views) {
      all.set(view, at);
      at += view.length;
    }
    return all;
  }

  /** @param most bytes that may be added still, these among them */
  #append(chunk: Uint8Array, start: number, end: number, most: number): void {
    const before = this.#tailLength;
    const length = before + end - start;
    if (length > this.#tail.length) {
      const grown = new Uint8Array(Math.min(before + most, Math.max(length, 2 * before, leastBuffer)));
      grown.set(this.#tail.subarray(0, before));
      this.#tail = grown;
    }
    this.#tail.set(chunk.subarray(start, end), before);
    this.#tailLength = length;
  }

  /** The tail becomes one of the views. */
  #seal(): void {
    if (this.#tailLength === 0) return;
    this.#views.push(this.#tail.subarray(0, this.#tailLength));
    this.#tail = nothing;
    this.#tailLength = 0;
  }
}
