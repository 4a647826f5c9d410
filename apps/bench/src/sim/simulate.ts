// A world of mesh nodes in virtual time that join, rest and broadcast; what that took.
import { Mesh } from "@p2p/mesh";
import { type SimulatedNode, World } from "@p2p/simulator";
import { heldBytes, measure } from "./phase.js";
import type { SimReport } from "./report.js";

/** Virtual time in which the nodes exchange links before the first broadcast, in ms. */
const settleMs = 60_000;
/** Virtual time between broadcasts, in ms: several are on their way at once. */
const everyMs = 100;

type Nodes = readonly SimulatedNode<Mesh>[];

/** Nodes, each joined by the address of one that came before. */
async function startAll(world: World, count: number): Promise<Nodes> {
  const nodes: SimulatedNode<Mesh>[] = [];
  for (let number = 0; number < count; number++) {
    const bootstrap = nodes.length === 0 ? [] : [world.random.pick(nodes).address];
    const node = await world.start(`n${number}`, async ({ address, clock, random, transports }) => {
      const mesh = new Mesh({ network: "sim", listen: [address], bootstrap, clock, random, transports });
      await mesh.open();
      return mesh;
    });
    nodes.push(node);
  }
  return nodes;
}

/** Whether every node can be reached from the first. */
function isWhole(nodes: Nodes): boolean {
  const byId = new Map(nodes.map(({ value }) => [value.id, value]));
  const reached = new Set(nodes.slice(0, 1).map(({ value }) => value.id));
  for (const id of reached) for (const peer of byId.get(id)?.peers ?? []) reached.add(peer);
  return reached.size === nodes.length;
}

function framesSent(nodes: Nodes): number {
  return nodes.reduce((sum, { value }) => sum + value.counters.framesSent, 0);
}

/** Without garbage collection on demand (`--expose-gc`), the memory of a node includes garbage. */
export async function simulate(nodeCount: number, broadcasts: number): Promise<SimReport> {
  const atFirst = heldBytes();
  const world = new World({ seed: 1, trace: "off" });
  let nodes: Nodes = [];
  const joining = await measure(world, async () => {
    nodes = await startAll(world, nodeCount);
    while (!isWhole(nodes)) await world.runFor(1_000);
  });
  const settling = await measure(world, () => world.runFor(settleMs));
  const bytesPerNode = (heldBytes() - atFirst) / nodeCount;
  const heard = Array.from({ length: broadcasts }, () => new Uint8Array(nodeCount));
  for (const [index, { value }] of nodes.entries()) {
    value.on("message", ({ data }) => {
      const one = heard[Number(data)];
      if (one !== undefined) one[index] = (one[index] ?? 0) + 1;
    });
  }
  const before = framesSent(nodes);
  const broadcasting = await measure(world, async () => {
    for (let number = 0; number < broadcasts; number++) {
      const origin = world.random.integer(nodeCount);
      nodes[origin]?.value.broadcast(number);
      // The origin does not hear itself.
      const one = heard[number];
      if (one !== undefined) one[origin] = 1;
      await world.runFor(everyMs);
    }
    // Whatever is missing or comes twice has come by then.
    await world.runFor(5_000);
  });
  const counts = heard.flatMap((one) => [...one]);
  return {
    joining,
    settling,
    broadcasting,
    missed: counts.filter((count) => count === 0).length,
    twice: counts.filter((count) => count > 1).length,
    framesSent: (framesSent(nodes) - before) / broadcasts,
    links: nodes.reduce((sum, { value }) => sum + value.peers.length, 0) / nodeCount,
    bytesPerNode,
    peakBytes: process.resourceUsage().maxRSS * 1_024,
  };
}
