// The codec of @p2p/wire as a target, and what other packages derive from bytes.
import { positionsOf } from "@p2p/chord";
import {
  base58,
  compressFrame,
  decodeBody,
  decodeValue,
  defaultLimits,
  deriveNodeId,
  encodeBody,
  encodeValue,
  FrameDecoder,
  FrameWriter,
  inflateFrame,
  messageId,
  networkId,
  nodeIdToBytes,
  Timestamper,
  WireError,
  type WireLimits,
} from "@p2p/wire";
import type { CodecLimits, CodecTarget, StreamResult } from "./codec-target.js";
import { refusing } from "./refusing.js";
import { securenodeSealedTarget } from "./securenode-sealed-target.js";
import { securenodeTarget } from "./securenode-target.js";
import { wireLegacyTarget } from "./wire-legacy-target.js";

export const wireTarget: CodecTarget = {
  name: "@p2p/wire",
  encodeValue: async (value) => refusing(() => encodeValue(value)),
  decodeValue: async (bytes, limits) => refusing(() => decodeValue(bytes, full(limits))),
  encodeBody: async (body) => refusing(() => encodeBody(body)),
  decodeBody: async (bytes, limits) => refusing(() => decodeBody(bytes, full(limits))),
  encodeFrame: async (body) => refusing(() => new FrameWriter().write(body.type, body.sender, body.time, body.items)),
  compressFrame: async (frame, codec) => refusing(() => compressFrame(frame, codec)),
  decodeStream: async (chunks, limits) => decodeStream(chunks, full(limits)),
  messageId: async (body) => messageId(body),
  toBase58: async (bytes) => base58.encode(bytes),
  fromBase58: async (text, byteLength) => refusing(() => base58.decode(text, byteLength)),
  nodeId: async (parts) => {
    const text = deriveNodeId(parts);
    return { bytes: nodeIdToBytes(text), text };
  },
  networkId: async (parts) => {
    const bytes = networkId(parts.name, parts.security);
    return { bytes, text: base58.encode(bytes) };
  },
  timestamps: async (clockMs) => {
    let now = 0;
    const timestamper = new Timestamper(() => now);
    return clockMs.map((ms) => {
      now = ms;
      return timestamper.next();
    });
  },
  positions: async (key) => positionsOf(key),
  legacy: wireLegacyTarget,
  secure: securenodeTarget,
  sealed: securenodeSealedTarget,
};

function full(limits: Partial<CodecLimits> | undefined): WireLimits {
  return { ...defaultLimits, ...limits };
}

function decodeStream(chunks: readonly Uint8Array[], limits: WireLimits): StreamResult {
  const frames: { codec: number; payload: Uint8Array }[] = [];
  const decoder = new FrameDecoder(limits);
  try {
    for (const chunk of chunks) {
      decoder.push(chunk, (frame) => {
        frames.push({ codec: frame.codec, payload: inflateFrame(frame, limits) });
      });
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { frames, error: error.code };
  }
  return { frames };
}
