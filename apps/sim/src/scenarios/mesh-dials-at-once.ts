// Everybody dials everybody at the same instant, and connections are lost at one end and dialled anew: of each pair one
// connection stays, and no broadcast is missed or comes twice, while the duplicates are sorted out.
import type { NodeSeams, Scenario } from "@p2p/simulator";
import { type Member, MeshWatch } from "../mesh/mesh-watch.js";

const names = Array.from({ length: 6 }, (_, number) => `n${number}`);
const joinMs = 3_000;
const durationMs = 30_000;

export const meshDialsAtOnce: Scenario = {
  name: "mesh-dials-at-once",
  nodes: names,
  minNodes: 2,
  faults: { count: 10, durationMs, kinds: ["half-open", "reset"] },
  world: { conditions: { latency: { minMs: 20, maxMs: 60 } }, trace: "faults" },
  async run(world, begin, present) {
    const watch = new MeshWatch(world);
    const addresses = present.map((name) => `sim://${name}:1`);
    const open = (seams: NodeSeams): Promise<Member> =>
      watch.open(seams, { bootstrap: addresses.filter((address) => address !== seams.address) });
    const nodes = await Promise.all(present.map((name) => world.start(name, open)));
    const others = present.length - 1;

    // Whoever is a neighbour when something is sent gets it: nothing fails yet, so no link may lose anything.
    const owed: { readonly text: string; readonly to: readonly string[] }[] = [];
    for (let sentMs = 0; sentMs < joinMs; sentMs += 5) {
      const node = world.random.pick(nodes);
      owed.push({ text: `joining ${sentMs}`, to: node.value.mesh.peers });
      watch.broadcast(node, `joining ${sentMs}`);
      await world.runFor(5);
    }
    await world.runFor(joinMs);
    for (const { text, to } of owed) {
      const without = nodes.filter(({ value }) => to.includes(value.mesh.id) && !value.held.has(text));
      if (without.length > 0)
        throw new Error(`"${text}" has not come to ${without.map(({ name }) => name).join(", ")}`);
    }
    for (const { name, value } of nodes) {
      const { connections } = value.mesh.node;
      if (connections.length !== others)
        throw new Error(`${name} has ${connections.length} connections, not ${others}`);
    }

    begin();
    for (let sentMs = 0; sentMs <= durationMs; sentMs += 100) {
      watch.broadcast(world.random.pick(nodes), `later ${sentMs}`);
      await world.runFor(100);
    }
    // The end that has lost nothing notices when it writes; whoever is dialled anew knows at once.
    await world.runFor(70_000);
    for (const { name, value } of nodes) {
      const { length } = value.mesh.peers;
      if (length !== others) throw new Error(`${name} has ${length} neighbours, not ${others}`);
    }
    if (watch.judged === 0) throw new Error("no link lasted long enough to be judged");
  },
};
