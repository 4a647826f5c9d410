// Values on their way into the table: checked, measured, and copied, so that nobody else holds what the table holds.
import { encodeValue, type WireValue } from "@p2p/wire";
import { SyncError } from "../errors.js";
import { maxValueDepth } from "../record/limits.js";

const utf8 = new TextEncoder();
const surrogate = /[\ud800-\udfff]/;

/** Longest form of a number, and of a head of a text. */
const shortBytes = 9;

/**
 * Bytes of a value as it is encoded; an upper bound where that is cheaper.
 * @throws SyncError `too-large` above the limit; WireError for what cannot be encoded
 */
export function measure(key: string, value: WireValue, maxBytes: number): number {
  if (typeof value === "number" || typeof value === "boolean" || value === null) return shortBytes;
  if (typeof value === "string" && value.length * 3 + shortBytes <= maxBytes && !surrogate.test(value)) {
    return value.length * 3 + shortBytes;
  }
  const bytes = encodeValue(value).length;
  if (bytes > maxBytes) {
    throw new SyncError("too-large", `the value of "${key}" takes ${bytes} bytes; at most ${maxBytes}`, { key });
  }
  return bytes;
}

/**
 * A value that shares no object and no byte with the one given, which was measured.
 * @throws RangeError for a value of more than 24 containers around each other: messages put some more around it
 */
export function copyOf(value: WireValue, depth = 0): WireValue {
  if (typeof value !== "object" || value === null) return value;
  if (depth === maxValueDepth && !(value instanceof Uint8Array)) {
    throw new RangeError(`a value of more than ${maxValueDepth} containers around each other`);
  }
  // Not slice, which gives a view of a Buffer.
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map((item) => copyOf(item, depth + 1));
  const copy: Record<string, WireValue> = {};
  for (const [name, item] of Object.entries(value)) {
    if (name === "__proto__") {
      // An assignment would change what the object is.
      Object.defineProperty(copy, name, {
        value: copyOf(item, depth + 1),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    } else copy[name] = copyOf(item, depth + 1);
  }
  return copy;
}

/** @throws TypeError, RangeError for what is no key; WireError for a text that is not well-formed */
export function checkKey(key: string, maxBytes: number): void {
  if (typeof key !== "string") throw new TypeError("a key is a text");
  if (key === "") throw new RangeError("a key has at least one character");
  if (key.length * 3 > maxBytes || surrogate.test(key)) {
    encodeValue(key);
    const { length } = utf8.encode(key);
    if (length > maxBytes) throw new RangeError(`a key of ${length} bytes; at most ${maxBytes}`);
  }
}
