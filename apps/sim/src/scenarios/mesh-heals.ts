// Whatever happened: once it is mended, all nodes of a mesh are linked and get the next broadcast, and none any twice.
import { Mesh } from "@p2p/mesh";
import type { NodeSeams, Scenario, SimulatedNode } from "@p2p/simulator";

interface Member {
  readonly mesh: Mesh;
  readonly inbox: string[];
}

const names = ["n0", "n1", "n2", "n3", "n4"];

async function openMember({ address, clock, random, transports }: NodeSeams): Promise<Member> {
  // Two ways to join, so that one that is down keeps nobody out.
  const bootstrap = names.slice(0, 2).map((name) => `sim://${name}:1`);
  const others = bootstrap.filter((other) => other !== address);
  const mesh = new Mesh({ network: "swarm", listen: [address], bootstrap: others, clock, random, transports });
  const inbox: string[] = [];
  mesh.on("message", (message) => inbox.push(String(message.data)));
  await mesh.open();
  return { mesh, inbox };
}

const durationMs = 60_000;
const broadcastEveryMs = 2_000;

export const meshHeals: Scenario = {
  name: "mesh-heals",
  nodes: names,
  faults: { count: 10, durationMs },
  world: { conditions: { latency: { minMs: 5, maxMs: 60, spikeChance: 0.01, spikeMs: 500 } }, trace: "faults" },
  async run(world, begin) {
    const nodes: SimulatedNode<Member>[] = [];
    for (const name of names) nodes.push(await world.start(name, openMember));
    world.invariant("nobody gets a message twice", () =>
      nodes.every((node) => !node.isReady || new Set(node.value.inbox).size === node.value.inbox.length),
    );
    begin();
    for (let sentMs = 0; sentMs <= durationMs; sentMs += broadcastEveryMs) {
      const sender = world.random.pick(nodes);
      if (sender.isReady) sender.value.mesh.broadcast(`${sender.name} ${sentMs}`);
      await world.runFor(broadcastEveryMs);
    }
    await world.runUntil(() =>
      nodes.every((node) => node.isReady && node.value.mesh.peers.length === names.length - 1),
    );
    nodes[0]?.value.mesh.broadcast("healed");
    await world.runUntil(() => nodes.slice(1).every((node) => node.value.inbox.includes("healed")));
  },
};
