// What is lost when a part of a ring dies at once: lookups, and values, with and without copies. [SIGCOMM 2001, figure 11; ToN 2003]
import { LogicRing } from "./logic-ring.js";

/** Fractions of 1. */
export interface Deaths {
  /** Of the members, that died. */
  readonly died: number;
  /** Of lookups, that did not find the live owner; begun at the instant of the deaths. */
  readonly failedAtOnce: number;
  /** The same, begun three rounds later. */
  readonly failedLater: number;
  /** Of values that stand at one node alone, as in the paper. */
  readonly lostAlone: number;
  /** Of values that stand where the dictionary puts them: at five positions and, at each, with the next member. */
  readonly lostWithCopies: number;
}

export interface DeathOptions {
  readonly members: number;
  readonly fractions: readonly number[];
  readonly lookups: number;
  readonly values: number;
  readonly seed: number;
}

const positions = 5;
const copies = 1;
const rounds = 3;

export function deaths({ members, fractions, lookups, values, seed }: DeathOptions): readonly Deaths[] {
  return fractions.map((died) => {
    const ring = new LogicRing(seed);
    ring.grow(members);
    const alone = Array.from({ length: values }, () => ring.holdersOf(ring.anyPosition(), 0));
    const copied = Array.from({ length: values }, () =>
      Array.from({ length: positions }, () => ring.holdersOf(ring.anyPosition(), copies)).flat(),
    );
    ring.crash(Math.round(died * members));
    const alive = ring.alive;
    const lost = (holders: readonly (readonly string[])[]): number =>
      holders.filter((each) => !each.some((id) => alive.has(id))).length / values;
    const failedAtOnce = ring.lookUp(lookups).failed / lookups;
    ring.runRounds(rounds);
    const failedLater = ring.lookUp(lookups).failed / lookups;
    return { died, failedAtOnce, failedLater, lostAlone: lost(alone), lostWithCopies: lost(copied) };
  });
}
