// Memory for encoders: slabs that are filled piece by piece and never overwritten. [WIRE-028]
import { WireError } from "./errors.js";
import type { WireLimits } from "./limits.js";

/** Size of the first slab: those that follow double up to the size that was asked for. */
const firstSlabBytes = 1_024;
const noBytes = new Uint8Array(0);

/**
 * A slab and the piece that is being written at its end. A piece that was cut off by {@link take} stays valid for ever;
 * consecutive pieces are adjacent in one `ArrayBuffer` while the slab lasts.
 */
export class Slab {
  bytes: Uint8Array;
  position = 0;
  protected readonly limits: WireLimits;
  readonly #slabBytes: number;
  #nextSlabBytes: number;
  /** The slab at the last {@link rest}. */
  #rested: Uint8Array = noBytes;
  #start = 0;
  #isOpen = false;
  #highest: number;
  #parked: Uint8Array | undefined;
  #parkedPosition = 0;

  constructor(limits: WireLimits, slabBytes: number) {
    this.limits = limits;
    this.#slabBytes = slabBytes;
    this.#nextSlabBytes = Math.min(firstSlabBytes, slabBytes);
    this.#highest = limits.maxFrameBytes;
    this.bytes = noBytes;
  }

  /** Starts a piece and leaves `reserved` bytes free at its start; these do not count against `maxFrameBytes`. */
  begin(reserved: number): void {
    // Only a getter of a value that is being written can get here.
    if (this.#isOpen) throw new WireError("bad-value", "a value may not encode while it is encoded");
    this.#isOpen = true;
    this.#start = this.position;
    this.#highest = this.limits.maxFrameBytes + reserved;
    this.ensure(reserved + 64);
    this.position += reserved;
  }

  /** Where the present piece starts in `bytes`. */
  get start(): number {
    return this.#start;
  }

  /** Ends the piece and returns it as a view. */
  take(): Uint8Array {
    const { bytes, position } = this;
    if (!(position - this.#start <= this.#highest)) this.tooLarge(position - this.#start);
    const piece = new Uint8Array(bytes.buffer, this.#start, position - this.#start);
    this.#unpark();
    return piece;
  }

  /** Drops the piece after an error. */
  abandon(): void {
    this.position = this.#start;
    this.#unpark();
  }

  /** To be called now and then: a slab that lasted since the last call is given up, and the next one is half as large. */
  rest(): void {
    if (this.#isOpen) return;
    const { bytes } = this;
    if (bytes !== this.#rested) {
      this.#rested = bytes;
      return;
    }
    if (bytes.length <= firstSlabBytes) return;
    this.#nextSlabBytes = bytes.length >> 1;
    this.bytes = noBytes;
    this.position = 0;
    this.#rested = noBytes;
  }

  /** Makes room for `count` more bytes, moving the piece to a larger slab if needed. */
  ensure(count: number): void {
    if (this.position + count > this.bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const used = this.position - this.#start;
    const needed = used + count;
    const old = this.bytes;
    if (needed - 64 > this.#highest * 3 + 16) this.tooLarge(needed);
    let next: Uint8Array;
    if (needed > this.#slabBytes >> 1) {
      // A piece of its own: the slab behind it goes on serving small pieces.
      next = new Uint8Array(this.#parked === undefined ? needed : Math.max(needed, 2 * used));
      if (this.#parked === undefined) {
        this.#parked = old;
        this.#parkedPosition = this.#start;
      }
    } else {
      let size = this.#nextSlabBytes;
      while (size < 2 * needed) size *= 2;
      size = Math.min(size, this.#slabBytes);
      this.#nextSlabBytes = 2 * size;
      next = new Uint8Array(size);
    }
    next.set(old.subarray(this.#start, this.position));
    this.bytes = next;
    this.#start = 0;
    this.position = used;
  }

  #unpark(): void {
    this.#isOpen = false;
    if (this.#parked === undefined) return;
    this.bytes = this.#parked;
    this.position = this.#parkedPosition;
    this.#parked = undefined;
  }

  protected tooLarge(size: number): never {
    throw new WireError(
      "frame-too-large",
      `a piece of ${size} bytes or more is over the limit of ${this.limits.maxFrameBytes} bytes`,
    );
  }
}
