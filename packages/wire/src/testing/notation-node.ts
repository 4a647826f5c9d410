// The JSON notation of bytes and values in spec/vectors, see spec/README.md.
import { AnyMap, Float64, type Value07 } from "../legacy/extras.js";

/** Hexadecimal text, or parts to join. */
export type BytesNotation = string | readonly (string | { readonly hex: string; readonly repeat: number })[];

export function readBytes(notation: BytesNotation): Uint8Array {
  if (typeof notation === "string") return new Uint8Array(Buffer.from(notation, "hex"));
  const parts = notation.map((part) =>
    typeof part === "string"
      ? Buffer.from(part, "hex")
      : Buffer.alloc((part.hex.length / 2) * part.repeat, part.hex, "hex"),
  );
  return new Uint8Array(Buffer.concat(parts));
}

/** Hexadecimal text, or parts when most of the bytes are one repeated byte. */
export function writeBytes(bytes: Uint8Array): BytesNotation {
  const hex = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString("hex");
  if (bytes.length < 512) return hex(0, bytes.length);
  for (let start = 0; start < 300; start++) {
    let end = start;
    while (end < bytes.length && bytes[end] === bytes[start]) end++;
    if (end - start > bytes.length / 2) {
      const parts = [hex(0, start), { hex: hex(start, start + 1), repeat: end - start }, hex(end, bytes.length)];
      return parts.filter((part) => part !== "");
    }
  }
  return hex(0, bytes.length);
}

/** Reads a value; floats stay marked as such, which only the 0.7 encoder needs to know. */
export function readValue07(notation: unknown): Value07 {
  return read(notation, (value) => new Float64(value));
}

/** Reads a value of profile 1.0. */
export function readValue(notation: unknown): Value07 {
  return read(notation, (value) => value);
}

function read(notation: unknown, float: (value: number) => Value07): Value07 {
  if (typeof notation !== "object" || notation === null) return notation as Value07;
  if (Array.isArray(notation)) return notation.map((item) => read(item, float));
  const tagged = notation as Record<string, unknown>;
  if ("int" in tagged) return BigInt(tagged.int as string);
  if ("float" in tagged) return float(Number(tagged.float));
  if ("bin" in tagged) return readBytes(tagged.bin as BytesNotation);
  if ("text" in tagged) return Buffer.from(readBytes(tagged.text as BytesNotation)).toString("utf8");
  if ("items" in tagged) return new Array<Value07>(tagged.items as number).fill(read(tagged.of, float));
  const entries = (tagged.map as [unknown, unknown][]).map(([key, value]) => [read(key, float), read(value, float)]);
  if (entries.every(([key]) => typeof key === "string")) return Object.fromEntries(entries);
  return new AnyMap(entries as never);
}
