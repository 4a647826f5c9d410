// Whatever happened: once it is mended, all members are in one ring, know their neighbours, and find every owner.
import type { Scenario } from "@p2p/simulator";
import { RingWatch } from "../chord/ring-watch.js";

const names = ["n0", "n1", "n2", "n3", "n4", "n5"];
const durationMs = 60_000;
const lookupEveryMs = 2_000;

export const chordRingHeals: Scenario = {
  name: "chord-ring-heals",
  nodes: names,
  minNodes: 3,
  faults: { count: 8, durationMs },
  world: { conditions: { latency: { minMs: 5, maxMs: 60, spikeChance: 0.01, spikeMs: 500 } }, trace: "faults" },
  async run(world, begin, nodes) {
    const watch = new RingWatch(world);
    await watch.found(nodes);
    begin();
    for (let askedMs = 0; askedMs <= durationMs; askedMs += lookupEveryMs) {
      const [asker] = watch.live;
      // It may fail meanwhile, by an error of a known code; it must not hang.
      void asker?.lookup(Uint8Array.from({ length: 48 }, () => world.random.integer(256))).catch(() => undefined);
      await world.runFor(lookupEveryMs);
    }
    await watch.settled();
    const { asked, right } = await watch.lookUp(20, 10);
    if (right < asked) throw new Error(`${right} of ${asked} lookups name the owner though all is mended`);
  },
};
