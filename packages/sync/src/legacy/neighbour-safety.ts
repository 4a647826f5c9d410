// What is kept from neighbours because it would break them. [SYNC-310]
import type { Dialect } from "@p2p/wire/legacy";
import type { Legacy } from "./messages.js";
import type { Outcome } from "./table.js";

/**
 * Whether a broadcast is safe for a neighbour [SYNC-310]: js2p drops the link for deletes and for keys that its objects have by
 * nature, py2p for deletes of what it does not have and for fields of what is no map.
 */
export function mayHear(dialect: Dialect | undefined, legacy: Legacy, outcome: Outcome): boolean {
  if (legacy.kind !== "store" && legacy.kind !== "delta") return true;
  if (outcome === "not-a-map") return false;
  const isDelete = legacy.kind === "store" && legacy.value === null;
  if (dialect?.nodeIds === "str") return !isDelete && !isTrapOfJavaScript(legacy.key);
  return !isDelete || outcome === "deleted";
}

/** A name that every object of JavaScript has, which js2p takes for a key that is there. */
export function isTrapOfJavaScript(key: string): boolean {
  return key in Object.prototype;
}
