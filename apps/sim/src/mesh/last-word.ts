// After the faults: the mesh is whole again, and a broadcast costs exactly the frames that the chapter says.
import type { SimulatedNode, World } from "@p2p/simulator";
import { isConnected, type Member, type MeshWatch } from "./mesh-watch.js";

/** Until what was on its way when all was mended has come, or its link is given up. */
const restMs = 60_000;
/** Long enough for a broadcast to reach all over links without faults, retransmissions included. */
const settleMs = 10_000;
const attempts = 60;

/**
 * Holds that all nodes come up, that their links join them all, and that then a broadcast comes to everybody. While no link
 * comes or goes it costs 2e - (n - 1) frames over e links: a node that leaves out a neighbour, or sends on twice, shows in
 * that sum even where others make up for it. (spec/mesh.md, section 1)
 * @throws Error, SimulatorError `deadline`
 */
export async function lastWord(world: World, watch: MeshWatch, nodes: readonly SimulatedNode<Member>[]): Promise<void> {
  await world.runUntil(() => nodes.every((node) => node.isReady) && isConnected(nodes));
  await world.runFor(restMs);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = { links: linksOf(nodes), frames: framesOf(nodes) };
    const text = `last word ${attempt}`;
    watch.broadcast(world.random.pick(nodes), text);
    await world.runFor(settleMs);
    if (linksOf(nodes) !== before.links || !isConnected(nodes)) continue;
    const without = nodes.filter((node) => !node.value.held.has(text));
    if (without.length > 0) throw new Error(`"${text}" has not come to ${without.map(({ name }) => name).join(", ")}`);
    const links = nodes.reduce((sum, { value }) => sum + value.mesh.peers.length, 0) / 2;
    const expected = 2 * links - (nodes.length - 1);
    const frames = framesOf(nodes) - before.frames;
    if (frames === expected) return;
    throw new Error(`${frames} frames came of "${text}", where ${links} links make it ${expected}`);
  }
  throw new Error(`links came and went for ${(settleMs * attempts) / 1_000} s after all was mended`);
}

/** Frames of broadcasts that came to any of them. */
function framesOf(nodes: readonly SimulatedNode<Member>[]): number {
  return nodes.reduce((sum, { value }) => sum + value.mesh.counters.delivered + value.mesh.counters.duplicates, 0);
}

function linksOf(nodes: readonly SimulatedNode<Member>[]): string {
  return nodes.map(({ value }) => value.mesh.peers.toSorted().join()).join(";");
}
