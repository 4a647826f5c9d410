// Changes of a map's fields, as users give them. [CHORD-219]
import { checkOptions, type NamesOf } from "@p2p/base";
import { isMap, type ValueMap } from "./value.js";

/** What is to be changed in a map. */
export interface Delta {
  /** Fields to set. */
  readonly set?: ValueMap;
  /** Names of fields to remove, those of `set` among them. */
  readonly remove?: readonly string[];
}

const deltaNames: NamesOf<Delta> = { set: true, remove: true };

/** @throws TypeError for what is no delta: a text in the place of a list would remove each field that it contains */
export function checkedDelta(delta: Delta): Required<Delta> {
  if (typeof delta !== "object" || delta === null) throw new TypeError("a delta is { set, remove }");
  // Fields alone, as a table takes them, would change nothing.
  checkOptions("of a delta, which is { set, remove }", deltaNames, delta);
  const { set = {}, remove = [] } = delta;
  if (!isMap(set)) throw new TypeError("the fields to set are those of an object");
  if (!Array.isArray(remove) || !remove.every((name: unknown) => typeof name === "string")) {
    throw new TypeError("the fields to remove are a list of names");
  }
  return { set, remove };
}
