// Half of all members crash at the same instant. At the end of the third round of stabilising at least 99.9 % of lookups
// reach the live owner, and the survivors are one ring.
//
// Where processes crash, their peers see resets; where machines lose their power nobody is told, and who is asked is silent.
import type { Scenario } from "@p2p/simulator";
import { mean, RingWatch, roundMs } from "../chord/ring-watch.js";

const roundsAllowed = 3;
const rightPart = 0.999;
const apartMs = 40;
const settleMs = 60_000;

/** @param tell is told the figures */
export function ringMassCrash(
  name: string,
  count: number,
  lookups: number,
  isPowerLost = false,
  tell: (line: string) => void = () => undefined,
): Scenario {
  return {
    name,
    nodes: Array.from({ length: count }, (_, number) => `n${number}`),
    // The crash is the fault.
    faults: { count: 0, durationMs: 1 },
    world: { conditions: { latency: { minMs: 20, maxMs: 80 } }, trace: "off" },
    async run(world, _begin, nodes) {
      const watch = new RingWatch(world);
      await watch.grow(nodes, apartMs, settleMs);
      const order = world.random.shuffle([...watch.members]);
      for (const node of order.slice(0, count / 2)) node.crash({ isPowerLost });
      await world.runFor(roundsAllowed * roundMs);
      const { asked, right, failed, hops } = await watch.lookUp(lookups, 2);
      const figures = `${count / 2} of ${count} members left after ${isPowerLost ? "a loss of power" : "a crash"}: ${right} of ${asked} lookups right, ${failed} failed, mean path ${mean(hops).toFixed(2)}`;
      tell(figures);
      if (right < rightPart * asked) throw new Error(figures);
      await world.runUntil(() => watch.broken.length === 0);
    },
  };
}
