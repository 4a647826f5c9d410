// Values that are maps, and fields put into them. [SYNC-027]
import type { WireValue } from "@p2p/wire";
import type { Field } from "./record.js";

/** A value with fields. */
export type MapValue = { readonly [name: string]: WireValue };

/** Whether fields can be put into a value. */
export function isMap(value: WireValue | undefined): value is MapValue {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array) && !Array.isArray(value);
}

/** Sets an own property whatever its name: assigning to `__proto__` would change the prototype instead. */
export function setOwn(map: { [name: string]: WireValue }, name: string, value: WireValue): void {
  if (name === "__proto__") {
    Object.defineProperty(map, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    map[name] = value;
  }
}

/**
 * What users see of a whole value and the fields that were changed after it.
 *
 * Fields of what is no map are void, as long as it stays. Without a whole value the fields alone are the value, and
 * nothing if all of them were removed.
 */
export function withFields(base: WireValue | undefined, byName: ReadonlyMap<string, Field>): WireValue | undefined {
  if (base !== undefined && !isMap(base)) return base;
  const map: { [name: string]: WireValue } = {};
  if (base !== undefined) {
    for (const [name, value] of Object.entries(base)) if (!byName.has(name)) setOwn(map, name, value);
  }
  let hasField = base !== undefined;
  for (const [name, { value }] of byName) {
    if (value === undefined) continue;
    setOwn(map, name, value);
    hasField = true;
  }
  return hasField ? map : undefined;
}
