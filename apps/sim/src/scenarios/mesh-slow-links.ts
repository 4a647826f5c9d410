// Over links that are slow everywhere, a node that sends as much as it may, and waits when it should, loses no link; all
// that it sends comes everywhere, once.
import type { NodeSeams, Scenario } from "@p2p/simulator";
import { type Member, MeshWatch } from "../mesh/mesh-watch.js";

const names = Array.from({ length: 5 }, (_, number) => `n${number}`);
const sendMs = 20_000;
const textBytes = 4_000;
const slowest = 50_000;
const fastest = 1_000_000;
/** For what is unsent at the end, 3 MiB of each link at the slowest, here and at those who relay. */
const restMs = 150_000;

export const meshSlowLinks: Scenario = {
  name: "mesh-slow-links",
  nodes: names,
  minNodes: 2,
  faults: { count: 4, durationMs: sendMs, kinds: ["clock-jump", "clock-drift"] },
  world: { conditions: { latency: { minMs: 5, maxMs: 40 } }, trace: "faults" },
  async run(world, begin, present) {
    const watch = new MeshWatch(world, restMs);
    const lost: string[] = [];
    const open = async (seams: NodeSeams): Promise<Member> => {
      const member = await watch.open(seams, { bootstrap: [`sim://${present[0]}:1`] });
      member.mesh.on("peerDisconnected", (_, { name, text }) =>
        lost.push(`${seams.name} lost a link: ${name}, ${text}`),
      );
      return member;
    };
    const nodes = await Promise.all(present.map((name) => world.start(name, open)));
    await world.runUntil(() => nodes.every(({ value }) => value.mesh.peers.length === present.length - 1));
    // Two that dial each other at once lose one of two links.
    lost.length = 0;
    world.invariant("no link is lost", () => {
      if (lost.length > 0) throw new Error(lost.join("; "));
    });
    world.network.setConditions({ bytesPerSecond: slowest + world.random.integer(fastest - slowest) });
    begin();
    const sender = world.random.pick(nodes);
    const endMs = world.nowMs + sendMs;
    const sent: string[] = [];
    while (world.nowMs < endMs) {
      const text = `${sent.length} ${".".repeat(textBytes)}`;
      sent.push(text);
      watch.broadcast(sender, text);
      await world.run(sender.value.mesh.drained());
    }
    await world.runFor(restMs + 1_000);
    for (const { name, value } of nodes) {
      const missing = sent.filter((text) => !value.held.has(text)).length;
      if (missing > 0) throw new Error(`${missing} of ${sent.length} broadcasts have not come to ${name}`);
    }
  },
};
