// Frames with a compressed body: written only when that makes them smaller, read with two caps. [WIRE-012 to WIRE-018]
import { deflateGzip, deflateZlib, inflateGzip, inflateZlib } from "#compression";
import { cappedInflate } from "./capped-inflate.js";
import { WireError } from "./errors.js";
import { type Frame, frameBody, headerBytes, writeHeader } from "./frame.js";
import { defaultLimits, type WireLimits } from "./limits.js";
import { codecs } from "./registries.js";

/** Options of {@link compressFrame}. */
export interface CompressOptions {
  /** Smaller bodies are left as they are. Default 256 bytes. */
  readonly minBytes?: number;
}

/**
 * The frame with its body compressed, or the same frame when that is not smaller, when the body is too small, compressed
 * already, or shrinks so much that a receiver with the default ratio limit would refuse it.
 *
 * @throws {@link WireError} `unknown-codec`.
 */
export function compressFrame(frame: Uint8Array, codec: number, options: CompressOptions = {}): Uint8Array {
  if (codec !== codecs.none && codec !== codecs.zlib && codec !== codecs.gzip) throw unknownCodec(codec);
  const bodyBytes = frame.length - headerBytes;
  if (codec === codecs.none || bodyBytes < (options.minBytes ?? 256) || (frame[0] ?? 0) >> 4 !== 0) return frame;
  const body = frameBody(frame);
  const payload = codec === codecs.zlib ? deflateZlib(body) : deflateGzip(body);
  if (payload.length >= bodyBytes || bodyBytes > payload.length * defaultLimits.maxInflateRatio) return frame;
  const compressed = new Uint8Array(headerBytes + payload.length);
  writeHeader(compressed, 0, codec, payload.length);
  compressed.set(payload, headerBytes);
  return compressed;
}

/**
 * The uncompressed body of a frame; a view of the frame when it is not compressed.
 *
 * @throws {@link WireError} `bad-compression`, `inflate-too-large` (over `maxFrameBytes`), `inflate-ratio` (over
 * `maxInflateRatio` times the payload), `unknown-codec`. Memory never exceeds the smaller of both caps by more than a step.
 */
export function inflateFrame(frame: Frame, limits: WireLimits = defaultLimits): Uint8Array {
  const { codec, payload } = frame;
  if (codec === codecs.none) return payload;
  if (codec !== codecs.zlib && codec !== codecs.gzip) throw unknownCodec(codec);
  return cappedInflate(codec === codecs.zlib ? inflateZlib : inflateGzip, payload, limits);
}

function unknownCodec(codec: number): WireError {
  return new WireError("unknown-codec", `codec ${codec} is not known`);
}
