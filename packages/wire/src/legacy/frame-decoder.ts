// The frames of profile 0.7 out of a stream of bytes. [WIRE-100, WIRE-103]
import { WireError } from "../errors.js";
import type { Frame } from "../frame.js";
import { FrameCutter } from "../frame-cutter.js";
import type { WireLimits } from "../limits.js";
import { defaultLimits07 } from "./limits.js";

/** Cuts a stream of profile 0.7 into frames; `payload` is what `decodeBody07` takes, `codec` is always 0. */
export class FrameDecoder07 {
  readonly #cutter: FrameCutter;

  /** @param limits only `maxFrameBytes` counts. Default {@link defaultLimits07}. */
  constructor({ maxFrameBytes }: WireLimits = defaultLimits07) {
    this.#cutter = new FrameCutter({
      bodyBytes(bytes, at) {
        const length = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
        if (length === 0) throw new WireError("empty-frame", "a frame of 0 bytes");
        if (!(length <= maxFrameBytes)) {
          throw new WireError("frame-too-large", `a frame of ${length} bytes; the limit is ${maxFrameBytes}`);
        }
        return length;
      },
      codec: () => 0,
    });
  }

  /** Bytes of an unfinished frame that are held. */
  get bufferedBytes(): number {
    return this.#cutter.bufferedBytes;
  }

  /** Whether a frame has begun and not ended. */
  get isMidFrame(): boolean {
    return this.#cutter.bufferedBytes > 0;
  }

  /** Ends decoding. */
  stop(): void {
    this.#cutter.stop();
  }

  /**
   * Takes the next bytes and calls `sink` for each frame that they complete.
   *
   * @throws {@link WireError} `empty-frame`, `frame-too-large`; `decoder-stopped` ever after.
   */
  push(chunk: Uint8Array, sink: (frame: Frame) => void): void {
    this.#cutter.push(chunk, sink);
  }
}
