// A fifth of all members dies at the same instant: not one value is lost.
import type { Scenario } from "@p2p/simulator";
import { DataWatch } from "../chord/data-watch.js";
import { onGrownRing, type Tell, tellNobody } from "../chord/grown-ring.js";

const settleMs = 30_000;
/** Until successors have their copies. */
const copyMs = 2_000;
/** Until the ring has closed its gaps. */
const mendMs = 20_000;

/** @param tell is told the figures */
export function dataFifthDies(name: string, count: number, values: number, tell: Tell = tellNobody): Scenario {
  return onGrownRing({ name, count, settleMs, tell }, async ({ ring, world, judge }) => {
    const data = new DataWatch(world, ring);
    await data.setAll(values);
    await world.runFor(copyMs);
    for (const node of world.random.shuffle([...ring.members]).slice(0, count / 5)) node.crash({ isPowerLost: true });
    await world.runFor(mendMs);
    const { right, failed, wrong } = await data.getAll();
    const figures = `${count / 5} of ${count} members died: of ${values} values ${right} read, ${wrong} lost, ${failed} not answered`;
    judge(figures, right >= values);
  });
}
