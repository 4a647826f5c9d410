// Keys and values as users give them, and as they travel. [CHORD-202] [CHORD-250]
import { decodeValue, encodeValue, type WireValue } from "@p2p/wire";
import { ChordError } from "../errors.js";
import type { StoredValue } from "../store/record.js";
import type { DictionaryLimits } from "./dictionary-options.js";

/** A text, or bytes. A text is the same key as its UTF-8. */
export type Key = string | Uint8Array;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws TypeError for what is no key, ChordError `too-large` */
export function keyBytes(key: Key, { maxKeyBytes }: DictionaryLimits): Uint8Array {
  if (typeof key !== "string" && !(key instanceof Uint8Array)) throw new TypeError("a key is a text or bytes");
  const bytes = typeof key === "string" ? utf8.encode(key) : new Uint8Array(key);
  if (bytes.length === 0) throw new RangeError("a key has at least one byte");
  if (bytes.length > maxKeyBytes)
    throw new ChordError("too-large", `the key has ${bytes.length} bytes, of ${maxKeyBytes} at most`);
  return bytes;
}

/** A text where the bytes are one. */
export function keyOf(bytes: Uint8Array): Key {
  try {
    return fromUtf8.decode(bytes);
  } catch {
    return new Uint8Array(bytes);
  }
}

/** @throws TypeError for undefined, WireError for what cannot be encoded, ChordError `too-large` */
export function valueBytes(value: WireValue, { maxValueBytes }: DictionaryLimits): Uint8Array {
  // Callers of JavaScript may have no value at all; to delete is another operation.
  if ((value as WireValue | undefined) === undefined)
    throw new TypeError("there is no value: to delete a key, use delete");
  const bytes = encodeValue(value);
  if (bytes.length <= maxValueBytes) return bytes;
  throw new ChordError(
    "too-large",
    `the value has ${bytes.length} bytes encoded, of ${maxValueBytes} at most: cut it into parts`,
  );
}

export function decodedValue(stored: StoredValue): WireValue | undefined {
  // A copy, so that what the user does with the bytes in it changes nothing here.
  return stored === undefined ? undefined : decodeValue(new Uint8Array(stored));
}

/** Whether two values are the same, whatever the order of their maps. */
export function isSameValue(a: WireValue | undefined, b: WireValue | undefined): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return (
      a instanceof Uint8Array &&
      b instanceof Uint8Array &&
      a.length === b.length &&
      a.every((byte, at) => byte === b[at])
    );
  }
  if (isArray(a) || isArray(b)) {
    return isArray(a) && isArray(b) && a.length === b.length && a.every((item, at) => isSameValue(item, b[at]));
  }
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSameValue(a[name], b[name]))
  );
}

export type ValueMap = { readonly [name: string]: WireValue };

export function isMap(value: WireValue | undefined): value is ValueMap {
  return typeof value === "object" && value !== null && !isArray(value) && !(value instanceof Uint8Array);
}

function isArray(value: WireValue): value is readonly WireValue[] {
  return Array.isArray(value);
}
