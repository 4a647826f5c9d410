// Letters, pings and discovery through a mesh, over several hops, while members leave.
import type { SimulatedNode, World } from "@p2p/simulator";
import { expect, test } from "vitest";
import { inLine, inRing, type MeshMember, meshes } from "../testing/secure-mesh-world.js";
import { at, failure, latencyMs, newWorld } from "../testing/secure-world.js";
import { identityOf } from "../testing/worlds.js";

type Nodes = readonly SimulatedNode<MeshMember>[];

async function close(world: World, nodes: Nodes): Promise<void> {
  await world.run(Promise.all(nodes.filter(({ isUp }) => isUp).map(({ value }) => value.mesh.close())));
}

const codesOf = (told: readonly string[]): readonly string[] =>
  told.filter((text) => !text.startsWith("accepted peer"));

test("[SEC-230] [SEC-240] letters and pings go over several hops; who passes them on judges and cannot open them", async () => {
  const world = newWorld(5);
  const nodes = await meshes(world, 5, inLine);
  const [ada, , cy, , eve] = nodes.map(({ value }) => value);
  if (ada === undefined || cy === undefined || eve === undefined) throw new Error("five nodes");
  await world.run(ada.node.send(eve.node.id, "over three others", { type: "far" }));
  await world.runUntil(() => eve.letters.length === 1);
  expect(at(eve.letters, 0)).toMatchObject({ type: "far", data: "over three others", from: ada.node.id });
  // The question for the key and its answer, and the letter: each was verified on its way, and none was a letter there.
  expect(new Set(cy.judged)).toEqual(new Set(["accepted"]));
  expect(cy.judged.length).toBeGreaterThanOrEqual(3);
  expect(cy.letters).toEqual([]);
  expect(codesOf(cy.told)).not.toContain("accepted letter");
  const pingMs = await world.run(ada.node.ping(eve.node.id));
  expect(pingMs).toBeGreaterThanOrEqual(8 * latencyMs);
  expect(pingMs).toBeLessThan(12 * latencyMs);
  await close(world, nodes);
});

test("[SEC-230] [SEC-234] one sealed message goes to readers at different distances, and each can prove it", async () => {
  const world = newWorld(6);
  const nodes = await meshes(world, 5, inLine);
  const [first, ...others] = nodes.map(({ value }) => value);
  const ids = others.map(({ node }) => node.id);
  await world.run(first?.node.send(ids, ["to", "all"], { isSigned: true }) ?? Promise.resolve());
  await world.runUntil(() => others.every(({ letters }) => letters.length === 1));
  for (const { letters } of others) {
    expect(at(letters, 0).readers.toSorted()).toEqual(ids.toSorted());
    expect(at(letters, 0).proof).toBeDefined();
  }
  await close(world, nodes);
});

test("[SEC-245] the graph of a mesh has all nodes, their hops and both ends of every link", async () => {
  const world = newWorld(7);
  const nodes = await meshes(world, 6, inRing(6));
  const graph = await world.run(at(nodes, 0).value.node.discover({ hops: 3 }));
  expect(nodes.map(({ value }) => graph.nodes.get(value.node.id)?.hops)).toEqual([0, 1, 2, 3, 2, 1]);
  expect(graph.edges.filter(({ isMutual }) => isMutual).length).toBe(6);
  expect(graph.isComplete).toBe(true);
  for (const { hops, latencyMs: measured } of graph.nodes.values()) {
    if (hops > 0) expect(measured).toBeCloseTo(hops * 2 * latencyMs, -1);
  }
  await close(world, nodes);
});

test("[SEC-230] [SEC-245] letters and questions find another way when a member leaves, and the graph shows who is left", async () => {
  const world = newWorld(8);
  const nodes = await meshes(world, 6, inRing(6));
  const [first, far] = [at(nodes, 0).value, at(nodes, 3).value];
  await world.run(first.node.discover({ hops: 3 }));
  await world.run(first.node.send(far.node.id, "before"));
  at(nodes, 1).crash();
  await world.runUntil(() => first.mesh.peers.length === 1);
  await world.run(first.node.send(far.node.id, "after"));
  await world.runUntil(() => far.letters.length === 2);
  expect(far.letters.map(({ data }) => data)).toEqual(["before", "after"]);
  const graph = await world.run(first.node.discover({ hops: 5 }));
  expect(graph.nodes.get(far.node.id)?.hops).toBe(3);
  expect(graph.nodes.get(identityOf(3).id)?.hops).toBe(4);
  expect(graph.nodes.get(identityOf(2).id)?.neighbours).toBeUndefined();
  expect(await world.run(first.node.ping(far.node.id))).toBeGreaterThanOrEqual(6 * latencyMs);
  await close(world, nodes);
});

test("[SEC-230] a letter to who has left is told as lost, and those to others arrive", async () => {
  const world = newWorld(9);
  const nodes = await meshes(world, 4, inLine);
  const [first, second, third, last] = nodes.map(({ value }) => value);
  if (!first || !second || !third || !last) throw new Error("four nodes");
  const ids = [second, third, last].map(({ node }) => node.id);
  await world.run(Promise.all(ids.map((id) => first.node.keyOf(id))));
  at(nodes, 3).crash();
  await world.runUntil(() => third.mesh.peers.length === 1);
  expect(await world.run(failure(first.node.send(ids, "who is there")))).toBe("unreachable");
  await world.runUntil(() => [second, third].every(({ letters }) => letters.length === 1));
  expect(await world.run(failure(first.node.ping(last.node.id)))).not.toBe("none");
  expect(await world.run(failure(first.node.ping(third.node.id)))).toBe("none");
  await close(world, nodes);
});

test("[SEC-240] a way that a discovery found and that is gone does not keep a ping from finding another", async () => {
  for (const side of [1, 5]) {
    const world = newWorld(10 + side);
    const nodes = await meshes(world, 6, inRing(6));
    const [first, far] = [at(nodes, 0).value, at(nodes, 3).value];
    await world.run(first.node.discover({ hops: 3 }));
    at(nodes, side).crash();
    await world.runUntil(() => first.mesh.peers.length === 1);
    expect(await world.run(first.node.ping(far.node.id))).toBeGreaterThanOrEqual(6 * latencyMs);
    await close(world, nodes);
  }
});
