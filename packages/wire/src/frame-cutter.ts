// Cuts a stream of bytes into pieces that each have a 4-byte header, in any chunking and in linear time. [WIRE-005 to WIRE-008]
import { WireError } from "./errors.js";
import { type Frame, headerBytes } from "./frame.js";
import { Pieces } from "./pieces.js";

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
 * A frame that lies in one chunk is passed on as views of it. One that is cut is gathered in memory that grows with what
 * was received (twice at most), whatever its header announces.
 */
export class FrameCutter {
  readonly #rule: HeaderRule;
  /** Of an unfinished frame; undefined: there is none. */
  #pieces: Pieces | undefined;
  #state: "ready" | "pushing" | "stopped" | "failed" = "ready";

  constructor(rule: HeaderRule) {
    this.#rule = rule;
  }

  /** Bytes of an unfinished frame that are held. */
  get bufferedBytes(): number {
    return this.#pieces?.length ?? 0;
  }

  /** Ends decoding: the rest of the present chunk and all later ones are ignored. */
  stop(): void {
    this.#state = "stopped";
    this.#pieces = undefined;
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
    let position = this.#pieces === undefined ? 0 : this.#resume(this.#pieces, chunk, sink);
    const end = chunk.length;
    while (this.#state === "pushing" && end - position >= headerBytes) {
      const next = position + headerBytes + this.#bodyBytes(chunk, position);
      if (next > end) break;
      const start = position;
      position = next;
      sink(new FrameView(this.#rule.codec(chunk, start), chunk, start, next));
    }
    if (!this.#isPushing()) return;
    if (position < end) {
      // After a frame that was resumed and is not whole, nothing is left.
      this.#pieces = new Pieces();
      this.#pieces.add(chunk, position, end);
    }
    this.#state = "ready";
  }

  /** Completes the held frame if the chunk does; returns how much of the chunk was used. */
  #resume(pieces: Pieces, chunk: Uint8Array, sink: (frame: Frame) => void): number {
    let used = 0;
    if (pieces.length < headerBytes) {
      used = Math.min(headerBytes - pieces.length, chunk.length);
      pieces.add(chunk, 0, used);
      if (pieces.length < headerBytes) return used;
    }
    const total = headerBytes + this.#bodyBytes(pieces.head, 0);
    const taken = Math.min(total - pieces.length, chunk.length - used);
    pieces.add(chunk, used, used + taken, total);
    if (pieces.length === total) {
      const whole = pieces.whole();
      this.#pieces = undefined;
      sink(new FrameView(this.#rule.codec(whole, 0), whole, 0, total));
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

  /** Apart, because the compiler does not see that a sink may stop the cutter or push. */
  #isPushing(): boolean {
    return this.#state === "pushing";
  }
}
