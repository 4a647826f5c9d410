// A scenario with the real mesh: broadcasts go on while the network is parted, and everybody has all once it healed.
import { Mesh } from "@p2p/mesh";
import { type NodeSeams, type SimulatedNode, World } from "../index.js";

export interface MeshMember {
  readonly mesh: Mesh;
  /** The texts received, in the order of their coming. */
  readonly inbox: string[];
}

/** Makes a mesh that listens at its place of the world, and joins by the first node. */
export async function openMember({ address, clock, random, transports }: NodeSeams): Promise<MeshMember> {
  const bootstrap = address === "sim://n0:1" ? [] : ["sim://n0:1"];
  const mesh = new Mesh({ network: "scenario", listen: [address], bootstrap, clock, random, transports });
  const inbox: string[] = [];
  await mesh.open();
  mesh.on("message", (message) => inbox.push(String(message.data)));
  return { mesh, inbox };
}

/** Eight nodes, half of them with wrong clocks, that are all linked. */
export async function openMembers(world: World, count = 8): Promise<SimulatedNode<MeshMember>[]> {
  const nodes: SimulatedNode<MeshMember>[] = [];
  for (let number = 0; number < count; number++) {
    const clock = number % 2 === 0 ? {} : { skewMs: 600_000 * (number % 4 === 1 ? 1 : -1), driftPpm: 50 * number };
    nodes.push(await world.start(`n${number}`, openMember, { clock }));
  }
  await world.runUntil(() => nodes.every((node) => node.value.mesh.peers.length === count - 1));
  return nodes;
}

/** Runs the scenario to its end. @returns the world, and what each node received, in order of name */
export async function meshPartition(
  seed: number,
): Promise<{ readonly world: World; readonly inboxes: readonly (readonly string[])[] }> {
  const world = new World({ seed, conditions: { latency: { minMs: 5, maxMs: 60 }, lossRate: 0.02 } });
  const nodes = await openMembers(world);
  world.invariant("nobody gets a message twice", () =>
    nodes.every(({ value: { inbox } }) => new Set(inbox).size === inbox.length),
  );
  const names = nodes.map((node) => node.name);
  const heal = world.network.partition(names.slice(0, 3), names.slice(3));
  world.after(8_000, "heal", heal);
  for (let round = 0; round < 20; round++) {
    world.random.pick(nodes).value.mesh.broadcast(`message ${round}`);
    await world.runFor(500);
  }
  await world.runUntil(() => nodes.reduce((sum, node) => sum + node.value.inbox.length, 0) === 20 * (names.length - 1));
  // Whatever came twice would come by now.
  await world.runFor(60_000);
  return { world, inboxes: nodes.map((node) => node.value.inbox) };
}
