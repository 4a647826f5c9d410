// A distributed hash table: a ring of nodes, and a dictionary on it.
export type { DirectOptions, WaitOptions } from "./call-options.js";
export { Chord, type Owner, type Trace } from "./chord.js";
export type { ChordEvents } from "./chord-events.js";
export type { DeltaOptions } from "./dictionary/delta.js";
export type { Swapped } from "./dictionary/dictionary.js";
export {
  type DictionaryLimits,
  type DictionaryOptions,
  defaultDictionaryLimits,
} from "./dictionary/dictionary-options.js";
export type { Held } from "./dictionary/operations.js";
export type { OperationOptions } from "./dictionary/retry.js";
export type { Key, ValueMap } from "./dictionary/value.js";
export { ChordError, type ChordErrorCode, type ChordErrorOptions } from "./errors.js";
export { type ChordLimits, type ChordOptions, defaultChordLimits } from "./options.js";
export { positionsOf } from "./positions.js";
export type { SizeEstimate } from "./ring/density.js";
export type { Role } from "./ring/ring-events.js";
export { type ChordStore, openStore } from "./store/chord-store.js";
