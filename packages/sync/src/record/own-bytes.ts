// Values that came in a message, without their hold on its bytes. [SYNC-092]
import type { WireValue } from "@p2p/wire";
import { isMap, setOwn } from "./map-value.js";

/** The value with byte strings of its own: decoded ones are views, which keep the whole message in memory. */
export function ownBytes(value: WireValue): WireValue {
  if (typeof value !== "object" || value === null) return value;
  // Not slice, which gives a view of a Buffer.
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (!hasBytes(value)) return value;
  if (!isMap(value)) return value.map(ownBytes);
  const map: { [name: string]: WireValue } = {};
  for (const [name, item] of Object.entries(value)) setOwn(map, name, ownBytes(item));
  return map;
}

function hasBytes(value: WireValue): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof Uint8Array) return true;
  if (!isMap(value)) return value.some(hasBytes);
  for (const name of Object.keys(value)) {
    // The name is the map's own.
    if (hasBytes(value[name] as WireValue)) return true;
  }
  return false;
}
