// Encodes frames into pooled slabs, one next to the other. [WIRE-001, WIRE-028]
import { writeBody } from "./body.js";
import { headerBytes, writeHeader } from "./frame.js";
import { defaultLimits, type WireLimits } from "./limits.js";
import type { WireValue } from "./value.js";
import { ValueEncoder } from "./value-encoder.js";

/** Options of {@link FrameWriter}. */
export interface FrameWriterOptions {
  /** Default {@link defaultLimits}. */
  readonly limits?: WireLimits;
  /** Size of one slab in bytes. Default 65,536, the most; the first ones are smaller. A larger frame gets memory of its own. */
  readonly slabBytes?: number;
}

/** Writes uncompressed frames. */
export class FrameWriter {
  readonly #encoder: ValueEncoder;

  constructor(options: FrameWriterOptions = {}) {
    this.#encoder = new ValueEncoder(options.limits ?? defaultLimits, options.slabBytes);
  }

  /**
   * To be called about once a second: memory is then held for about as much as was written since. Without it the writer
   * keeps a whole slab.
   */
  rest(): void {
    this.#encoder.rest();
  }

  /**
   * Encodes header and body. The result is never overwritten; consecutive small frames are adjacent in one `ArrayBuffer`,
   * so that an outbox can merge them.
   *
   * @throws {@link WireError} `bad-body`, `bad-value`, `frame-too-large`, `too-deep`, `too-many-entries`.
   */
  write(type: number, sender: Uint8Array, time: number, items: readonly WireValue[]): Uint8Array {
    const encoder = this.#encoder;
    encoder.begin(headerBytes);
    try {
      writeBody(encoder, type, sender, time, items);
      writeHeader(encoder.bytes, encoder.start, 0, encoder.position - encoder.start - headerBytes);
      return encoder.take();
    } catch (error) {
      encoder.abandon();
      throw error;
    }
  }
}
