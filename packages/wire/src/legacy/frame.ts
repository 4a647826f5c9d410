// Frames of profile 0.7: length, then SHA-256 checksum and msgpack array, perhaps compressed as a whole. [WIRE-100 to WIRE-109]
import { deflateGzip, deflateZlib } from "#compression";
import { sha256 } from "#hash";
import { WireError } from "../errors.js";
import { headerBytes } from "../frame.js";
import type { WireLimits } from "../limits.js";
import { isUnsigned } from "../unsigned.js";
import type { ValueEncoder } from "../value-encoder.js";
import { compressions07 } from "./compressions.js";
import { type Value07, valueDecoder07, valueEncoder07 } from "./extras.js";
import { unpackBody } from "./inflate-trial.js";
import { defaultLimits07 } from "./limits.js";

/** Length of the checksum, which is also the message id. */
export const checksumBytes = 32;

/** A message of profile 0.7. */
export interface Message07 {
  /** Main type. */
  readonly type: number;
  /** Base58 text of the node id, in the form of the dialect. */
  readonly sender: string | Uint8Array;
  /** Seconds since 1970. */
  readonly time: number;
  /** What follows; usually a subtype first. */
  readonly items: readonly Value07[];
}

/** A message and what a relay needs of its frame. */
export interface Decoded07 {
  readonly message: Message07;
  /** The message id: SHA-256 of `packed`. */
  readonly checksum: Uint8Array;
  /** The msgpack bytes as they came. A relay sends these and never encodes anew. */
  readonly packed: Uint8Array;
  /** The method that the frame was compressed by, see `compressions07`; 0 for none. */
  readonly compression: number;
}

/** Options of {@link encodeFrame07}. */
export interface EncodeOptions07 {
  /** `compressions07.zlib` or `.gzip`, or 0 for none, which is the default. */
  readonly compression?: number;
  /** Default {@link defaultLimits07}. */
  readonly limits?: WireLimits;
}

const decoder = valueDecoder07();
let sharedEncoder: ValueEncoder | undefined;

/**
 * Encodes a message into a whole frame: uncompressed, the bytes of py2p.
 *
 * @throws {@link WireError} `bad-value`, `bad-body`, `frame-too-large`, `too-deep`, `too-many-entries`, `unsupported-codec`.
 */
export function encodeFrame07(message: Message07, options: EncodeOptions07 = {}): Uint8Array {
  const limits = options.limits ?? defaultLimits07;
  checkFields(message.type, message.sender, message.time);
  sharedEncoder ??= valueEncoder07(defaultLimits07);
  const encoder = limits === defaultLimits07 ? sharedEncoder : valueEncoder07(limits);
  encoder.begin(0);
  let packed: Uint8Array;
  try {
    // Read once: a getter within may change it.
    const count = message.items.length;
    encoder.arrayHeader(3 + count, 0);
    encoder.number(message.type);
    encoder.value(message.sender, 1);
    encoder.number(message.time);
    for (let index = 0; index < count; index++) encoder.value(message.items[index], 1);
    packed = encoder.take();
  } catch (error) {
    encoder.abandon();
    throw error;
  }
  return frame07(packed, options.compression ?? 0, limits);
}

/**
 * Puts msgpack bytes into a frame as they are: what a relay does.
 *
 * @throws {@link WireError} `frame-too-large`, `unsupported-codec`.
 */
export function frame07(packed: Uint8Array, compression = 0, limits: WireLimits = defaultLimits07): Uint8Array {
  checkLength(checksumBytes + packed.length, limits);
  const plain = new Uint8Array(headerBytes + checksumBytes + packed.length);
  plain.set(sha256(packed), headerBytes);
  plain.set(packed, headerBytes + checksumBytes);
  let frame = plain;
  if (compression !== 0) {
    const body = deflate(plain.subarray(headerBytes), compression);
    frame = new Uint8Array(headerBytes + body.length);
    frame.set(body, headerBytes);
  }
  const length = frame.length - headerBytes;
  // What does not shrink may grow.
  checkLength(length, limits);
  new DataView(frame.buffer).setUint32(0, length);
  return frame;
}

function checkLength(length: number, limits: WireLimits): void {
  if (!(length <= limits.maxFrameBytes)) throw new WireError("frame-too-large", `a frame of ${length} bytes`);
}

/**
 * Decodes the body of a frame (what follows the length). Compression is found by trial; the checksum decides.
 *
 * @throws {@link WireError} `bad-checksum`, `unsupported-codec` (bz2, lzma, snappy), `bad-body`, the errors of inflating
 * and of `decodeValue`.
 */
export function decodeBody07(body: Uint8Array, limits: WireLimits = defaultLimits07): Decoded07 {
  const { plain, compression } = unpackBody(body, limits);
  const checksum = plain.subarray(0, checksumBytes);
  const packed = plain.subarray(checksumBytes);
  return { message: readMessage(packed, limits), checksum, packed, compression };
}

function readMessage(packed: Uint8Array, limits: WireLimits): Message07 {
  decoder.open(packed, limits);
  try {
    const count = decoder.arrayHeader(0);
    if (count < 3) throw new WireError("bad-body", `a body of ${count} elements; the least is 3`);
    const type = decoder.value(1);
    const sender = decoder.value(1);
    const time = decoder.value(1);
    checkFields(type, sender, time);
    const items: Value07[] = [];
    for (let index = 3; index < count; index++) items.push(decoder.value(1));
    decoder.finish();
    // checkFields looked at all three.
    return { type: type as number, sender: sender as string | Uint8Array, time: time as number, items };
  } finally {
    decoder.close();
  }
}

function checkFields(type: unknown, sender: unknown, time: unknown): void {
  if (!isUnsigned(type) || type > 0xff) {
    throw new WireError("bad-body", "the main type has to be an integer of 0 to 255");
  }
  if (typeof sender !== "string" && !(sender instanceof Uint8Array)) {
    throw new WireError("bad-body", "the sender has to be text or a byte string");
  }
  // A fractional time kills js2p nodes for good: it must not get any further.
  if (!isUnsigned(time)) {
    throw new WireError("bad-body", "the time has to be a whole number of seconds");
  }
}

function deflate(plain: Uint8Array, compression: number): Uint8Array {
  if (compression === compressions07.zlib) return deflateZlib(plain);
  if (compression === compressions07.gzip) return deflateGzip(plain);
  throw new WireError("unsupported-codec", `compression ${compression} is not written by this package`);
}
