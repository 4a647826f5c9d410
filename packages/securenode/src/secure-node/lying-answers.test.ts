// Nodes that lie in answers, keep silent, or make up neighbours: nobody is deceived about others, and nobody is held up.
import type { NodeId, WireValue } from "@p2p/wire";
import { expect, test } from "vitest";
import { at, closeAll, failure, line, newWorld, start, startLiar } from "../testing/secure-world.js";
import { identityOf } from "../testing/worlds.js";
import { defaultSecureNodeLimits } from "./limits.js";
import { answerOf, decodeAnswer, encodeAnswer, encodeQuestion, questionType } from "./questions.js";

const eve = identityOf(9);

test("[SEC-242] [SEC-243] somebody on the way who invents an answer is found out", async () => {
  const world = newWorld();
  const member = await start(world, 1);
  const first = member.node;
  const liar = await startLiar(world, eve, [member], (question) => {
    const claims = question.path.length === 0 ? [first.id, identityOf(10).id] : [first.id];
    return encodeAnswer(answerOf(eve, question, claims));
  });
  const graph = await world.run(first.discover());
  // What Eve says of herself is hers to say; the node that she invented answers nothing, and its edge is hers alone.
  expect(graph.nodes.get(identityOf(10).id)).toMatchObject({ hops: 2, neighbours: undefined });
  expect(graph.edges.map(({ isMutual }) => isMutual).sort()).toEqual([false, true]);
  await world.run(Promise.all([liar.close(), first.close()]));
});

test("[SEC-242] [SEC-243] somebody on the way who changes an answer, or makes one up, is not believed", async () => {
  const world = newWorld();
  const members = [await start(world, 1), await start(world, 3)];
  const [first, last] = [at(members, 0).node, at(members, 1).node];
  const lies = ["drops a neighbour", "says nothing of the kind", "answers an old question"] as const;
  let lie: (typeof lies)[number] = lies[0];
  const before: WireValue[] = [];
  const liar = await startLiar(world, eve, members, async (question, node) => {
    if (question.path.length === 0) return encodeAnswer(answerOf(eve, question, [first.id, last.id]));
    const [to = last.id, ...path] = question.path;
    const asked = await node.request(to, encodeQuestion({ ...question, path }), { type: questionType });
    const answer = decodeAnswer(asked.data, defaultSecureNodeLimits);
    if (answer === undefined) throw new Error("no answer");
    before.push(encodeAnswer(answer));
    if (lie === "answers an old question") return at(before, 0);
    return lie === "drops a neighbour" ? encodeAnswer({ ...answer, ids: new Uint8Array(0) }) : { key: "none" };
  });
  for (lie of lies) {
    const graph = await world.run(first.discover());
    expect(graph.nodes.get(eve.id)?.neighbours?.length).toBe(2);
    expect(graph.nodes.get(last.id)).toMatchObject({ hops: 2, neighbours: undefined });
    expect(graph.isComplete).toBe(false);
  }
  expect(before.length).toBe(3);
  await world.run(Promise.all([liar.close(), first.close(), last.close()]));
});

test("[SEC-245] who invents many neighbours and keeps silent about them does not hold a discovery up", async () => {
  const world = newWorld();
  const members = await line(world, 2);
  const first = at(members, 0).node;
  const invented = Array.from({ length: 200 }, (_, index) => identityOf(100 + index).id);
  const liar = await startLiar(world, eve, members.slice(0, 1), (question) => {
    if (question.path.length > 0) return new Promise(() => {});
    return encodeAnswer(answerOf(eve, question, [first.id, ...invented]));
  });
  const startMs = world.nowMs;
  const graph = await world.run(first.discover({ timeoutMs: 20_000 }));
  expect(world.nowMs - startMs).toBeLessThan(20_100);
  expect([graph.nodes.size, graph.isComplete]).toEqual([203, false]);
  expect(graph.edges.filter(({ isMutual }) => isMutual).length).toBe(2);
  const stop = new AbortController();
  const discovery = failure(first.discover({ signal: stop.signal }));
  await world.runFor(1_000);
  stop.abort(Object.assign(new Error("enough"), { code: "enough" }));
  expect(await world.run(discovery)).toBe("enough");
  await world.run(liar.close());
  await closeAll(world, members);
});

