// Scenarios on a ring that has grown member by member: what is done to it is the fault, and figures tell what came of it.
import type { Scenario, World } from "@p2p/simulator";
import { RingWatch } from "./ring-watch.js";

/** Between two members that join. */
const apartMs = 40;

export type Tell = (line: string) => void;

export interface GrownRing {
  readonly ring: RingWatch;
  readonly world: World;
  /** Tells the figures, and fails with them unless they are as they should be. */
  judge(figures: string, isRight: boolean): void;
}

export interface GrownRingOptions {
  readonly name: string;
  readonly count: number;
  /** How long the ring has to settle once all are members. */
  readonly settleMs: number;
  /** Is told the figures. */
  readonly tell: Tell;
}

export function onGrownRing(
  { name, count, settleMs, tell }: GrownRingOptions,
  play: (grown: GrownRing) => Promise<void>,
): Scenario {
  return {
    name,
    nodes: Array.from({ length: count }, (_, number) => `n${number}`),
    faults: { count: 0, durationMs: 1 },
    world: { conditions: { latency: { minMs: 20, maxMs: 80 } }, trace: "off" },
    async run(world, _begin, nodes) {
      const ring = new RingWatch(world);
      await ring.grow(nodes, apartMs, settleMs);
      const judge = (figures: string, isRight: boolean): void => {
        tell(figures);
        if (!isRight) throw new Error(figures);
      };
      await play({ ring, world, judge });
    },
  };
}

export const tellNobody: Tell = () => undefined;
