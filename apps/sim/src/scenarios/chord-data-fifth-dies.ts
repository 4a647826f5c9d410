// A fifth of all members dies at the same instant: not one value is lost.
import type { Scenario } from "@p2p/simulator";
import { DataWatch } from "../chord/data-watch.js";
import { RingWatch } from "../chord/ring-watch.js";

const apartMs = 40;
const settleMs = 30_000;
/** Until successors have their copies. */
const copyMs = 2_000;
/** Until the ring has closed its gaps. */
const mendMs = 20_000;

/** @param tell is told the figures */
export function dataFifthDies(
  name: string,
  count: number,
  values: number,
  tell: (line: string) => void = () => undefined,
): Scenario {
  return {
    name,
    nodes: Array.from({ length: count }, (_, number) => `n${number}`),
    // The deaths are the fault.
    faults: { count: 0, durationMs: 1 },
    world: { conditions: { latency: { minMs: 20, maxMs: 80 } }, trace: "off" },
    async run(world, _begin, nodes) {
      const ring = new RingWatch(world);
      await ring.grow(nodes, apartMs, settleMs);
      const data = new DataWatch(world, ring);
      await data.setAll(values);
      await world.runFor(copyMs);
      for (const node of world.random.shuffle([...ring.members]).slice(0, count / 5)) node.crash({ isPowerLost: true });
      await world.runFor(mendMs);
      const { right, failed, wrong } = await data.getAll();
      const figures = `${count / 5} of ${count} members died: of ${values} values ${right} read, ${wrong} lost, ${failed} not answered`;
      tell(figures);
      if (right < values) throw new Error(figures);
    },
  };
}
