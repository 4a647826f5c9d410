// What the suite asks of a codec: a few functions over bytes, so that any implementation in any language can answer.
import type { Value } from "../reference/value.js";
import type { LegacyTarget } from "./legacy-target.js";
import type { SealedTarget } from "./sealed-target.js";
import type { SecureTarget } from "./secure-target.js";

/** Limits that a vector may change; the defaults are those of the spec's limits registry. */
export interface CodecLimits {
  readonly maxFrameBytes: number;
  readonly maxDepth: number;
  readonly maxEntries: number;
  readonly maxInflateRatio: number;
}
export const codecLimits: CodecLimits = {
  maxFrameBytes: 1_048_576,
  maxDepth: 32,
  maxEntries: 65_536,
  maxInflateRatio: 100,
};

export interface MessageBody {
  readonly type: number;
  /** 48 bytes. */
  readonly sender: Uint8Array;
  /** Microseconds. */
  readonly time: number;
  readonly items: readonly Value[];
}

/** What a decoder gave for a stream of bytes. */
export interface StreamResult {
  readonly frames: readonly { readonly codec: number; readonly payload: Uint8Array }[];
  /** The code of the refusal that ended the stream. */
  readonly error?: string;
}

/**
 * A codec under test. A function that refuses its input throws `Refusal`; anything else that it throws is a crash and
 * fails the case. Limits left out are the defaults.
 */
export interface CodecTarget {
  readonly name: string;
  encodeValue(value: Value): Promise<Uint8Array>;
  decodeValue(bytes: Uint8Array, limits?: Partial<CodecLimits>): Promise<Value>;
  encodeBody(body: MessageBody): Promise<Uint8Array>;
  decodeBody(bytes: Uint8Array, limits?: Partial<CodecLimits>): Promise<MessageBody>;
  /** A whole frame, its body uncompressed. */
  encodeFrame(body: MessageBody): Promise<Uint8Array>;
  /** A whole frame with its body compressed, or the same frame when that would not be smaller. */
  compressFrame(frame: Uint8Array, codec: number): Promise<Uint8Array>;
  /** Feeds the chunks in turn to one decoder and inflates what it gives. Never throws a refusal: it is in the result. */
  decodeStream(chunks: readonly Uint8Array[], limits?: Partial<CodecLimits>): Promise<StreamResult>;
  messageId(body: Uint8Array): Promise<Uint8Array>;
  toBase58(bytes: Uint8Array): Promise<string>;
  fromBase58(text: string, byteLength: number): Promise<Uint8Array>;
  nodeId(parts: NodeIdParts): Promise<{ readonly bytes: Uint8Array; readonly text: string }>;
  networkId(parts: NetworkIdParts): Promise<{ readonly bytes: Uint8Array; readonly text: string }>;
  /** The times of messages made by one sender while its clock shows `clockMs` in turn. */
  timestamps(clockMs: readonly number[]): Promise<readonly number[]>;
  /** The five positions of a key of the dictionary; absent where there is none. */
  positions?(key: Uint8Array): Promise<readonly Uint8Array[]>;
  /** Profile 0.7; absent where it is not implemented. */
  readonly legacy?: LegacyTarget;
  /** Identities and signed messages; absent where they are not implemented. */
  readonly secure?: SecureTarget;
  /** Sealed messages and data; absent where they are not implemented. */
  readonly sealed?: SealedTarget;
}

export interface NodeIdParts {
  readonly address: string;
  /** The network id's 32 bytes. */
  readonly networkId: Uint8Array;
  readonly salt: string;
}

export interface NetworkIdParts {
  readonly name: string;
  readonly security: string;
}
