// Signed messages in virtual time: clocks that are wrong by ten minutes either way, lost frames, partitions, restarts from disk;
// a table on top; and the same run from a seed.

import { seededRandom } from "@p2p/base/testing";
import { Mesh } from "@p2p/mesh";
import { type NodeSeams, type SimulatedNode, World } from "@p2p/simulator";
import { simulatedLevel } from "@p2p/simulator/level";
import { Sync } from "@p2p/sync";
import { expect, test } from "vitest";
import { noise } from "../channel/noise.js";
import { Identity } from "../identity/identity.js";

interface Member {
  readonly mesh: Mesh;
  readonly inbox: string[];
  readonly blamed: string[];
}

const bytes = { keyEncoding: "view", valueEncoding: "view" } as const;

function securityOf(seams: NodeSeams, number: number, blamed: string[]) {
  const replayStore = simulatedLevel<Uint8Array, Uint8Array>(seams, { ...bytes, name: "replays" });
  // The same identity in every run of the node.
  const identity = Identity.generate(seededRandom(number));
  const security = noise({ identity, messages: "require", replayStore });
  security.on("messageForged", ({ code }) => blamed.push(code));
  security.on("messageRefused", ({ code }) => blamed.push(code));
  return security;
}

function optionsOf({ address, clock, random, transports }: NodeSeams) {
  const bootstrap = address === "sim://n0:1" ? [] : ["sim://n0:1"];
  return { network: "quiet", listen: [address], bootstrap, clock, random, transports };
}

function member(number: number) {
  return async (seams: NodeSeams): Promise<Member> => {
    const [inbox, blamed]: [string[], string[]] = [[], []];
    const mesh = new Mesh({ ...optionsOf(seams), security: securityOf(seams, number, blamed) });
    mesh.on("message", ({ data }) => inbox.push(String(data)));
    await mesh.open();
    return { mesh, inbox, blamed };
  };
}

const conditions = { latency: { minMs: 5, maxMs: 60 }, lossRate: 0.02 };

/** Six nodes, clocks 20 minutes apart, one restart, 12 broadcasts. */
async function play(seed: number): Promise<{ readonly trace: string; readonly members: readonly Member[] }> {
  const world = new World({ seed, conditions });
  const nodes: SimulatedNode<Member>[] = [];
  for (let number = 0; number < 6; number++) {
    const skewMs = [-600_000, 0, 600_000][number % 3] ?? 0;
    nodes.push(await world.start(`n${number}`, member(number), { clock: { skewMs } }));
  }
  const isWhole = (): boolean => nodes.every((node) => node.value.mesh.peers.length === 5);
  await world.runUntil(isWhole);
  for (let round = 0; round < 12; round++) {
    world.random.pick(nodes).value.mesh.broadcast(`message ${round}`);
    await world.runFor(700);
  }
  await world.runUntil(() => nodes.reduce((sum, { value }) => sum + value.inbox.length, 0) === 12 * 5);
  const trace = world.trace.entries.map((entry) => JSON.stringify(entry)).join("\n");
  return { trace, members: nodes.map(({ value }) => value) };
}

test("[SEC-075] nodes whose clocks are twenty minutes apart hear each other, and blame nobody; a seed plays it again", async () => {
  const [first, again] = [await play(1), await play(1)];
  expect(first.members.flatMap(({ blamed }) => blamed)).toEqual([]);
  for (const { inbox } of first.members) expect(new Set(inbox).size).toBe(inbox.length);
  expect(again.trace === first.trace).toBe(true);
}, 60_000);

test("[SEC-085] [SEC-087] bursts of all members at once, over lossy ways of different length, arrive whole, once, and blame nobody", async () => {
  const world = new World({ seed: 5, conditions });
  const nodes: SimulatedNode<Member>[] = [];
  for (let number = 0; number < 5; number++) nodes.push(await world.start(`n${number}`, member(number)));
  await world.runUntil(() => nodes.every((node) => node.value.mesh.peers.length === 4));
  const said = nodes.map(() => [] as string[]);
  for (let round = 0; round < 6; round++) {
    for (const [number, { value }] of nodes.entries()) {
      const count = world.random.pick([1, 2, 3, 63, 64, 65, 150]);
      for (let index = 0; index < count; index++) {
        const data = `${number} ${round} ${index}`;
        said[number]?.push(data);
        value.mesh.broadcast(data);
      }
    }
    await world.runFor(world.random.pick([1, 20, 300]));
  }
  const total = said.reduce((sum, { length }) => sum + length, 0);
  await world.runUntil(() =>
    nodes.every(({ value }, number) => value.inbox.length === total - (said[number]?.length ?? 0)),
  );
  for (const [number, { value }] of nodes.entries()) {
    const others = said.filter((_, other) => other !== number).flat();
    expect(new Set(value.inbox)).toEqual(new Set(others));
    expect(value.blamed).toEqual([]);
  }
}, 60_000);

test("[SEC-072] a table over a network that requires signatures is the same everywhere", async () => {
  const world = new World({ seed: 3, conditions });
  const blamed: string[] = [];
  const nodes: SimulatedNode<Sync>[] = [];
  for (let number = 0; number < 4; number++) {
    const start = async (seams: NodeSeams): Promise<Sync> => {
      const sync = new Sync({ ...optionsOf(seams), security: securityOf(seams, number, blamed) });
      await sync.open();
      return sync;
    };
    nodes.push(await world.start(`n${number}`, start));
  }
  await world.runUntil(() => nodes.every(({ value }) => value.mesh.peers.length === 3));
  const writes = nodes.map(({ value }, number) => value.set(`key ${number}`, { number }));
  let isWritten = false;
  void Promise.all(writes).then(() => {
    isWritten = true;
  });
  await world.runUntil(() => isWritten);
  await world.runUntil(() => nodes.every(({ value }) => value.size === 4));
  for (const { value } of nodes)
    expect([0, 1, 2, 3].map((number) => value.get(`key ${number}`))).toEqual(
      [0, 1, 2, 3].map((number) => ({ number })),
    );
  expect(blamed).toEqual([]);
}, 60_000);
