// Nodes whose positions follow one another without a gap join a ring at the same instant, each by another member: within 2 log2 n
// rounds all are in it, in order.
import type { Scenario } from "@p2p/simulator";
import { nodeIdFromBytes } from "@p2p/wire";
import { onGrownRing, type Tell, tellNobody } from "../chord/grown-ring.js";
import { healedWithin } from "../chord/healed.js";
import { type Member, RingWatch } from "../chord/ring-watch.js";

const settleMs = 30_000;
const positionBytes = 48;

/** @param tell is told the figures */
export function ringJoins(name: string, count: number, joining: number, tell: Tell = tellNobody): Scenario {
  return onGrownRing({ name, count, settleMs, tell }, async (grown) => {
    const { ring, world } = grown;
    const point = Uint8Array.from({ length: positionBytes - 1 }, () => world.random.integer(256));
    const ways = ring.members.map(({ address }) => address);
    const joins = world.random.shuffle(Array.from({ length: joining }, (_, place) => place)).map(async (place) => {
      const id = nodeIdFromBytes(Uint8Array.of(...point, place));
      const bootstrap = [world.random.pick(ways)];
      return world.start(`j${place}`, (seams) => RingWatch.open(seams, { id, bootstrap }));
    });
    for (const member of await Promise.all(joins)) ring.members.push(member as Member);
    await healedWithin(grown, `${joining} joined at one point`, count + joining);
  });
}
