// Cuts a stream of bytes into pieces that each have a 4-byte header, in any chunking and in linear time. [WIRE-005 to WIRE-008]
import { WireError } from "./errors.js";
import { type Frame, headerBytes } from "./frame.js";

const nothing = new Uint8Array(0);
const leastBuffer = 64;

class FrameView implements Frame {
  readonly codec: number;
  readonly #chunk: Uint8Array;
  readonly #start: number;
  readonly #end: number;

  constructor(codec: number, chunk: Uint8Array, start: number, end: number) {
    this.codec = codec;
    this.#chunk = chunk;
    this.#start = start;
    this.#end = end;
  }

  get bytes(): Uint8Array {
    return view(this.#chunk, this.#start, this.#end);
  }

  get payload(): Uint8Array {
    return view(this.#chunk, this.#start + headerBytes, this.#end);
  }
}

function view(chunk: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset + start, end - start);
}

/** How a profile reads its header word. */
export interface HeaderRule {
  /**
   * The length of the body behind the header at `at`; four bytes are there.
   *
   * @throws WireError for headers that end the stream.
   */
  bodyBytes(bytes: Uint8Array, at: number): number;
  codec(bytes: Uint8Array, at: number): number;
}

/**
 * A push parser: `ready` until it throws or is stopped.
 *
 * A frame that lies in one chunk is passed on as views of it. One that is cut is gathered in a buffer that grows with what
 * was received (twice at most), whatever its header announces.
 */
export class FrameCutter {
  readonly #rule: HeaderRule;
  #buffer: Uint8Array = nothing;
  #length = 0;
  #state: "ready" | "pushing" | "stopped" | "failed" = "ready";

  constructor(rule: HeaderRule) {
    this.#rule = rule;
  }

  /** Bytes of an unfinished frame that are held. */
  get bufferedBytes(): number {
    return this.#length;
  }

  /** Ends decoding: the rest of the present chunk and all later ones are ignored. */
  stop(): void {
    this.#state = "stopped";
    this.#buffer = nothing;
    this.#length = 0;
  }

  /**
   * Takes the next bytes and calls `sink` for each frame that they complete.
   *
   * @throws WireError of the rule; `decoder-stopped` ever after, also after an error of the sink, or when the sink pushes.
   */
  push(chunk: Uint8Array, sink: (frame: Frame) => void): void {
    if (this.#state !== "ready") {
      if (this.#state === "stopped") return;
      this.#state = "failed";
      throw new WireError("decoder-stopped", "the decoder takes no bytes after an error");
    }
    this.#state = "pushing";
    let position = this.#length > 0 ? this.#resume(chunk, sink) : 0;
    const end = chunk.length;
    while (this.#state === "pushing" && end - position >= headerBytes) {
      const next = position + headerBytes + this.#bodyBytes(chunk, position);
      if (next > end) break;
      const start = position;
      position = next;
      sink(new FrameView(this.#rule.codec(chunk, start), chunk, start, next));
    }
    if (!this.#isPushing()) return;
    if (position < end) this.#begin(chunk, position, end);
    this.#state = "ready";
  }

  /** Completes the held frame if the chunk does; returns how much of the chunk was used. */
  #resume(chunk: Uint8Array, sink: (frame: Frame) => void): number {
    let used = 0;
    if (this.#length < headerBytes) {
      used = Math.min(headerBytes - this.#length, chunk.length);
      this.#hold(chunk, 0, used);
      if (this.#length < headerBytes) return used;
    }
    const total = headerBytes + this.#bodyBytes(this.#buffer, 0);
    const taken = Math.min(total - this.#length, chunk.length - used);
    this.#hold(chunk, used, used + taken, total);
    if (this.#length === total) {
      const frame = new FrameView(this.#rule.codec(this.#buffer, 0), this.#buffer, 0, total);
      this.#buffer = nothing;
      this.#length = 0;
      sink(frame);
    }
    return used + taken;
  }

  #bodyBytes(bytes: Uint8Array, at: number): number {
    try {
      return this.#rule.bodyBytes(bytes, at);
    } catch (error) {
      this.stop();
      this.#state = "failed";
      throw error;
    }
  }

  /**
   * Keeps the start of a frame: as a view where that is most of the memory of the chunk, so that a large frame is copied
   * once, when its rest has come. What is held is at most twice what is needed either way.
   */
  #begin(chunk: Uint8Array, start: number, end: number): void {
    if (this.#length === 0 && 2 * (end - start) >= chunk.buffer.byteLength) {
      // It has no room behind it: whatever is added goes into a buffer of its own.
      this.#buffer = chunk.subarray(start, end);
      this.#length = end - start;
    } else {
      this.#hold(chunk, start, end);
    }
  }

  #hold(chunk: Uint8Array, start: number, end: number, total: number = Number.POSITIVE_INFINITY): void {
    const length = this.#length + end - start;
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.min(total, Math.max(length, 2 * this.#length, leastBuffer)));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(chunk.subarray(start, end), this.#length);
    this.#length = length;
  }

  /** Apart, because the compiler does not see that a sink may stop the cutter or push. */
  #isPushing(): boolean {
    return this.#state === "pushing";
  }
}
