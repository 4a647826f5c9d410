// A scenario of everything at once: all kinds of faults, restarts, lost power, wrong clocks, and stores on disks.
import type { Mesh } from "@p2p/mesh";
import { type NodeSeams, play, type Scenario, type World } from "../index.js";
import { simulatedLevel } from "../level.js";
import { openMember } from "./mesh-partition.js";

const names = ["n0", "n1", "n2", "n3", "n4"];
const durationMs = 60_000;

async function openKeeper(seams: NodeSeams): Promise<{ readonly mesh: Mesh; entries(): Promise<unknown> }> {
  const store = simulatedLevel(seams);
  await store.open();
  const { mesh } = await openMember(seams);
  mesh.on("message", ({ data }) => {
    // What a crash cuts off never settles, and nothing else fails.
    void store.put(String(data), String(seams.clock.now()));
    seams.disk.set("last", new TextEncoder().encode(String(data)));
  });
  return { mesh, entries: () => store.iterator().all() };
}

const scenario: Scenario = {
  name: "mixed faults",
  nodes: names,
  faults: { count: 30, durationMs },
  world: { conditions: { lossRate: 0.03, latency: { minMs: 1, maxMs: 50, spikeChance: 0.02, spikeMs: 400 } } },
  async run(world, begin) {
    const start = (name: string, number: number) =>
      world.start(name, openKeeper, { clock: { skewMs: 1_000 * number, driftPpm: 100 * number } });
    const nodes = await Promise.all(names.map(start));
    begin();
    for (let sentMs = 0; sentMs < durationMs; sentMs += 1_000) {
      const sender = world.random.pick(nodes);
      if (sender.isReady) sender.value.mesh.broadcast(`at ${sentMs}`);
      await world.runFor(1_000);
    }
    await world.runUntil(() => nodes.every(({ isReady }) => isReady));
    for (const { name, value } of nodes) {
      world.trace.record("kept", name, { entries: JSON.stringify(await world.run(value.entries())) });
    }
  },
};

/** Plays it. @throws what went wrong */
export async function mixedFaults(seed: number): Promise<World> {
  const { world, failure } = await play(scenario, seed);
  if (failure !== undefined) throw failure;
  return world;
}
