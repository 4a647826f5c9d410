// The encrypted channel in virtual time: the contract of transports, a mesh over bad links, and the same run from a seed.
import { securedTransport, transportContract } from "@p2p/base/testing";
import { Mesh } from "@p2p/mesh";
import { type NodeSeams, type SimulatedNode, World } from "@p2p/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Identity } from "../identity/identity.js";
import { layerOf } from "../testing/worlds.js";
import { noise } from "./noise.js";

describe("[SEC-040] over simulated links", () => {
  const world = new World({
    seed: 1,
    trace: "off",
    conditions: { latency: { minMs: 0, maxMs: 50 }, lossRate: 0.1 },
    allowsOutside: true,
  });
  const made = world.start("contract", (seams: NodeSeams) => seams);
  let isOver = false;
  let pump: Promise<void> | undefined;

  beforeAll(async () => {
    await made;
    pump = (async () => {
      while (!isOver) {
        await world.runFor(10_000);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    })();
  });

  afterAll(async () => {
    isOver = true;
    await pump;
  });

  const [dialler, acceptor] = [layerOf(1), layerOf(2)];
  const layer: typeof dialler.secure = (channel, role, context) =>
    (role === "dialer" ? dialler : acceptor).secure(channel, role, context);
  const secured = async () => {
    const { transports, clock, random } = (await made).value;
    const [transport] = transports;
    if (transport === undefined) throw new Error("a world has a transport");
    return securedTransport(transport, { name: dialler.name, secure: layer }, { clock, random });
  };
  transportContract({
    test: (title, run) => test(title, run),
    transport: {
      scheme: "sim",
      dial: async (address, options) => (await secured()).dial(address, options),
      listen: async (address, onChannel) => (await secured()).listen(address, onChannel),
    },
    listenAddress: "sim://contract:0",
  });
});

interface Member {
  readonly mesh: Mesh;
  readonly inbox: string[];
}

const networkKey = new Uint8Array(32).fill(3);

async function openMember({ address, clock, random, transports }: NodeSeams): Promise<Member> {
  const bootstrap = address === "sim://n0:1" ? [] : ["sim://n0:1"];
  const security = noise({ identity: Identity.generate(random), networkKey, rekeyAfterRecords: 5 });
  const mesh = new Mesh({ network: "quiet", listen: [address], bootstrap, clock, random, transports, security });
  const inbox: string[] = [];
  mesh.on("message", ({ data }) => inbox.push(String(data)));
  await mesh.open();
  return { mesh, inbox };
}

/** Six nodes, a partition that heals, 12 broadcasts. @returns what happened, and what each node received */
async function play(
  seed: number,
): Promise<{ readonly trace: string; readonly inboxes: readonly (readonly string[])[] }> {
  const world = new World({ seed, conditions: { latency: { minMs: 5, maxMs: 60 }, lossRate: 0.02 } });
  const nodes: SimulatedNode<Member>[] = [];
  for (let number = 0; number < 6; number++) {
    nodes.push(await world.start(`n${number}`, openMember, { clock: { skewMs: 600_000 * (number % 3) } }));
  }
  await world.runUntil(() => nodes.every((node) => node.value.mesh.peers.length === 5));
  const heal = world.network.partition(["n0", "n1"], ["n2", "n3", "n4", "n5"]);
  world.after(4_000, "heal", heal);
  for (let round = 0; round < 12; round++) {
    world.random.pick(nodes).value.mesh.broadcast(`message ${round}`);
    await world.runFor(700);
  }
  await world.runUntil(() => nodes.reduce((sum, { value }) => sum + value.inbox.length, 0) === 12 * 5);
  await world.runFor(10_000);
  return {
    trace: world.trace.entries.map((entry) => JSON.stringify(entry)).join("\n"),
    inboxes: nodes.map(({ value }) => value.inbox),
  };
}

test("[SEC-045] a mesh over encrypted channels gets each broadcast once, over a partition and many new keys; a seed plays it again", async () => {
  const [first, again, other] = [await play(1), await play(1), await play(2)];
  for (const inbox of first.inboxes) expect(new Set(inbox).size).toBe(inbox.length);
  expect(first.trace.split("\n").length).toBeGreaterThan(500);
  expect(again.trace === first.trace).toBe(true);
  expect(other.trace === first.trace).toBe(false);
}, 60_000);
