// A ring of which one half is not heard by the other, while it hears all that the other says: each goes on as a ring of its own,
// and once both are heard they are one ring again within 2 log2 n rounds.
import { ringsOf, viewOf } from "@p2p/chord/testing";
import type { Scenario } from "@p2p/simulator";
import { onGrownRing, type Tell, tellNobody } from "../chord/grown-ring.js";
import { healedWithin } from "../chord/healed.js";

const cutMs = 180_000;
const settleMs = 30_000;

/** @param tell is told the figures */
export function ringOneWay(name: string, count: number, tell: Tell = tellNobody): Scenario {
  return onGrownRing({ name, count, settleMs, tell }, async (grown) => {
    const { ring, world, judge } = grown;
    const names = ring.members.map((member) => member.name);
    const heal = world.network.partition(names.slice(0, count / 2), names.slice(count / 2), { oneWay: true });
    await world.runFor(cutMs);
    const rings = ringsOf(ring.live.map(viewOf)).length;
    judge(`cut one way, they are ${rings} rings`, rings === 2);
    heal();
    await healedWithin(grown, "the cut of one way healed", count);
  });
}
