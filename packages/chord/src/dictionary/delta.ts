// Changes of a map's fields, as users give them. [CHORD-219]
import { checkOptions, type NamesOf } from "@p2p/base";
import { type OperationOptions, operationNames } from "./retry.js";
import { isMap, type ValueMap } from "./value.js";

export interface DeltaOptions extends OperationOptions {
  /** Names of fields to remove, also of such as are set. Default: none. */
  readonly remove?: readonly string[];
}

const deltaNames: NamesOf<DeltaOptions> = { ...operationNames, remove: true };

/** What is to be changed in a map, and how. */
export interface Delta {
  readonly remove: readonly string[];
  readonly options: OperationOptions;
}

/** @throws TypeError for what is no delta: a text in the place of a list would remove each field that it contains */
export function checkedDelta(fields: ValueMap, given: DeltaOptions = {}): Delta {
  checkOptions("of applyDelta", deltaNames, given);
  const { remove = [], ...options } = given;
  if (!isMap(fields)) throw new TypeError("the fields to set are those of an object");
  if (!Array.isArray(remove) || !remove.every((name: unknown) => typeof name === "string")) {
    throw new TypeError("the fields to remove are a list of names");
  }
  return { remove, options };
}
