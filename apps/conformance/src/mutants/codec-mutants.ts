// The reference codec with one defect each.
import type { Defect } from "../reference/defects.js";
import { referenceTarget } from "../reference/reference-target.js";
import type { CodecMutant } from "./mutant.js";

/** Defect, what is wrong, requirements broken. */
type Line = readonly [Defect, string, ...string[]];

const lines: readonly Line[] = [];

export function codecMutants(): CodecMutant[] {
  return lines.map(([defect, what, ...breaks]) => ({
    kind: "codec",
    id: `codec/${defect}`,
    what,
    breaks,
    target: referenceTarget(defect),
  }));
}
