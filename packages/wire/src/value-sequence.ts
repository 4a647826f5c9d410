// Values one after the other with nothing between them: a column of a larger message, which is checked whole and read value
// by value when it is asked for. [WIRE-020, WIRE-030]
import { WireError } from "./errors.js";
import { defaultLimits, type WireLimits } from "./limits.js";
import type { WireValue } from "./value.js";
import { ValueDecoder } from "./value-decoder.js";
import { ValueEncoder } from "./value-encoder.js";

const shared = new ValueEncoder(defaultLimits, 16_384);

/** Bytes of the longest integer below 2^32. */
const longestSmall = 5;

/** By the first byte: how long a number, a boolean or nil is; 0 of all others, which have to be read. */
const scalarBytes: Uint8Array = new Uint8Array(256);
scalarBytes.fill(1, 0, 0x80);
scalarBytes.fill(1, 0xe0);
for (const head of [0xc0, 0xc2, 0xc3]) scalarBytes[head] = 1;
for (const head of [0xcc, 0xd0]) scalarBytes[head] = 2;
for (const head of [0xcd, 0xd1]) scalarBytes[head] = 3;
for (const head of [0xca, 0xce, 0xd2]) scalarBytes[head] = 5;
for (const head of [0xcb, 0xcf, 0xd3]) scalarBytes[head] = 9;

/**
 * Encodes values in their shortest form, one after the other.
 *
 * @throws {@link WireError} as `encodeValue`; `maxFrameBytes` is for all of them together
 */
export function encodeValues(values: readonly WireValue[], limits: WireLimits = defaultLimits): Uint8Array {
  const encoder = limits === defaultLimits ? shared : new ValueEncoder(limits, 1024);
  encoder.begin(0);
  try {
    // Most are small numbers: a column of them is not moved while it grows.
    encoder.ensure(Math.min(longestSmall * values.length, 65_536));
    writeValues(values, encoder);
    return encoder.take();
  } catch (error) {
    encoder.abandon();
    throw error;
  }
}

/**
 * Small integers are written here, whatever their size by the same stores: of many values, most of the time would go into
 * calls that are not hot yet, and into compiling this anew whenever there is a longer one.
 */
function writeValues(values: readonly WireValue[], encoder: ValueEncoder): void {
  let { bytes, position } = encoder;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    const isSmall = typeof value === "number" && value >>> 0 === value && (value > 0 || Object.is(value, 0));
    if (!isSmall || position + longestSmall > bytes.length) {
      encoder.position = position;
      encoder.value(value, 0);
      ({ bytes, position } = encoder);
      continue;
    }
    const size = value < 0x80 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : 4;
    const head = size === 0 ? value : size === 1 ? 0xcc : size === 2 ? 0xcd : 0xce;
    const rest = value << (32 - 8 * size);
    bytes[position] = head;
    // More than belongs to it is overwritten by what follows.
    bytes[position + 1] = rest >>> 24;
    bytes[position + 2] = rest >>> 16;
    bytes[position + 3] = rest >>> 8;
    bytes[position + 4] = rest;
    position += 1 + size;
  }
  encoder.position = position;
}

/**
 * Checks values that follow each other and take all of the input, and says where each ends, so that any of them can be
 * decoded later without a failure. Numbers, booleans and nil are told by their length alone: nothing is made for them.
 *
 * @param ends as long as there are values
 * @param other called for each other value, which is a text, a byte string or a container, in their order; bytes are views
 * @throws {@link WireError} for anything that `decodeValue` would refuse
 */
export function checkValues(
  bytes: Uint8Array,
  ends: Int32Array,
  other: (value: WireValue, byteLength: number) => void,
  limits: WireLimits = defaultLimits,
): void {
  const count = ends.length;
  const end = bytes.length;
  let reader: ValueDecoder | undefined;
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at >= end) throw new WireError("truncated", `${count - index} of ${count} values are missing`);
    // In range, here and for the table of 256.
    const length = scalarBytes[bytes[at] as number] as number;
    if (length > 0) at += length;
    else {
      if (reader === undefined) {
        reader = new ValueDecoder();
        reader.open(bytes, limits);
      }
      reader.position = at;
      const value = reader.value(0);
      other(value, reader.position - at);
      at = reader.position;
    }
    ends[index] = at;
  }
  if (at > end) throw new WireError("truncated", "the input ends inside a value");
  if (at < end) throw new WireError("trailing-bytes", `${end - at} bytes follow the last value`);
}
