// How long paths are in rings of the shipped ring and routing logic, as one ring grows twofold again and again. [SIGCOMM 2001,
// figure 10]
import { LogicRing } from "./logic-ring.js";

export interface PathLengths {
  readonly members: number;
  /** Nodes that each lookup passed, in order of size. */
  readonly hops: readonly number[];
}

export interface PathOptions {
  readonly smallest: number;
  readonly largest: number;
  readonly lookups: number;
  readonly seed: number;
}

/** @throws Error when a lookup does not find the owner */
export function pathLengths({ smallest, largest, lookups, seed }: PathOptions): readonly PathLengths[] {
  const ring = new LogicRing(seed);
  const found: PathLengths[] = [];
  for (let members = smallest; members <= largest; members *= 2) {
    ring.grow(members);
    const { hops, failed } = ring.lookUp(lookups);
    if (failed > 0) throw new Error(`${failed} of ${lookups} lookups failed in a ring of ${members}`);
    found.push({ members, hops });
  }
  return found;
}
