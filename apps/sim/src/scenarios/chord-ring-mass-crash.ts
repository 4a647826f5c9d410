// Half of all members crash at the same instant. At the end of the third round of stabilising at least 99.9 % of lookups
// reach the live owner, and the survivors are one ring.
//
// Where processes crash, their peers see resets; where machines lose their power nobody is told, and who is asked is silent.
import type { Scenario } from "@p2p/simulator";
import { onGrownRing, type Tell, tellNobody } from "../chord/grown-ring.js";
import { mean, roundMs } from "../chord/ring-watch.js";

const roundsAllowed = 3;
const rightPart = 0.999;
const settleMs = 60_000;

/** @param tell is told the figures */
export function ringMassCrash(
  name: string,
  count: number,
  lookups: number,
  isPowerLost = false,
  tell: Tell = tellNobody,
): Scenario {
  return onGrownRing({ name, count, settleMs, tell }, async ({ ring, world, judge }) => {
    const order = world.random.shuffle([...ring.members]);
    for (const node of order.slice(0, count / 2)) node.crash({ isPowerLost });
    await world.runFor(roundsAllowed * roundMs);
    const { asked, right, failed, hops } = await ring.lookUp(lookups, 2);
    const figures = `${count / 2} of ${count} members left after ${isPowerLost ? "a loss of power" : "a crash"}: ${right} of ${asked} lookups right, ${failed} failed, mean path ${mean(hops).toFixed(2)}`;
    judge(figures, right >= rightPart * asked);
    await world.runUntil(() => ring.broken.length === 0);
  });
}
