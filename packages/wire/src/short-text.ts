// Short texts as msgpack str: cheaper unit by unit than by TextEncoder. [WIRE-022, WIRE-024]
import { WireError } from "./errors.js";

/** Longer texts go through TextEncoder. Three bytes a unit still fit the one-byte length. */
export const shortTextUnits = 48;

/**
 * Writes header and text at `at`, where 2 + 3 * units bytes are free; returns where they end.
 *
 * @throws WireError `bad-value` for lone surrogates.
 */
export function writeShortText(value: string, bytes: Uint8Array, at: number): number {
  const isBrief = value.length < 32;
  const start = isBrief ? at + 1 : at + 2;
  const end = writeUnits(value, bytes, start);
  const length = end - start;
  if (isBrief && length < 32) {
    bytes[at] = 0xa0 | length;
    return end;
  }
  if (isBrief) bytes.copyWithin(start + 1, start, end);
  bytes[at] = 0xd9;
  bytes[at + 1] = length;
  return isBrief ? end + 1 : end;
}

function writeUnits(value: string, bytes: Uint8Array, start: number): number {
  const units = value.length;
  let at = start;
  for (let index = 0; index < units; index++) {
    const unit = value.charCodeAt(index);
    if (unit < 0x80) {
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else if (unit >= 0xd800 && unit < 0xe000) {
      const low = index + 1 < units ? value.charCodeAt(index + 1) : 0;
      if (unit >= 0xdc00 || low < 0xdc00 || low > 0xdfff) throw loneSurrogate();
      index++;
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    } else {
      bytes[at++] = 0xe0 | (unit >> 12);
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at++] = 0x80 | (unit & 0x3f);
    }
  }
  return at;
}

/** The error for a text that has no UTF-8 form. */
export function loneSurrogate(): WireError {
  return new WireError("bad-value", "a text with a lone surrogate has no UTF-8 form");
}
