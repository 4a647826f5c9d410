// Frames of profile 1.0 by hand: the header word, splitting a stream, compressing and inflating.
import { deflateSync, gzipSync } from "node:zlib";
import type { CodecLimits, StreamResult } from "../codec/codec-target.js";
import { codecLimits } from "../codec/codec-target.js";
import type { Defects } from "./defects.js";
import { noDefects } from "./defects.js";
import { inflateOne, largestCap } from "./inflate.js";
import { Refusal } from "./refusal.js";
import { concat } from "./value.js";

export const codecNone = 0;
export const codecZlib = 1;
export const codecGzip = 2;

/** The frame of a body that is already in the form that `codec` names. */
export function frame(payload: Uint8Array, codec: number = codecNone, defects: Defects = noDefects): Uint8Array {
  const header = new Uint8Array(4);
  const length = defects.has("frame-length-off") ? payload.length + 4 : payload.length;
  const word = defects.has("frame-swap-codecs") ? length * 16 + codec : codec * 2 ** 28 + length;
  new DataView(header.buffer).setUint32(0, word, defects.has("frame-little-endian"));
  return concat([header, payload]);
}

export interface HeaderWord {
  readonly codec: number;
  readonly length: number;
}

export function readHeader(bytes: Uint8Array, defects: Defects = noDefects): HeaderWord {
  const word = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, defects.has("frame-little-endian"));
  if (defects.has("frame-swap-codecs")) return { codec: word & 15, length: word >>> 4 };
  if (defects.has("frame-31-bit")) return { codec: 0, length: word };
  return { codec: word >>> 28, length: word & 0x0fff_ffff };
}

/** Gives the frames of a stream until it ends or breaks a rule. */
export function splitStream(
  chunks: readonly Uint8Array[],
  limits: CodecLimits = codecLimits,
  defects: Defects = noDefects,
): StreamResult {
  if (defects.has("frame-chunked-only") && chunks.length > 1) return mergeResults(chunks, limits, defects);
  const bytes = concat(chunks);
  const frames: { codec: number; payload: Uint8Array }[] = [];
  let at = 0;
  try {
    while (bytes.length - at >= 4) {
      const { codec, length } = readHeader(bytes.subarray(at), defects);
      if (length === 0 && !defects.has("frame-zero-length")) throw new Refusal("empty-frame");
      const isWhole = bytes.length - at - 4 >= length;
      const isLate = defects.has("frame-late-limit") && !isWhole;
      if (length > limits.maxFrameBytes && !isLate && !defects.has("frame-no-limit"))
        throw new Refusal("frame-too-large");
      if (codec > codecGzip && !defects.has("frame-unknown-codec")) throw new Refusal("unknown-codec");
      const skip = defects.has("frame-length-off") ? length - 4 : length;
      if (bytes.length - at - 4 < skip) break;
      const payload = bytes.subarray(at + 4, at + 4 + skip);
      frames.push({ codec, payload: inflate(payload, codec, limits, defects) });
      at += 4 + skip;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (defects.has("frame-continue-after-error")) {
      const skipped = at + 4 + readHeader(bytes.subarray(at), defects).length;
      const rest = skipped < bytes.length ? splitStream([bytes.subarray(skipped)], limits, defects).frames : [];
      return { frames: [...frames, ...rest], error: error.code };
    }
    return { frames, error: error.code };
  }
  return { frames };
}

/** The defect of a decoder that looks for frames in each chunk alone. */
function mergeResults(chunks: readonly Uint8Array[], limits: CodecLimits, defects: Defects): StreamResult {
  const results = chunks.map((chunk) => splitStream([chunk], limits, defects));
  return { frames: results.flatMap((result) => result.frames) };
}

/** Below this share of its length a body is not compressed: a receiver takes it for a bomb. */
export const leastShare = 100;

export function compress(body: Uint8Array, codec: number): Uint8Array {
  if (codec === codecZlib) return new Uint8Array(deflateSync(body));
  if (codec === codecGzip) return new Uint8Array(gzipSync(body));
  throw new Refusal("unknown-codec");
}

export function inflate(
  payload: Uint8Array,
  codec: number,
  limits: CodecLimits,
  defects: Defects = noDefects,
): Uint8Array {
  if (codec === codecNone || codec > codecGzip) return payload;
  const byRatio = defects.has("inflate-no-ratio") ? Number.POSITIVE_INFINITY : payload.length * limits.maxInflateRatio;
  const bySize = defects.has("inflate-no-cap") ? Number.POSITIVE_INFINITY : limits.maxFrameBytes;
  const cap = Math.min(byRatio, bySize, largestCap);
  const isGzip = (codec === codecGzip) !== defects.has("frame-swap-formats");
  return inflateOne(payload, isGzip, cap, defects);
}
