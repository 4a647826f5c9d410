// The errors of arrays and maps beyond the limits, the same for reading and writing. [WIRE-028, WIRE-036, WIRE-037]
import { WireError } from "./errors.js";

/** One container too many around another. */
export function tooDeep(maxDepth: number): WireError {
  return new WireError("too-deep", `containers nested deeper than ${maxDepth}`);
}

/** More entries than one container may have. */
export function tooManyEntries(count: number, maxEntries: number): WireError {
  return new WireError("too-many-entries", `a container of ${count} entries; the limit is ${maxEntries}`);
}
