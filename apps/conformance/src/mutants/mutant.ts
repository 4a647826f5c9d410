// An implementation that is broken in one way on purpose, and the requirements that it thereby breaks.
import type { CodecTarget } from "../codec/codec-target.js";
import type { Interference } from "../stage/interference.js";

interface MutantFacts {
  /** Unique; recorded in proofs.json. */
  readonly id: string;
  /** What is wrong with it, in one line. */
  readonly what: string;
  /** Ids of the requirements that it breaks. */
  readonly breaks: readonly string[];
}

export interface CodecMutant extends MutantFacts {
  readonly kind: "codec";
  readonly target: CodecTarget;
}

/** A sound node behind a layer; made anew for each case, because a layer may remember. */
export interface NodeMutant extends MutantFacts {
  readonly kind: "node";
  readonly make: () => Interference;
}

export type Mutant = CodecMutant | NodeMutant;
