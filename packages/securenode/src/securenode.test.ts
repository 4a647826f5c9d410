// Secure nodes in virtual time: letters, pings, discovery over others, and what each is told when somebody cheats.
import { inspect } from "node:util";
import { Node } from "@p2p/base";
import { Mesh } from "@p2p/mesh";
import { type NodeSeams, World } from "@p2p/simulator";
import type { WireValue } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { noise } from "./channel/noise.js";
import { Identity, verifySigned } from "./identity/identity.js";
import { seal } from "./sealed/sealed-message.js";
import type { ReceivedLetter } from "./secure-node/events.js";
import { encodeLetter, letterContext, letterType } from "./secure-node/letters.js";
import { defaultSecureNodeLimits } from "./secure-node/limits.js";
import type { NewNodeOptions } from "./secure-node/options.js";
import {
  answerOf,
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
  questionType,
} from "./secure-node/questions.js";
import { SecureNode } from "./securenode.js";
import { codeOfError } from "./testing/handshakes.js";
import { identityOf } from "./testing/worlds.js";

interface Member {
  readonly node: SecureNode;
  readonly letters: ReceivedLetter[];
  /** "refused letter code", and so on. */
  readonly told: string[];
}

const latencyMs = 10;

function newWorld(seed = 1): World {
  return new World({ seed, trace: "off", conditions: { latency: { minMs: latencyMs, maxMs: latencyMs } } });
}

async function start(
  world: World,
  number: number,
  options: Partial<NewNodeOptions> = {},
): Promise<Member & { readonly address: string }> {
  const open = async ({ address, clock, random, transports }: NodeSeams): Promise<Member> => {
    const node = new SecureNode({
      network: "club",
      identity: identityOf(number),
      listen: [address],
      clock,
      random,
      transports,
      ...options,
    });
    await node.open();
    return watched(node);
  };
  const { value, address } = await world.start(`n${number}`, open);
  return { ...value, address };
}

function watched(node: SecureNode): Member {
  const letters: ReceivedLetter[] = [];
  const told: string[] = [];
  node.on("letter", (letter) => letters.push(letter));
  node.on("refused", (what, error) => told.push(`refused ${what} ${error.code}`));
  node.on("forged", (what, error) => told.push(`forged ${what} ${error.code}`));
  node.on("accepted", (what) => told.push(`accepted ${what}`));
  return { node, letters, told };
}

/** Nodes in a line, each connected with the next one. */
async function line(
  world: World,
  count: number,
  options: Partial<NewNodeOptions> = {},
): Promise<readonly (Member & { readonly address: string })[]> {
  const members = [];
  for (let number = 1; number <= count; number++) {
    const member = await start(world, number, options);
    const before = members.at(-1);
    if (before !== undefined) await world.run(member.node.node.dial(before.address));
    members.push(member);
  }
  return members;
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items.at(index);
  if (item === undefined) throw new RangeError(`nothing at ${index}`);
  return item;
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => "none", codeOfError);
}

async function closeAll(world: World, members: readonly Member[]): Promise<void> {
  await world.run(Promise.all(members.map(({ node }) => node.close())));
}

