// The JSON notation of values and bytes in vectors and in the test driver protocol (spec/vectors/schema.json).
import { concat, fromHex, toHex, type Value } from "../reference/value.js";

/** Hexadecimal text, or a list of parts to join. */
export type BytesNotation = string | readonly (string | { readonly hex: string; readonly repeat: number })[];

export function readBytes(notation: BytesNotation): Uint8Array {
  if (typeof notation === "string") return fromHex(notation);
  return concat(
    notation.map((part) => (typeof part === "string" ? fromHex(part) : repeat(fromHex(part.hex), part.repeat))),
  );
}

function repeat(piece: Uint8Array, times: number): Uint8Array {
  const bytes = new Uint8Array(piece.length * times);
  for (let at = 0; at < bytes.length; at += piece.length) bytes.set(piece, at);
  return bytes;
}

/** Reads a value; a map becomes an object without a prototype. */
export function readValue(notation: unknown): Value {
  if (notation === null || typeof notation === "boolean" || typeof notation === "string") return notation;
  if (typeof notation === "number") return notation;
  if (Array.isArray(notation)) return notation.map(readValue);
  const tagged = notation as Record<string, unknown>;
  if ("int" in tagged) {
    const value = BigInt(String(tagged.int));
    const isSafe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
    return isSafe ? Number(value) : value;
  }
  if ("float" in tagged) return Number(tagged.float);
  if ("bin" in tagged) return readBytes(tagged.bin as BytesNotation);
  if ("text" in tagged) return new TextDecoder().decode(readBytes(tagged.text as BytesNotation));
  if ("items" in tagged) return new Array<Value>(Number(tagged.items)).fill(readValue(tagged.of));
  if ("map" in tagged) {
    const map = Object.create(null) as Record<string, Value>;
    for (const [key, value] of tagged.map as [string, unknown][]) {
      Object.defineProperty(map, key, {
        value: readValue(value),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return map;
  }
  throw new TypeError(`not a value in vector notation: ${JSON.stringify(notation).slice(0, 100)}`);
}

/** Writes a value, the inverse of `readValue`. */
export function writeValue(value: Value): unknown {
  if (value instanceof Uint8Array) return { bin: toHex(value) };
  if (typeof value === "bigint") return { int: String(value) };
  if (typeof value === "number") {
    if (Object.is(value, -0)) return { float: "-0" };
    return Number.isFinite(value) ? value : { float: String(value) };
  }
  if (Array.isArray(value)) return value.map(writeValue);
  if (typeof value === "object" && value !== null) {
    return { map: Object.entries(value).map(([key, item]) => [key, writeValue(item)]) };
  }
  return value;
}
