// The canonical form of values: equal bytes for equal content, however it came. Section 5 of spec/sync.md. [SYNC-070] [SEC-092]
import { encodeValue, type WireValue } from "@p2p/wire";

/** The order of texts by their code points, which is that of their UTF-8. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left === right) continue;
    const isHigh = left >= 0xd800 && left < 0xe000;
    // Surrogates stand for code points above all others.
    return isHigh === (right >= 0xd800 && right < 0xe000) ? left - right : isHigh ? 1 : -1;
  }
  return a.length - b.length;
}

/** The value to encode in its place: arrays as [nil, ...items], maps as [true, key, value, ...] with keys in order. */
export function canonicalValue(value: WireValue): WireValue {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return [null, ...value.map(canonicalValue)];
  const items: WireValue[] = [true];
  const entries = Object.entries(value).sort(([a], [b]) => compareTexts(a, b));
  for (const [name, item] of entries) items.push(name, canonicalValue(item));
  return items;
}

/** Encodes a value so that neither how its maps were filled nor how it was written counts. @throws WireError */
export function canonicalBytes(value: WireValue): Uint8Array {
  return encodeValue(canonicalValue(value));
}