describe("letters", () => {
  test("[SEC-230] [SEC-235] arrive sealed for whose key was asked for, and say who wrote them", async () => {
    const world = newWorld();
    const members = await line(world, 2);
    const [ada, bob] = [at(members, 0), at(members, 1)];
    const seen: unknown[] = [];
    bob.node.node.on("message", ({ data }) => seen.push(data));
    await world.run(ada.node.send(bob.node.id, { text: "hello" }, { type: "greeting" }));
    await world.runUntil(() => bob.letters.length === 1);
    const letter = at(bob.letters, 0);
    expect(letter).toMatchObject({
      type: "greeting",
      data: { text: "hello" },
      from: ada.node.id,
      readers: [bob.node.id],
      proof: undefined,
    });
    expect(Buffer.from(at(seen, 0) as Uint8Array).includes("hello")).toBe(false);
    expect(bob.told).toEqual(["accepted peer", "accepted letter"]);
    await closeAll(world, members);
  });

  test("[SEC-230] [SEC-234] go to many at once, and signed ones prove their writer", async () => {
    const world = newWorld();
    const members = await line(world, 3);
    const middle = at(members, 1);
    const ends = [at(members, 0), at(members, 2)];
    await world.run(
      middle.node.send(
        ends.map(({ node }) => node.id),
        7,
        { isSigned: true },
      ),
    );
    await world.runUntil(() => ends.every(({ letters }) => letters.length === 1));
    for (const { letters } of ends) {
      const { proof, readers } = at(letters, 0);
      expect(readers.length).toBe(2);
      expect(proof && verifySigned(middle.node.identity.publicKey, "letter", proof.bytes, proof.signature)).toBe(true);
    }
    await closeAll(world, members);
  });

  test("[SEC-231] [SEC-232] [SEC-236] come once and from their senders; what is altered or for another is told and not taken", async () => {
    const world = newWorld();
    const members = await line(world, 3);
    const [ada, bob, cy] = [at(members, 0), at(members, 1), at(members, 2)];
    const kept: Uint8Array[] = [];
    bob.node.node.on("message", ({ data }) => kept.push(data as Uint8Array));
    await world.run(ada.node.send(bob.node.id, "one"));
    await world.runUntil(() => bob.letters.length === 1);
    const letter = at(kept, 0);
    const altered = letter.slice();
    altered[altered.length - 1] = (altered[altered.length - 1] ?? 0) ^ 1;
    const context = letterContext("club");
    const [identity, to] = [ada.node.identity, [bob.node.identity.publicKey]];
    const hidden = seal("x", { to, from: identity, context, hideReaders: true });
    const noLetter = seal("x", { to, from: identity, context });
    const otherNetwork = seal("x", { to, from: identity, context: letterContext("other") });
    const send = (from: Member, data: WireValue, receiver = bob): Promise<void> =>
      world.run(from.node.node.send(receiver.node.id, data, { type: letterType }));
    for (const data of [letter, altered, "no bytes", new Uint8Array(5), hidden, noLetter, otherNetwork])
      await send(ada, data);
    await world.runUntil(() => bob.told.length >= 10);
    await send(cy, letter);
    await send(cy, seal("x", { to, context }));
    await world.runUntil(() => bob.told.length >= 12);
    expect(bob.told.slice(3)).toEqual([
      "refused letter message-replayed",
      "forged letter sealed-forged",
      "refused letter bad-sealed",
      "refused letter bad-sealed",
      "refused letter bad-sealed",
      "refused letter bad-sealed",
      "forged letter sealed-forged",
      "forged letter wrong-sender",
      "forged letter wrong-sender",
    ]);
    await send(bob, seal("x", { to, from: bob.node.identity, context }), cy);
    await world.runUntil(() => cy.told.length >= 2);
    expect(cy.told.slice(1)).toEqual(["refused letter not-a-reader"]);
    expect([bob.letters.length, cy.letters.length]).toEqual([1, 0]);
    await closeAll(world, members);
  });

  test("[SEC-233] of half an hour ago or hence, or of a wrong clock, are not taken", async () => {
    const world = newWorld();
    const members = await line(world, 2, { freshnessMs: 60_000 });
    const [ada, bob] = [at(members, 0), at(members, 1)];
    const identity = ada.node.identity;
    const now = bob.node.node.seams.clock.now();
    const written = (timeMs: number, number: number): Uint8Array => {
      const value = encodeLetter(
        { type: "x", data: 1, number, time: Math.floor(timeMs) * 1_000 },
        letterContext("club"),
      );
      return seal(value, { to: [bob.node.identity.publicKey], from: identity, context: letterContext("club") });
    };
    for (const [index, timeMs] of [now - 61_000, now + 61_000, now + 50_000].entries()) {
      await world.run(ada.node.node.send(bob.node.id, written(timeMs, index), { type: letterType }));
    }
    await world.runUntil(() => bob.letters.length === 1);
    expect(bob.told.slice(1)).toEqual([
      "refused letter message-stale",
      "refused letter message-stale",
      "accepted letter",
    ]);
    await closeAll(world, members);
  });

  test("[SEC-230] go through a mesh to who is no neighbour, and nobody on the way reads them", async () => {
    const world = newWorld(5);
    const made: { readonly mesh: Mesh; readonly member: Member; readonly seen: unknown[] }[] = [];
    for (let number = 1; number <= 3; number++) {
      const open = async ({ address, clock, random, transports }: NodeSeams) => {
        const identity = identityOf(number);
        const security = noise({
          identity,
          ...(number === 2 ? {} : { gate: { peer: (id: string) => id === identityOf(2).id } }),
        });
        const bootstrap = number === 1 ? [] : [number === 2 ? "sim://m1:1" : "sim://m2:1"];
        const mesh = new Mesh({ network: "club", listen: [address], bootstrap, clock, random, transports, security });
        const member = watched(new SecureNode({ node: mesh.node, security, identity, network: "club" }));
        const seen: unknown[] = [];
        mesh.node.trace.subscribe((event) => seen.push(event));
        await mesh.open();
        return { mesh, member, seen };
      };
      made.push((await world.start(`m${number}`, open)).value);
    }
    const [ada, bob, cy] = [at(made, 0), at(made, 1), at(made, 2)];
    await world.runUntil(() => bob.mesh.peers.length === 2);
    await world.runFor(5_000);
    expect(ada.mesh.peers).toEqual([bob.mesh.id]);
    await world.run(ada.member.node.send(cy.mesh.id, "over the mesh"));
    await world.runUntil(() => cy.member.letters.length === 1);
    expect(at(cy.member.letters, 0)).toMatchObject({ data: "over the mesh", from: ada.mesh.id });
    expect(await world.run(ada.member.node.ping(cy.mesh.id))).toBeGreaterThanOrEqual(4 * latencyMs);
    await world.run(Promise.all(made.map(({ mesh }) => mesh.close())));
  }, 30_000);
});

