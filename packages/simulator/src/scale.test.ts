// What many nodes cost, in events: a bounded look at what `pnpm bench sim` measures with a thousand and more.
import { expect, test } from "vitest";
import { type SimulatedNode, World } from "./index.js";
import { type MeshMember, openMember } from "./testing/mesh-partition.js";

test("[MESH-002] 60 nodes over one seed: a broadcast costs an event for each frame and one or two for each node", async () => {
  const world = new World({ seed: 5, trace: "off" });
  const nodes: SimulatedNode<MeshMember>[] = [];
  for (let number = 0; number < 60; number++) nodes.push(await world.start(`n${number}`, openMember));
  await world.runFor(60_000);
  const framesSent = (): number => nodes.reduce((sum, { value }) => sum + value.mesh.counters.framesSent, 0);
  const quiet = world.steps;
  await world.runFor(10_000);
  const idleEvents = world.steps - quiet;
  // A node that does nothing wakes up twice a second, pings, and exchanges peers now and then.
  expect(idleEvents).toBeLessThan(60 * 10 * 8);
  const [before, framesBefore] = [world.steps, framesSent()];
  for (let round = 0; round < 10; round++) {
    world.random.pick(nodes).value.mesh.broadcast(`message ${round}`);
    await world.runFor(1_000);
  }
  for (const node of nodes) expect(new Set(node.value.inbox).size).toBe(node.value.inbox.length);
  expect(nodes.reduce((sum, { value }) => sum + value.inbox.length, 0)).toBe(10 * 59);
  const frames = framesSent() - framesBefore;
  expect(frames).toBeLessThan(10 * 60 * 12);
  expect(world.steps - before).toBeLessThan(frames + 10 * 60 * 2 + 2 * idleEvents);
});
