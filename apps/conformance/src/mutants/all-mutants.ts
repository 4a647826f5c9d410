// Every broken implementation that the suite tries its cases on.
import { codecMutants } from "./codec-mutants.js";
import { garbledTarget } from "./garbled-target.js";
import { neverCloses } from "./layers.js";
import type { Mutant } from "./mutant.js";

export function allMutants(): readonly Mutant[] {
  return codecMutants();
}

/** Broken in every way; a case that passes on these checks nothing. */
export function hopelessMutants(): readonly Mutant[] {
  return [
    {
      kind: "codec",
      id: "garbled",
      what: "refuses nothing and gets everything wrong",
      breaks: [],
      target: garbledTarget,
    },
    {
      kind: "node",
      id: "deaf",
      what: "hears nothing, says nothing, ends nothing",
      breaks: [],
      make: () => ({ ...neverCloses(), toNode: () => [], toSuite: () => [] }),
    },
  ];
}
