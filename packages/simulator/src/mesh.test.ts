// The real mesh, unchanged, in virtual time.
import { expect, test } from "vitest";
import { World } from "./index.js";
import { meshPartition, openMembers } from "./testing/mesh-partition.js";

test.each([1, 2, 3])(
  "[MESH-002] every node gets each broadcast exactly once over a partition that heals, seed %i",
  async (seed) => {
    const { world, inboxes } = await meshPartition(seed);
    const all = new Set(Array.from({ length: 20 }, (_, round) => `message ${round}`));
    const received = new Map<string, number>();
    for (const inbox of inboxes) {
      expect(new Set(inbox).size).toBe(inbox.length);
      for (const text of inbox) received.set(text, (received.get(text) ?? 0) + 1);
    }
    // All but the sender.
    expect(received).toEqual(new Map([...received.keys()].map((text) => [text, 7])));
    expect(new Set(received.keys())).toEqual(all);
    const kinds = new Set(world.trace.entries.map((entry) => entry.kind));
    for (const kind of ["partition", "lost", "heal"]) expect(kinds).toContain(kind);
  },
);

test("[MESH-002] a node that loses its power is missed and comes back; the rest go on", async () => {
  const world = new World({ seed: 4, trace: "faults" });
  const nodes = await openMembers(world, 5);
  const [first, second, , , last] = nodes;
  if (first === undefined || second === undefined || last === undefined) throw new Error("five nodes");
  last.crash({ isPowerLost: true });
  await world.runUntil(() => nodes.every((node) => !node.isUp || node.value.mesh.peers.length === 3));
  first.value.mesh.broadcast("without it");
  await world.runUntil(() => second.value.inbox.includes("without it"));
  await world.restart(last);
  await world.runUntil(() => nodes.every((node) => node.value.mesh.peers.length === 4));
  first.value.mesh.broadcast("with it");
  await world.runUntil(() => nodes.every((node) => node === first || node.value.inbox.at(-1) === "with it"));
  expect(last.value.inbox).toEqual(["with it"]);
});
