// A ring that was cut in two for so long that each half is a ring of its own is one ring again within 2 log2 n rounds.
import { ringsOf, viewOf } from "@p2p/chord/testing";
import type { Scenario } from "@p2p/simulator";
import { RingWatch, roundMs } from "../chord/ring-watch.js";

const cutMs = 180_000;

export function ringSplit(name: string, count: number): Scenario {
  return {
    name,
    nodes: Array.from({ length: count }, (_, number) => `n${number}`),
    // The partition is the fault.
    faults: { count: 0, durationMs: 1 },
    world: { conditions: { latency: { minMs: 5, maxMs: 40 } }, trace: "off" },
    async run(world, _begin, nodes) {
      const watch = new RingWatch(world);
      await watch.grow(nodes, 50, 30_000);
      const heal = world.network.partition(nodes.slice(0, count / 2), nodes.slice(count / 2));
      await world.runFor(cutMs);
      const rings = ringsOf(watch.live.map(viewOf)).length;
      if (rings !== 2) throw new Error(`the halves are ${rings} rings`);
      heal();
      await world.runFor(2 * Math.log2(count) * roundMs);
      if (watch.broken.length > 0) throw new Error(watch.broken.join("; "));
      await world.runUntil(() => watch.unsettled.length === 0, { withinMs: 120_000 });
    },
  };
}
