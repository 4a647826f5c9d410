// A distributed hash table: a ring of nodes, and a dictionary on it.
export { ChordError, type ChordErrorCode, type ChordErrorOptions } from "./errors.js";
