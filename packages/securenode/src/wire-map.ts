// Maps that peers and files give: decoded within bounds, and their members looked at one by one [SEC-007].
import { decodeValue, type WireValue } from "@p2p/wire";

export type WireMap = { readonly [key: string]: WireValue };

/** The map that the bytes encode, or undefined. Byte strings are views of the bytes. Keys that are not known stay. */
export function decodeMap(bytes: Uint8Array, maxBytes: number): WireMap | undefined {
  if (bytes.length > maxBytes) return undefined;
  try {
    const value = decodeValue(bytes);
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A byte string of this length. */
export function isBytes(value: WireValue | undefined, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}

/** A map, whatever is in it. */
export function isMap(value: WireValue): value is WireMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