test("[SEC-245] a graph that is invented without end, node by node, ends at the limit of nodes", async () => {
  const world = newWorld();
  const members = await line(world, 2, { secureLimits: { maxNodes: 40 } });
  const [first, second] = [at(members, 0).node, at(members, 1).node];
  let questions = 0;
  // Sybils: every id has a key, every answer is signed, and each tells of three more.
  const sybils = new Map<NodeId, { readonly number: number; readonly identity: typeof eve }>();
  const sybil = (number: number): NodeId => {
    const identity = identityOf(1_000 + number);
    sybils.set(identity.id, { number, identity });
    return identity.id;
  };
  const liar = await startLiar(world, eve, members.slice(0, 1), (question) => {
    questions++;
    const last = question.path.at(-1);
    const who = last === undefined ? { number: 0, identity: eve } : sybils.get(last);
    if (who === undefined) throw new Error("asked for a node that nobody invented");
    const next = [1, 2, 3].map((index) => sybil(who.number * 3 + index));
    return encodeAnswer(answerOf(who.identity, question, [first.id, ...next]));
  });
  const graph = await world.run(first.discover({ hops: 8 }));
  expect(graph.nodes.size).toBe(40);
  expect(graph.isComplete).toBe(false);
  expect(questions).toBeLessThanOrEqual(40);
  // The honest neighbour is in the graph all the same, and is nearer than what was invented.
  expect(graph.nodes.get(second.id)).toMatchObject({ hops: 1 });
  expect(graph.nodes.get(second.id)?.neighbours).toEqual([first.id]);
  await world.run(liar.close());
  await closeAll(world, members);
});

test("[SEC-242] an answer of more neighbours than the limit is none, and honest nodes are found all the same", async () => {
  const world = newWorld();
  const members = await line(world, 3);
  const first = at(members, 0).node;
  const liar = await startLiar(world, eve, members.slice(0, 1), (question) => {
    const ids = new Uint8Array(48 * (defaultSecureNodeLimits.maxNeighbours + 1)).fill(7);
    return encodeAnswer({ ...answerOf(eve, question, []), ids });
  });
  const graph = await world.run(first.discover());
  expect(graph.nodes.get(eve.id)).toMatchObject({ hops: 1, neighbours: undefined });
  expect([graph.nodes.size, graph.isComplete]).toEqual([4, false]);
  expect(graph.edges.filter(({ isMutual }) => isMutual).length).toBe(2);
  await world.run(liar.close());
  await closeAll(world, members);
});

test("[SEC-244] who asks without end is put off, while others ask and are answered, and letters arrive", async () => {
  const world = newWorld();
  const members = await line(world, 3);
  const [first, second, third] = [at(members, 0), at(members, 1), at(members, 2)];
  const flooder = await startLiar(world, eve, [second], () => undefined);
  const question = encodeQuestion({ subject: "neighbours", nonce: new Uint8Array(32), path: [third.node.id] });
  const refusals: string[] = [];
  for (let round = 0; round < 30; round++) {
    const asked = Array.from({ length: 50 }, () =>
      flooder.request(second.node.id, question, { type: questionType }).then(
        () => "answered",
        (reason: unknown) => (reason instanceof Error && "remoteCode" in reason ? String(reason.remoteCode) : "failed"),
      ),
    );
    refusals.push(...(await world.run(Promise.all(asked))));
  }
  const answered = refusals.filter((code) => code === "answered").length;
  // A burst of 500, and 50 a second for as long as it went on.
  expect(answered).toBeGreaterThanOrEqual(500);
  expect(answered).toBeLessThanOrEqual(500 + 50 * Math.ceil(world.nowMs / 1_000));
  expect(refusals.filter((code) => code === "busy").length).toBe(refusals.length - answered);
  expect(await world.run(failure(first.node.ping(second.node.id)))).toBe("none");
  await world.run(first.node.send(second.node.id, "honest"));
  await world.runUntil(() => second.letters.length === 1);
  await world.run(flooder.close());
  await closeAll(world, members);
});

test("[SEC-242] what is no answer is not given back", async () => {
  const world = newWorld();
  const members = await line(world, 2);
  const [first, second] = [at(members, 0), at(members, 1)];
  const answers: WireValue[] = [
    "hello",
    null,
    { key: eve.publicKey, sig: new Uint8Array(64), ids: new Uint8Array(47) },
  ];
  const liar = await startLiar(world, eve, [second], () => answers.shift());
  const question = encodeQuestion({ subject: "key", nonce: new Uint8Array(32), path: [eve.id] });
  while (answers.length > 0) {
    const asked = first.node.node.request(second.node.id, question, { type: questionType });
    const refusal = await world.run(
      asked.then(
        () => undefined,
        (reason: unknown) => reason,
      ),
    );
    expect(refusal).toMatchObject({ code: "refused", remoteCode: "bad-answer" });
  }
  await world.run(liar.close());
  await closeAll(world, members);
});
