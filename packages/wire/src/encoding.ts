// Values as bytes, one couple: what one writes, the other reads. [WIRE-020, WIRE-030]
import { defaultLimits, type WireLimits } from "./limits.js";
import type { WireValue } from "./value.js";
import { ValueDecoder } from "./value-decoder.js";
import { ValueEncoder } from "./value-encoder.js";

const shared = new ValueEncoder(defaultLimits, 16_384);
const decoder = new ValueDecoder();

/**
 * Encodes a value in its shortest form.
 *
 * @throws {@link WireError} `bad-value`, `too-deep`, `too-many-entries`, `frame-too-large`. Section 4 of spec/wire.md.
 */
export function encodeValue(value: WireValue, limits: WireLimits = defaultLimits): Uint8Array {
  const encoder = limits === defaultLimits ? shared : new ValueEncoder(limits, 1024);
  encoder.begin(0);
  try {
    encoder.value(value, 0);
    return encoder.take();
  } catch (error) {
    encoder.abandon();
    throw error;
  }
}

/**
 * Decodes one value that takes all of the input. Byte strings are views of it.
 *
 * @throws {@link WireError} for anything outside the permitted subset. Section 4 of spec/wire.md.
 */
export function decodeValue(bytes: Uint8Array, limits: WireLimits = defaultLimits): WireValue {
  decoder.open(bytes, limits);
  try {
    const value = decoder.value(0);
    decoder.finish();
    return value;
  } finally {
    decoder.close();
  }
}
