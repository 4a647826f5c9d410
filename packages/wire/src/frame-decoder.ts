// The frames of profile 1.0 out of a stream of bytes. [WIRE-001 to WIRE-008]
import { WireError } from "./errors.js";
import type { Frame } from "./frame.js";
import { FrameCutter, type HeaderRule } from "./frame-cutter.js";
import { defaultLimits, type WireLimits } from "./limits.js";
import { highestCodec } from "./registries.js";

/**
 * Cuts a stream into frames.
 *
 * A frame that lies in one chunk is passed on as views of it. One that is cut is gathered in a buffer that grows with what
 * was received (twice at most), whatever its header announces. Section 3 of spec/wire.md.
 */
export class FrameDecoder {
  readonly #cutter: FrameCutter;

  /** @param limits only `maxFrameBytes` counts. Default {@link defaultLimits}. */
  constructor(limits: WireLimits = defaultLimits) {
    this.#cutter = new FrameCutter(headerRule(limits));
  }

  /** Bytes of an unfinished frame that are held. */
  get bufferedBytes(): number {
    return this.#cutter.bufferedBytes;
  }

  /** Whether a frame has begun and not ended. */
  get isMidFrame(): boolean {
    return this.#cutter.bufferedBytes > 0;
  }

  /** Ends decoding: the rest of the present chunk and all later ones are ignored. The sink may call it. */
  stop(): void {
    this.#cutter.stop();
  }

  /**
   * Takes the next bytes and calls `sink` for each frame that they complete. Chunks must not be changed afterwards: frames
   * are views of them.
   *
   * @throws {@link WireError} `empty-frame`, `frame-too-large`, `unknown-codec`; and `decoder-stopped` ever after one of
   * these, after an error of the sink, or when the sink itself pushes.
   */
  push(chunk: Uint8Array, sink: (frame: Frame) => void): void {
    this.#cutter.push(chunk, sink);
  }
}

/** One rule for all decoders with the same limits: a node has many. */
const rules = new WeakMap<WireLimits, HeaderRule>();

function headerRule(limits: WireLimits): HeaderRule {
  let rule = rules.get(limits);
  if (rule === undefined) {
    rule = newRule(limits);
    rules.set(limits, rule);
  }
  return rule;
}

function newRule({ maxFrameBytes }: WireLimits): HeaderRule {
  return {
    bodyBytes(bytes, at) {
      const first = bytes[at] as number;
      const length =
        ((first & 0x0f) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number);
      if (length === 0) throw new WireError("empty-frame", "a frame of 0 bytes");
      // Written so that a limit which is missing or NaN refuses.
      if (!(length <= maxFrameBytes)) {
        throw new WireError("frame-too-large", `a frame of ${length} bytes; the limit is ${maxFrameBytes}`);
      }
      if (first >> 4 > highestCodec) throw new WireError("unknown-codec", `codec ${first >> 4} is not known`);
      return length;
    },
    codec: (bytes, at) => (bytes[at] as number) >> 4,
  };
}
