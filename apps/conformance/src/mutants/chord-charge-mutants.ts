// Nodes that tell wrongly where they are in charge and sure, or do not listen to that.
import type { Packable } from "../reference/msgpack.js";
import type { Value } from "../reference/value.js";
import { ask, isAskFor, reply } from "../stage/chord-dictionary.js";
import type { Interference } from "../stage/interference.js";
import { answers, answersItself, hears } from "./chord-layers.js";
import { dropsToSuite } from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

/** An answer with another charge, and other positions that are sure. */
function stands(
  answer: readonly Value[],
  change: (charge: number, sure: number) => readonly [charge: number, sure: number],
): readonly Packable[] {
  const [kind, write, isReady] = answer as readonly Packable[];
  if (kind === reply.taken) return [kind, change(Number(answer[1]), 0)[0]];
  if (kind !== reply.has) return answer as readonly Packable[];
  return [kind, write as Packable, isReady as Packable, ...change(Number(answer[3]), Number(answer[4]))];
}

/** Takes what it claims for given, and asks nobody. */
function claimsNothing(): Interference {
  return answersItself(
    ask.claim,
    ({ items }) => {
      const after = items[3] as Packable; // of a claim: a position
      return [reply.given, after, after];
    },
    false,
  );
}

export const chordChargeMutants: readonly NodeMutant[] = [
  nodeMutant("dictionary/always-in-charge", "CHORD-261", "says that it is in charge of every position", () =>
    answers([ask.get, ask.put], (answer) => stands(answer, (_, sure) => [31, sure])),
  ),
  nodeMutant("dictionary/in-charge-to-the-end", "CHORD-261", "keeps its charge until it has left", () => {
    let most = 0;
    return answers([ask.get, ask.put], (answer) =>
      stands(answer, (charge, sure) => {
        most = Math.max(most, charge);
        return [most, sure];
      }),
    );
  }),
  nodeMutant(
    "dictionary/sure-of-its-charge",
    "CHORD-262 CHORD-264",
    "says that it is sure of all that it is in charge of",
    () => answers([ask.get], (answer) => stands(answer, (charge) => [charge, charge])),
  ),
  nodeMutant("dictionary/never-sure-of-keys", "CHORD-262 CHORD-265", "says that it is sure of no key", () =>
    answers([ask.get], (answer) => stands(answer, (charge) => [charge, 0])),
  ),
  nodeMutant("dictionary/claims-nothing", "CHORD-263", "takes its range without a word", claimsNothing),
  nodeMutant("dictionary/reads-nothing-again", "CHORD-265", "does not read what it is not sure of", () =>
    dropsToSuite(isAskFor(ask.get)),
  ),
  nodeMutant("dictionary/trusts-all", "CHORD-266 CHORD-206", "takes everybody who answers for sure", () =>
    hears(ask.get, (answer) => stands(answer, () => [31, 31])),
  ),
  nodeMutant("dictionary/counts-all", "CHORD-210", "counts everybody who takes a write", () =>
    hears(ask.put, (answer) => stands(answer, () => [31, 31])),
  ),
];
