// Clocks that are wrong by up to 10 minutes, jump and drift change nothing: no link is lost, each broadcast is everywhere
// within a second, nobody gets it twice, equal ones come twice, and the times of one origin rise [MESH-013] [MESH-014].
import type { NodeSeams, Scenario, SimulatedNode } from "@p2p/simulator";
import { type Member, MeshWatch } from "../mesh/mesh-watch.js";

const names = Array.from({ length: 8 }, (_, number) => `n${number}`);
const durationMs = 300_000;
const broadcastEveryMs = 3_000;
const maxSkewMs = 600_000;
const maxDriftPpm = 10_000;

export const meshWrongClocks: Scenario = {
  name: "mesh-wrong-clocks",
  nodes: names,
  minNodes: 2,
  faults: { count: 30, durationMs, kinds: ["clock-jump", "clock-drift"] },
  world: { conditions: { latency: { minMs: 5, maxMs: 60 } }, trace: "faults" },
  async run(world, begin, present) {
    const watch = new MeshWatch(world);
    const wrong: string[] = [];
    let isTogether = false;
    const open = async (seams: NodeSeams): Promise<Member> => {
      const member = await watch.open(seams, { bootstrap: [`sim://${present[0]}:1`] });
      const times = new Map<string, number>();
      member.mesh.on("message", ({ from, time }) => {
        if (time <= (times.get(from) ?? 0)) wrong.push(`${seams.name} got times of one origin that do not rise`);
        times.set(from, time);
      });
      member.mesh.on("peerDisconnected", (_, { name }) => {
        if (isTogether) wrong.push(`${seams.name} lost a link: ${name}`);
      });
      return member;
    };
    const nodes: SimulatedNode<Member>[] = [];
    for (const name of present) {
      const skewMs = (world.random.chance(0.5) ? 1 : -1) * world.random.integer(maxSkewMs + 1);
      const driftPpm = world.random.integer(2 * maxDriftPpm) - maxDriftPpm;
      nodes.push(await world.start(name, open, { clock: { skewMs, driftPpm } }));
    }
    await world.runUntil(() => nodes.every(({ value }) => value.mesh.peers.length === present.length - 1));
    isTogether = true;
    world.invariant("wrong clocks are not noticed", () => {
      if (wrong.length > 0) throw new Error(wrong.join("; "));
    });
    begin();
    for (let sentMs = 0; sentMs <= durationMs; sentMs += broadcastEveryMs) {
      const text = `at ${sentMs}`;
      watch.broadcast(world.random.pick(nodes), text);
      await world.runFor(1_000);
      const without = nodes.filter(({ value }) => !value.held.has(text));
      if (without.length > 0)
        throw new Error(`"${text}" has not come to ${without.map(({ name }) => name).join(", ")}`);
      await world.runFor(broadcastEveryMs - 1_000);
    }
    const [first, ...others] = nodes;
    if (first === undefined) throw new Error("there is a first node");
    // Two equal messages are two. They are no texts, so the watch leaves them alone.
    const before = others.map(({ value }) => value.mesh.counters.delivered);
    first.jumpClock(-maxSkewMs);
    for (let count = 0; count < 2; count++) first.value.mesh.broadcast(0);
    await world.runFor(1_000);
    const came = others.map(({ value }, index) => value.mesh.counters.delivered - (before[index] ?? 0));
    if (came.some((count) => count !== 2)) throw new Error(`two equal messages came ${came.join(", ")} times`);
  },
};
