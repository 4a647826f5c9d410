// The notation of values for profile 0.7, where a whole float is not an integer and a map has keys of any type.
import { AnyMap, Float, type Value } from "../reference/value.js";
import { readValue, writeValue } from "./notation.js";

export { AnyMap } from "../reference/value.js";

export type LegacyValue = Value | Float | AnyMap | readonly LegacyValue[] | { readonly [key: string]: LegacyValue };

/** Reads a value; floats stay marked as such. */
export function readLegacy(notation: unknown): LegacyValue {
  if (Array.isArray(notation)) return notation.map(readLegacy);
  if (typeof notation !== "object" || notation === null) return readValue(notation);
  const tagged = notation as { readonly float?: unknown; readonly map?: unknown };
  if (tagged.float !== undefined) return new Float(Number(tagged.float));
  if (tagged.map === undefined) return readValue(notation);
  const entries = (tagged.map as [unknown, unknown][]).map(
    ([key, item]) => [readLegacy(key), readLegacy(item)] as const,
  );
  if (!entries.every(([key]) => typeof key === "string")) return new AnyMap(entries);
  return Object.fromEntries(entries as readonly (readonly [string, LegacyValue])[]);
}

/** Writes a value as a decoder gives it: floats lose their mark. */
export function writeLegacy(value: LegacyValue): unknown {
  if (value instanceof Float) return writeValue(value.value);
  if (value instanceof AnyMap) {
    return {
      map: value.entries.map(([key, item]) => [writeLegacy(key as LegacyValue), writeLegacy(item as LegacyValue)]),
    };
  }
  if (Array.isArray(value)) return (value as readonly LegacyValue[]).map(writeLegacy);
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
    return { map: Object.entries(value).map(([key, item]) => [key, writeLegacy(item)]) };
  }
  return writeValue(value as Value);
}

/** A notation as a decoder would have it: floats without their mark, maps by their keys, long forms spelt out. */
export function plainNotation(notation: unknown): unknown {
  const plain = writeLegacy(readLegacy(notation));
  return sorted(plain);
}

function sorted(notation: unknown): unknown {
  if (Array.isArray(notation)) return notation.map(sorted);
  if (typeof notation !== "object" || notation === null || !("map" in notation)) return notation;
  const entries = (notation.map as [unknown, unknown][]).map(([key, item]) => [key, sorted(item)] as const);
  return { map: entries.sort((a, b) => (JSON.stringify(a[0]) < JSON.stringify(b[0]) ? -1 : 1)) };
}
