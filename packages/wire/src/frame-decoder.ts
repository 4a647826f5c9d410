// Cuts a stream of bytes into frames, in any chunking and in linear time. [WIRE-001 to WIRE-019]
import { WireError } from "./errors.js";
import { type Frame, headerBytes } from "./frame.js";
import { defaultLimits, type WireLimits } from "./limits.js";
import { highestCodec } from "./registries.js";

const nothing = new Uint8Array(0);
const leastBuffer = 64;

class FrameView implements Frame {
  readonly codec: number;
  readonly #chunk: Uint8Array;
  readonly #start: number;
  readonly #end: number;

  constructor(chunk: Uint8Array, start: number, end: number) {
    this.codec = (chunk[start] as number) >> 4;
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

/**
 * A push parser: `ready` until it throws or is stopped.
 *
 * A frame that lies in one chunk is passed on as views of it. One that is cut is gathered in a buffer that grows with what
 * was received (twice at most), whatever its header announces.
 */
export class FrameDecoder {
  readonly #limits: WireLimits;
  #buffer: Uint8Array = nothing;
  #length = 0;
  #state: "ready" | "pushing" | "stopped" | "failed" = "ready";

  constructor(limits: WireLimits = defaultLimits) {
    this.#limits = limits;
  }

  /** Bytes of an unfinished frame that are held. */
  get bufferedBytes(): number {
    return this.#length;
  }

  /** Whether a frame has begun and not ended. */
  get isMidFrame(): boolean {
    return this.#length > 0;
  }

  /** Ends decoding: the rest of the present chunk and all later ones are ignored. */
  stop(): void {
    this.#state = "stopped";
    this.#buffer = nothing;
    this.#length = 0;
  }

  /**
   * Takes the next bytes and calls `sink` for each frame that they complete. Chunks must not be changed afterwards.
   *
   * @throws {@link WireError} `empty-frame`, `frame-too-large`, `unknown-codec`; and `decoder-stopped` ever after one of
   * these, after an error of the sink, or when the sink itself pushes.
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
      const next = position + headerBytes + this.#bodyLength(chunk, position);
      if (next > end) break;
      const start = position;
      position = next;
      sink(new FrameView(chunk, start, next));
    }
    if (this.#isStopped()) return;
    if (position < end) this.#hold(chunk, position, end);
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
    const total = headerBytes + this.#bodyLength(this.#buffer, 0);
    const taken = Math.min(total - this.#length, chunk.length - used);
    this.#hold(chunk, used, used + taken, total);
    if (this.#length === total) {
      const frame = new FrameView(this.#buffer, 0, total);
      this.#buffer = nothing;
      this.#length = 0;
      sink(frame);
    }
    return used + taken;
  }

  /** Checks a header word and returns the length in it. */
  #bodyLength(bytes: Uint8Array, at: number): number {
    // Four bytes are there: the callers looked.
    const first = bytes[at] as number;
    const length =
      ((first & 0x0f) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
    if (length === 0) throw this.#fail("empty-frame", "a frame of 0 bytes");
    if (length > this.#limits.maxFrameBytes) {
      throw this.#fail("frame-too-large", `a frame of ${length} bytes; the limit is ${this.#limits.maxFrameBytes}`);
    }
    if (first >> 4 > highestCodec) throw this.#fail("unknown-codec", `codec ${first >> 4} is not known`);
    return length;
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

  #fail(code: "empty-frame" | "frame-too-large" | "unknown-codec", message: string): WireError {
    this.#state = "failed";
    this.#buffer = nothing;
    this.#length = 0;
    return new WireError(code, message);
  }

  /** Apart, because the compiler does not see that a sink may call `stop`. */
  #isStopped(): boolean {
    return this.#state === "stopped";
  }
}
