// A frame: a 32-bit word of codec and length, then the body. [WIRE-001]
import { WireError } from "./errors.js";
import { highestFrameBytes } from "./limits.js";

/** Length of the header word in bytes. */
export const headerBytes = 4;

/** One frame as it came. Views: nothing is copied when the frame lay in one chunk. */
export interface Frame {
  /** Codec of the payload, see `codecs`. */
  readonly codec: number;
  /** The whole frame, header included: what a relay passes on. */
  readonly bytes: Uint8Array;
  /** The body as sent, perhaps compressed: see `inflateFrame`. */
  readonly payload: Uint8Array;
}

/** The body of an uncompressed frame, as a view. */
export function frameBody(frame: Uint8Array): Uint8Array {
  return new Uint8Array(frame.buffer, frame.byteOffset + headerBytes, frame.length - headerBytes);
}

/**
 * A whole uncompressed frame around a body: what a relay makes of a frame that it had to inflate.
 *
 * @throws {@link WireError} `empty-frame`, `frame-too-large` (over 256 MiB - 1).
 */
export function frameOf(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headerBytes + body.length);
  writeHeader(frame, 0, 0, body.length);
  frame.set(body, headerBytes);
  return frame;
}

/** Writes the header word in front of a body of `length` bytes. */
export function writeHeader(bytes: Uint8Array, at: number, codec: number, length: number): void {
  if (length === 0) throw new WireError("empty-frame", "a frame has at least one byte");
  if (length > highestFrameBytes) throw new WireError("frame-too-large", `a frame of ${length} bytes`);
  bytes[at] = (codec << 4) | (length >>> 24);
  bytes[at + 1] = length >>> 16;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length;
}
