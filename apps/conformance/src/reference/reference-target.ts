// The suite's own codec as a target: whole it checks the cases, with a defect it proves that they can fail.
import { type CodecLimits, type CodecTarget, codecLimits } from "../codec/codec-target.js";
import { fromBase58, toBase58 } from "./base58.js";
import { decodeBody, encodeBody } from "./body.js";
import { type Defect, type Defects, noDefects } from "./defects.js";
import { codecNone, compress, frame, leastShare, readHeader, splitStream } from "./frame.js";
import { messageId, networkId, nodeId, timestamps } from "./ids.js";
import { legacyReference } from "./legacy.js";
import { pack } from "./msgpack.js";
import { positionsOf } from "./positions.js";
import { Refusal } from "./refusal.js";
import { unpack } from "./unpack.js";
import type { Value } from "./value.js";

/** The reference codec with the given defects. */
export function referenceTarget(...broken: readonly Defect[]): CodecTarget {
  const defects: Defects = broken.length === 0 ? noDefects : new Set(broken);
  const full = (limits: Partial<CodecLimits> | undefined): CodecLimits => limitsOf(limits, defects);
  return {
    name: broken.length === 0 ? "reference" : `reference without: ${broken.join(", ")}`,
    encodeValue: async (value) => crashing(defects, () => encodeValue(value, defects)),
    decodeValue: async (bytes, limits) => crashing(defects, () => unpack(bytes, defects, full(limits))),
    encodeBody: async (body) => encodeBody(body, defects),
    decodeBody: async (bytes, limits) => crashing(defects, () => decodeBody(bytes, defects, full(limits))),
    encodeFrame: async (body) => frame(encodeBody(body, defects), codecNone, defects),
    compressFrame: async (whole, codec) => compressFrame(whole, codec, defects),
    decodeStream: async (chunks, limits) => splitStream(chunks, full(limits), defects),
    messageId: async (body) => messageId(body, defects),
    toBase58: async (bytes) => toBase58(bytes, defects),
    fromBase58: async (text, byteLength) => fromBase58(text, byteLength, defects),
    nodeId: async (parts) => {
      const bytes = nodeId(parts, defects);
      return { bytes, text: toBase58(bytes, defects) };
    },
    networkId: async (parts) => {
      const bytes = networkId(parts, defects);
      return { bytes, text: toBase58(bytes, defects) };
    },
    timestamps: async (clockMs) => timestamps(clockMs, defects),
    positions: async (key) => positionsOf(key, defects),
    legacy: legacyReference(...broken),
  };
}

function compressFrame(whole: Uint8Array, codec: number, defects: Defects): Uint8Array {
  const body = whole.subarray(4);
  if (defects.has("frame-compress-never") || readHeader(whole).codec !== codecNone) return whole;
  const isSwapped = defects.has("frame-swap-formats");
  const payload = compress(body, isSwapped ? 3 - codec : codec);
  const isBomb = payload.length * leastShare < body.length && !defects.has("frame-compress-bomb");
  const isWorth = (payload.length < body.length && !isBomb) || defects.has("frame-compress-always");
  return isWorth ? frame(payload, codec, defects) : whole;
}

function limitsOf(limits: Partial<CodecLimits> | undefined, defects: Defects): CodecLimits {
  if (defects.has("limits-fixed")) return codecLimits;
  const all = { ...codecLimits, ...limits };
  if (!defects.has("limits-exclusive")) return all;
  const { maxFrameBytes, maxDepth, maxEntries, maxInflateRatio } = all;
  return {
    maxFrameBytes: maxFrameBytes - 1,
    maxDepth: maxDepth - 1,
    maxEntries: maxEntries - 1,
    maxInflateRatio: maxInflateRatio - 1,
  };
}

/** A value alone is no longer than a frame either. */
function encodeValue(value: Value, defects: Defects): Uint8Array {
  const bytes = pack(value, defects);
  if (bytes.length > codecLimits.maxFrameBytes && !defects.has("encode-any-size")) throw new Refusal("frame-too-large");
  return bytes;
}

/** The defect of an implementation that lets its own exceptions out. */
function crashing<T>(defects: Defects, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (defects.has("crash")) throw new Error("cannot read properties of undefined", { cause: error });
    throw error;
  }
}
