// Cuts the bytes of a connection into whole frames, whatever they hold.
import { readHeader } from "../reference/frame.js";
import { concat } from "../reference/value.js";

export class FrameSplitter {
  #rest: Uint8Array = new Uint8Array(0);

  /** The whole frames that are now complete. */
  push(chunk: Uint8Array): Uint8Array[] {
    let bytes = this.#rest.length === 0 ? new Uint8Array(chunk) : concat([this.#rest, chunk]);
    const frames: Uint8Array[] = [];
    while (bytes.length >= 4) {
      const whole = readHeader(bytes).length + 4;
      if (bytes.length < whole) break;
      frames.push(bytes.subarray(0, whole));
      bytes = bytes.subarray(whole);
    }
    this.#rest = bytes;
    return frames;
  }

  /** Bytes of a frame that has not ended. */
  get restBytes(): number {
    return this.#rest.length;
  }
}
