// One node floods the mesh as fast as it can, with broadcasts that the others' validators accept, ignore or reject: honest
// broadcasts still come to every honest node, once and in time, and nobody's memory grows beyond its bound.

import type { NodeSeams, Scenario, SimulatedNode, World } from "@p2p/simulator";
import type { MemberOptions } from "../mesh/mesh-watch.js";
import { type Member, MeshWatch } from "../mesh/mesh-watch.js";

const names = Array.from({ length: 6 }, (_, number) => `n${number}`);
const spamMs = 20_000;
const broadcastEveryMs = 1_000;
const spamBytes = 4_000;
const bytesPerSecond = 200_000;

/** Small buffers, as the links are slow: what waits in them delays what comes after. */
const sendBufferBytes = 65_536;
const receiveBufferBytes = 65_536;
const maxFrameBytes = 16_384;
/**
 * What an honest node may hold: of each link what is unread, and what is unsent up to the bound at which base drops the
 * peer (twice the send buffer, and a frame); besides, the ids that it has seen, which are far from their bound.
 */
const maxHeldBytes = names.length * (receiveBufferBytes + 2 * sendBufferBytes + maxFrameBytes) + 262_144;
/** Through buffers that are full of spam, all links on the way. */
const inTimeMs = 20_000;

export const meshSpammer: Scenario = {
  name: "mesh-spammer",
  nodes: names,
  // Not over links of long delay: there relays that are full wait for nobody [MESH-073], and cut whom they cannot serve.
  faults: { count: 4, durationMs: spamMs, kinds: ["clock-jump", "clock-drift"] },
  world: { conditions: { latency: { minMs: 5, maxMs: 60 }, bytesPerSecond }, trace: "faults" },
  async run(world, begin, present) {
    const watch = new MeshWatch(world);
    const verdict = world.random.pick(["accept", "ignore", "reject"] as const);
    const options: MemberOptions = {
      bootstrap: [`sim://${present[0]}:1`],
      validators: { spam: () => verdict },
      limits: { sendBufferBytes, receiveBufferBytes, maxFrameBytes },
    };
    const open = (seams: NodeSeams): Promise<Member> => watch.open(seams, options);
    const nodes = await Promise.all(present.map((name) => world.start(name, open)));
    await world.runUntil(() => nodes.every(({ value }) => value.mesh.peers.length === present.length - 1));
    const [spammer, ...honest] = nodes;
    if (spammer === undefined) throw new Error("there is a first node");
    let mostBytes = 0;
    world.invariant("memory is bounded", () => {
      for (const { value } of honest) mostBytes = Math.max(mostBytes, value.mesh.node.budget.usedBytes);
      return mostBytes <= maxHeldBytes;
    });
    begin();
    const spam = flood(world, spammer, honest);
    const sent: { readonly text: string; readonly atMs: number }[] = [];
    for (let sentMs = 0; sentMs <= spamMs; sentMs += broadcastEveryMs) {
      const text = `at ${sentMs}`;
      const sender = world.random.pick(honest);
      sent.push({ text, atMs: world.nowMs });
      // Relays fill the links of an honest node, too; it waits for them as it should.
      await world.run(sender.value.mesh.drained(), { withinMs: inTimeMs });
      watch.broadcast(sender, text);
      await world.runFor(broadcastEveryMs);
    }
    spam.stop();
    await world.runFor(60_000);
    for (const { text, atMs } of sent) {
      for (const { name, value } of honest) {
        const tookMs = (value.held.get(text) ?? Number.POSITIVE_INFINITY) - atMs;
        if (!(tookMs <= inTimeMs)) throw new Error(`"${text}" took ${tookMs} ms to ${name}, with verdict ${verdict}`);
      }
    }
    // Whom they reject they turn away, each time after a few broadcasts.
    if (spam.count() < (verdict === "reject" ? 10 : 100))
      throw new Error(`the spammer sent no more than ${spam.count()} broadcasts`);
  },
};

/** Lets a node send all that its links take, and dial others anew when they turn it away. */
function flood(
  world: World,
  { value: { mesh } }: SimulatedNode<Member>,
  targets: readonly SimulatedNode<Member>[],
): { stop(): void; count(): number } {
  let isOver = false;
  let count = 0;
  const data = world.random.bytes(spamBytes);
  const send = async (): Promise<void> => {
    for (; !isOver; count++) {
      if (mesh.peers.length < targets.length) {
        const dials = targets.map(({ address }) => mesh.node.dial(address));
        await Promise.allSettled(dials);
      }
      if (!mesh.broadcast(data, { type: "spam" })) await mesh.drained();
    }
  };
  // Whatever ends it is told by the count.
  send().catch(() => {});
  return {
    stop: () => {
      isOver = true;
    },
    count: () => count,
  };
}
