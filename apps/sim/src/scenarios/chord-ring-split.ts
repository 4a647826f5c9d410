// A ring that was cut in two for so long that each half is a ring of its own is one ring again within 2 log2 n rounds.
import { ringsOf, viewOf } from "@p2p/chord/testing";
import type { Scenario } from "@p2p/simulator";
import { onGrownRing, tellNobody } from "../chord/grown-ring.js";
import { roundMs } from "../chord/ring-watch.js";

const cutMs = 180_000;
const settleMs = 30_000;

export function ringSplit(name: string, count: number): Scenario {
  return onGrownRing({ name, count, settleMs, tell: tellNobody }, async ({ ring, world, judge }) => {
    const names = ring.members.map((member) => member.name);
    const heal = world.network.partition(names.slice(0, count / 2), names.slice(count / 2));
    await world.runFor(cutMs);
    const rings = ringsOf(ring.live.map(viewOf)).length;
    judge(`the halves are ${rings} rings`, rings === 2);
    heal();
    await world.runFor(2 * Math.log2(count) * roundMs);
    judge(ring.broken.join("; "), ring.broken.length === 0);
    await world.runUntil(() => ring.unsettled.length === 0, { withinMs: 120_000 });
  });
}
