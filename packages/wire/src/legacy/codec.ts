// Both profiles behind one interface: a node that speaks both picks a codec per link and is otherwise the same.
import { decodeBody } from "../body.js";
import { inflateFrame } from "../compressed-frame.js";
import type { Frame } from "../frame.js";
import { FrameDecoder } from "../frame-decoder.js";
import { FrameWriter } from "../frame-writer.js";
import { defaultLimits, type WireLimits } from "../limits.js";
import { messageId } from "../message-id.js";
import type { WireValue } from "../value.js";
import type { Value07 } from "./extras.js";
import { decodeBody07, encodeFrame07 } from "./frame.js";
import { FrameDecoder07 } from "./frame-decoder.js";
import { defaultLimits07 } from "./limits.js";

/** A message of either profile. */
export interface AnyMessage<Sender, Value> {
  readonly type: number;
  readonly sender: Sender;
  /** Microseconds in 1.0, seconds in 0.7. */
  readonly time: number;
  readonly items: readonly Value[];
}

/** What both frame decoders do. */
export interface StreamDecoder {
  readonly bufferedBytes: number;
  readonly isMidFrame: boolean;
  push(chunk: Uint8Array, sink: (frame: Frame) => void): void;
  stop(): void;
}

/** A message with its id and the bytes that a relay passes on. */
export interface DecodedMessage<Sender, Value> {
  readonly message: AnyMessage<Sender, Value>;
  /** 32 bytes: SHA-256 of `packed`. */
  readonly id: Uint8Array;
  /** The msgpack array as it came, inflated. */
  readonly packed: Uint8Array;
}

/** One profile. */
export interface WireCodec<Sender, Value> {
  readonly profile: "1.0" | "0.7";
  readonly limits: WireLimits;
  /** A whole uncompressed frame. Throws `WireError`. */
  encode(message: AnyMessage<Sender, Value>): Uint8Array;
  /** Inflates and decodes a frame. Throws `WireError`. */
  decode(frame: Frame): DecodedMessage<Sender, Value>;
  decoder(): StreamDecoder;
}

/** The codec of a profile. Every error that it throws is a `WireError`. */
export function codec(profile: "1.0", limits?: WireLimits): WireCodec<Uint8Array, WireValue>;
export function codec(profile: "0.7", limits?: WireLimits): WireCodec<string | Uint8Array, Value07>;
export function codec(
  profile: "1.0" | "0.7",
  limits?: WireLimits,
): WireCodec<Uint8Array, WireValue> | WireCodec<string | Uint8Array, Value07> {
  return profile === "1.0" ? codec10(limits ?? defaultLimits) : codec07(limits ?? defaultLimits07);
}

function codec10(limits: WireLimits): WireCodec<Uint8Array, WireValue> {
  const writer = new FrameWriter({ limits });
  return {
    profile: "1.0",
    limits,
    encode: ({ type, sender, time, items }) => writer.write(type, sender, time, items),
    decode(frame) {
      const packed = inflateFrame(frame, limits);
      return { message: decodeBody(packed, limits), id: messageId(packed), packed };
    },
    decoder: () => new FrameDecoder(limits),
  };
}

function codec07(limits: WireLimits): WireCodec<string | Uint8Array, Value07> {
  return {
    profile: "0.7",
    limits,
    encode: (message) => encodeFrame07(message, { limits }),
    decode(frame) {
      const { message, checksum, packed } = decodeBody07(frame.payload, limits);
      return { message, id: checksum, packed };
    },
    decoder: () => new FrameDecoder07(limits),
  };
}
