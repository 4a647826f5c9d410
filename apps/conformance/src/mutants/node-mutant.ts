// How node mutants are written down.
import type { Interference } from "../stage/interference.js";
import type { NodeMutant } from "./mutant.js";

/** `breaks` are ids with spaces between them; `make` gives a fresh layer, because a layer may remember. */
export function nodeMutant(id: string, breaks: string, what: string, make: () => Interference): NodeMutant {
  return { kind: "node", id: `node/${id}`, what, breaks: breaks.split(" "), make };
}