describe("pings and discovery", () => {
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

  test("[SEC-242] [SEC-243] somebody on the way who invents an answer is found out", async () => {
    const world = newWorld();
    const first = await start(world, 1);
    // Eve speaks the protocol, and answers in the name of others.
    const eve = identityOf(9);
    const open = async ({ address, clock, random, transports }: NodeSeams): Promise<Node> => {
      const node = new Node({
        network: "club",
        listen: [address],
        clock,
        random,
        transports,
        security: noise({ identity: eve }),
      });
      node.handle(questionType, ({ data }) => {
        const question = decodeQuestion(data, defaultSecureNodeLimits);
        if (question === undefined) throw new Error("no question");
        const claims = question.path.length === 0 ? [first.node.id, identityOf(10).id] : [first.node.id];
        return encodeAnswer(answerOf(eve, question, claims));
      });
      await node.open();
      return node;
    };
    const { value: node, address } = await world.start("eve", open);
    await world.run(first.node.node.dial(address));
    const graph = await world.run(first.node.discover());
    // What Eve says of herself is hers to say; the node that she invented answers nothing, and its edge is hers alone.
    expect(graph.nodes.get(identityOf(10).id)).toMatchObject({ hops: 2, neighbours: undefined });
    expect(graph.edges.map(({ isMutual }) => isMutual).sort()).toEqual([false, true]);
    await world.run(Promise.all([node.close(), first.node.close()]));
  });

  test("[SEC-242] [SEC-243] somebody on the way who changes an answer, or makes one up, is not believed", async () => {
    const world = newWorld();
    const [first, last] = [await start(world, 1), await start(world, 3)];
    const lies = ["drops a neighbour", "says nothing of the kind", "answers an old question"] as const;
    let lie: (typeof lies)[number] = lies[0];
    const eve = identityOf(9);
    const before: WireValue[] = [];
    const open = async ({ address, clock, random, transports }: NodeSeams): Promise<Node> => {
      const node = new Node({
        network: "club",
        listen: [address],
        clock,
        random,
        transports,
        security: noise({ identity: eve }),
      });
      node.handle(questionType, async ({ data }) => {
        const question = decodeQuestion(data, defaultSecureNodeLimits);
        if (question === undefined) throw new Error("no question");
        if (question.path.length === 0) return encodeAnswer(answerOf(eve, question, [first.node.id, last.node.id]));
        const [to = last.node.id, ...path] = question.path;
        const asked = await node.request(to, encodeQuestion({ ...question, path }), { type: questionType });
        const answer = decodeAnswer(asked.data, defaultSecureNodeLimits);
        if (answer === undefined) throw new Error("no answer");
        before.push(encodeAnswer(answer));
        if (lie === "answers an old question") return at(before, 0);
        return lie === "drops a neighbour" ? encodeAnswer({ ...answer, ids: new Uint8Array(0) }) : { key: "none" };
      });
      await node.open();
      return node;
    };
    const { value: node, address } = await world.start("eve", open);
    for (const member of [first, last]) await world.run(member.node.node.dial(address));
    for (lie of lies) {
      const graph = await world.run(first.node.discover());
      expect(graph.nodes.get(eve.id)?.neighbours?.length).toBe(2);
      expect(graph.nodes.get(last.node.id)).toMatchObject({ hops: 2, neighbours: undefined });
      expect(graph.isComplete).toBe(false);
    }
    expect(before.length).toBe(3);
    await world.run(Promise.all([node.close(), first.node.close(), last.node.close()]));
  });

  test("[SEC-245] who invents many neighbours and keeps silent about them does not hold a discovery up", async () => {
    const world = newWorld();
    const members = await line(world, 2);
    const first = at(members, 0).node;
    const eve = identityOf(9);
    const invented = Array.from({ length: 200 }, (_, index) => identityOf(100 + index).id);
    const open = async ({ address, clock, random, transports }: NodeSeams): Promise<Node> => {
      const security = noise({ identity: eve });
      const node = new Node({ network: "club", listen: [address], clock, random, transports, security });
      node.handle(questionType, ({ data }) => {
        const question = decodeQuestion(data, defaultSecureNodeLimits);
        if (question === undefined) throw new Error("no question");
        if (question.path.length > 0) return new Promise(() => {});
        return encodeAnswer(answerOf(eve, question, [first.id, ...invented]));
      });
      await node.open();
      return node;
    };
    const { value: node, address } = await world.start("eve", open);
    await world.run(first.node.dial(address));
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
    await world.run(node.close());
    await closeAll(world, members);
  });

  test("[SEC-242] what is no answer is not given back", async () => {
    const world = newWorld();
    const members = await line(world, 2);
    const [first, second] = [at(members, 0), at(members, 1)];
    const eve = identityOf(9);
    const answers: WireValue[] = [
      "hello",
      null,
      { key: eve.publicKey, sig: new Uint8Array(64), ids: new Uint8Array(47) },
    ];
    const open = async ({ address, clock, random, transports }: NodeSeams): Promise<Node> => {
      const security = noise({ identity: eve });
      const node = new Node({ network: "club", listen: [address], clock, random, transports, security });
      node.handle(questionType, () => answers.shift());
      await node.open();
      return node;
    };
    const { value: node, address } = await world.start("eve", open);
    await world.run(second.node.node.dial(address));
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
    await world.run(node.close());
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
});

test("[SEC-062] peers that are refused are told of", async () => {
  const world = newWorld();
  const desk = await start(world, 1, { deny: [identityOf(2).id] });
  const guest = await start(world, 2);
  expect(await world.run(failure(guest.node.node.dial(desk.address)))).not.toBe("none");
  await world.runFor(2_000);
  expect(desk.told).toEqual(["refused peer peer-refused"]);
  await closeAll(world, [desk, guest]);
});

test("what cannot be is a mistake of the caller, and a node that is closed asks nobody", async () => {
  const node = new Node({ network: "club" });
  expect(() => new SecureNode({ node, identity: identityOf(1), network: "club" })).toThrow(TypeError);
  const secure = new SecureNode({ network: "club", identity: Identity.generate() });
  expect(secure.learnKey(identityOf(2).publicKey)).toBe(identityOf(2).id);
  expect(await secure.keyOf(identityOf(2).id)).toEqual(identityOf(2).publicKey);
  expect(await failure(secure.ping(identityOf(3).id))).toBe("closed");
  await secure.close();
  await secure.close();
});

test("on the node of a network it lets go of that node when it is closed, and leaves it open", async () => {
  const identity = identityOf(1);
  const node = new Node({ network: "club", security: noise({ identity }) });
  await node.open();
  const first = new SecureNode({ node, identity, network: "club" });
  expect(() => new SecureNode({ node, identity, network: "club" })).toThrow(RangeError);
  await first.close();
  const second = new SecureNode({ node, identity, network: "club" });
  await second.close();
  expect(node.isOpen).toBe(true);
  await node.close();
});

test("[SEC-002] neither the node nor what it tells shows a secret", async () => {
  const world = newWorld();
  const networkKey = new Uint8Array(32).fill(0xc3);
  const members = await line(world, 2, { networkKey });
  const [ada, bob] = [at(members, 0), at(members, 1)];
  await world.run(ada.node.send(bob.node.id, "noon"));
  await world.runUntil(() => bob.letters.length === 1);
  const shown = [ada.node, bob.node].map((node) =>
    inspect(node, { depth: 12, showHidden: true, maxArrayLength: 1_000 }),
  );
  const secrets = [networkKey, ada.node.identity.exportSeed(), bob.node.identity.exportSeed()];
  for (const text of shown) {
    expect(text).toContain("Identity {");
    for (const secret of secrets) expect(text.replaceAll(/\s/g, "").includes([...secret].join(","))).toBe(false);
  }
  await closeAll(world, members);
});
