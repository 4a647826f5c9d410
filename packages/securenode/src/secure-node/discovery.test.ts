// Pings and discovery among honest nodes: times, hops, edges, and bounds of what is asked.

import type { Node } from "@p2p/base";
import { expect, test } from "vitest";
import { at, closeAll, failure, latencyMs, line, newWorld } from "../testing/secure-world.js";
import { questionType } from "./questions.js";

test("[SEC-240] [SEC-243] a ping takes the time there and back, over others too once they are known", async () => {
  const world = newWorld();
  const members = await line(world, 4);
  const [first, second, , last] = members.map(({ node }) => node);
  if (first === undefined || second === undefined || last === undefined) throw new Error("four nodes");
  expect(await world.run(first.ping(second.id))).toBeCloseTo(2 * latencyMs, 0);
  expect(await world.run(failure(first.ping(last.id)))).toBe("not-connected");
  await world.run(first.discover({ hops: 4 }));
  expect(await world.run(first.ping(last.id))).toBeCloseTo(6 * latencyMs, 0);
  expect(await world.run(first.keyOf(last.id))).toEqual(last.identity.publicKey);
  await world.runFor(60_000);
  expect(first.latencies.get(second.id)).toBeCloseTo(2 * latencyMs, 0);
  await closeAll(world, members);
});

test("[SEC-245] the graph has all nodes within the hops, and their connections", async () => {
  const world = newWorld();
  const members = await line(world, 5);
  const first = at(members, 0).node;
  const graph = await world.run(first.discover({ hops: 3 }));
  expect([...graph.nodes.values()].map(({ id, hops }) => [id, hops])).toEqual(
    members.slice(0, 4).map(({ node }, hops) => [node.id, hops]),
  );
  expect(graph.edges.filter(({ isMutual }) => isMutual).length).toBe(3);
  expect(graph.isComplete).toBe(true);
  await closeAll(world, members);
});

test("[SEC-244] a node that does not want to be known says nothing of its neighbours, and answers pings", async () => {
  const world = newWorld();
  const members = await line(world, 3, { tellsNeighbours: false });
  const [first, second] = [at(members, 0).node, at(members, 1).node];
  const graph = await world.run(first.discover());
  expect(graph.nodes.get(second.id)).toMatchObject({ neighbours: undefined });
  expect([graph.nodes.size, graph.isComplete]).toEqual([2, false]);
  expect(await world.run(first.ping(second.id))).toBeGreaterThan(0);
  await closeAll(world, members);
});

test("[SEC-244] who asks too much is put off, and others are not", async () => {
  const world = newWorld();
  const members = await line(world, 3, { secureLimits: { questionBurst: 3, questionsPerSecond: 1 } });
  const [first, second, third] = members.map(({ node }) => node);
  if (first === undefined || second === undefined || third === undefined) throw new Error("three nodes");
  const asked = Array.from({ length: 5 }, () => failure(first.ping(second.id)));
  expect(await world.run(Promise.all(asked))).toEqual(["none", "none", "none", "refused", "refused"]);
  expect(await world.run(failure(third.ping(second.id)))).toBe("none");
  await world.runFor(1_000);
  expect(await world.run(failure(first.ping(second.id)))).toBe("none");
  await closeAll(world, members);
});

test("[SEC-241] what cannot be a question, and a way that there is not, are refused", async () => {
  const world = newWorld();
  const members = await line(world, 2);
  const [first, second] = [at(members, 0).node, at(members, 1).node];
  const ask = async (data: Parameters<Node["request"]>[1]): Promise<string> => {
    const error: unknown = await world.run(
      first.node.request(second.id, data, { type: questionType }).then(
        () => undefined,
        (reason: unknown) => reason,
      ),
    );
    return error instanceof Error && "remoteCode" in error ? String(error.remoteCode) : "none";
  };
  const nonce = new Uint8Array(32);
  expect(await ask({ subject: "key", nonce, path: [] })).toBe("none");
  expect(await ask("hello")).toBe("bad-question");
  expect(await ask({ subject: "secrets", nonce, path: [] })).toBe("bad-question");
  expect(await ask({ subject: "key", nonce, path: [new Uint8Array(48)] })).toBe("no-way");
  await expect(first.discover({ hops: 9 })).rejects.toThrow(RangeError);
  await expect(first.discover({ hops: 0 })).rejects.toThrow(RangeError);
  await expect(first.discover({ timeoutMs: 0 })).rejects.toThrow(RangeError);
  await closeAll(world, members);
});
