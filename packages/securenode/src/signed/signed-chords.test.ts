// Rings whose messages through others are signed: what comes to a node by its id is the sender's, once, over restarts and lies.

import { seededRandom } from "@p2p/base/testing";
import { Chord } from "@p2p/chord";
import { type NodeSeams, type SimulatedNode, World } from "@p2p/simulator";
import { simulatedLevel } from "@p2p/simulator/level";
import { flags, type WireValue } from "@p2p/wire";
import { beforeEach, describe, expect, test } from "vitest";
import { noise } from "../channel/noise.js";
import { Identity } from "../identity/identity.js";

interface Member {
  readonly chord: Chord;
  readonly inbox: WireValue[];
  readonly judged: string[];
}

const bytes = { keyEncoding: "view", valueEncoding: "view" } as const;
const members = 5;

let world: World;
let nodes: SimulatedNode<Member>[];

function start(number: number): Promise<SimulatedNode<Member>> {
  return world.start(`n${number}`, async (seams: NodeSeams): Promise<Member> => {
    const { address, clock, random, transports } = seams;
    const [inbox, judged]: [WireValue[], string[]] = [[], []];
    const replayStore = simulatedLevel<Uint8Array, Uint8Array>(seams, { ...bytes, name: "replays" });
    // The same identity in every run of the node.
    const security = noise({ identity: Identity.generate(seededRandom(number)), messages: "require", replayStore });
    security.on("messageAccepted", (_from, isSigned) => judged.push(isSigned ? "accepted" : "unsigned"));
    security.on("messageForged", ({ code }) => judged.push(code));
    security.on("messageRefused", ({ code }) => judged.push(code));
    const bootstrap = number === 0 ? [] : ["sim://n0:1"];
    const options = { network: "signed", listen: [address], clock, random, transports };
    const chord = new Chord({ ...options, bootstrap, security, serve: number < members });
    chord.handle("tell", ({ data }) => void inbox.push(data));
    chord.handle("ask", ({ data }) => `answer to ${String(data)}`);
    await chord.open();
    return { chord, inbox, judged };
  });
}

/** Five members, and two clients that have no link to each other. */
beforeEach(async () => {
  world = new World({ seed: 5, trace: "faults", conditions: { latency: { minMs: 5, maxMs: 40 } } });
  nodes = [];
  for (let number = 0; number < members + 2; number += 1) {
    nodes.push(await start(number));
    await world.runFor(100);
  }
  await world.runUntil(() =>
    nodes.every(({ value }, number) => value.chord.role === (number < members ? "member" : "client")),
  );
  await world.runFor(30_000);
});

function clients(): readonly [Member, Member] {
  const [ada, bob] = nodes.slice(members).map(({ value }) => value);
  if (ada === undefined || bob === undefined) throw new Error("there are two clients");
  expect(ada.chord.node.connectionTo(bob.chord.id)).toBeUndefined();
  return [ada, bob];
}

describe("a ring that requires signatures", () => {
  test("[SEC-072] [SEC-081] brings messages, requests and answers by id, each judged once, and blames nobody", async () => {
    const [ada, bob] = clients();
    for (const text of ["one", "two"]) await world.run(ada.chord.send(bob.chord.id, text, { type: "tell" }));
    expect(bob.inbox).toEqual(["one", "two"]);
    expect(bob.judged).toEqual(["accepted", "accepted"]);
    expect((await world.run(ada.chord.request(bob.chord.id, "Ada", { type: "ask" }))).data).toBe("answer to Ada");
    expect(ada.judged).toEqual(["accepted"]);
    for (const { value } of nodes.slice(0, members)) expect(value.judged).toEqual([]);
  });

  test("[SEC-080] has a dictionary, with keys of identities and keys used atomically", async () => {
    const [ada, bob] = clients();
    await world.run(ada.chord.set(ada.chord.owned("name"), "Ada"));
    expect(await world.run(bob.chord.get(ada.chord.owned("name")))).toBe("Ada");
    expect(await world.run(bob.chord.update("sum", (sum) => Number(sum ?? 0) + 1))).toBe(1);
    expect(await world.run(ada.chord.update("sum", (sum) => Number(sum ?? 0) + 1))).toBe(2);
  });

  test("[SEC-072] a member that alters what it passes on is found out, and what its sender brings then arrives, once", async () => {
    const [ada, bob] = clients();
    let altered = 0;
    for (const { value } of nodes.slice(0, members)) {
      const connection = value.chord.node.connectionTo(bob.chord.id);
      if (connection === undefined) continue;
      const send = connection.sendWhisper.bind(connection);
      Object.assign(connection, {
        sendWhisper(items: readonly WireValue[]): boolean {
          const body = items.at(-1);
          if (items[0] !== flags.subtypes.find || !(body instanceof Uint8Array) || altered > 0) return send(items);
          altered += 1;
          const other = body.slice();
          other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
          return send([...items.slice(0, -1), other]);
        },
      });
    }
    await world.run(ada.chord.send(bob.chord.id, "hello", { type: "tell" }));
    expect(altered).toBe(1);
    expect(bob.inbox).toEqual(["hello"]);
    expect(bob.judged).toEqual(["message-forged", "accepted"]);
  });

  test("[SEC-076] [SEC-081] a member that repeats a message, or brings it to another node, delivers nothing more", async () => {
    const [ada, bob] = clients();
    const [thief, other] = nodes.map(({ value }) => value);
    if (thief === undefined || other === undefined) throw new Error("there are members");
    let stolen: readonly WireValue[] | undefined;
    for (const { value } of nodes.slice(0, members)) {
      const connection = value.chord.node.connectionTo(bob.chord.id);
      const send = connection?.sendWhisper.bind(connection);
      if (connection === undefined || send === undefined) continue;
      Object.assign(connection, {
        sendWhisper(items: readonly WireValue[]): boolean {
          if (items[0] === flags.subtypes.find && items.at(-1) instanceof Uint8Array) stolen = items;
          return send(items);
        },
      });
    }
    await world.run(ada.chord.send(bob.chord.id, "hello", { type: "tell" }));
    if (stolen === undefined) throw new Error("nothing was brought through the ring");
    const [kind = 0, , , ...rest] = stolen;
    for (const [request, to] of [bob, other].entries()) {
      thief.chord.node.connectionTo(to.chord.id)?.sendWhisper([kind, 70_000 + request, to.chord.node.idBytes, ...rest]);
    }
    await world.runFor(5_000);
    expect(bob.inbox).toEqual(["hello"]);
    expect(bob.judged).toEqual(["accepted"]);
    expect(other.inbox).toEqual([]);
    expect(other.judged).toEqual(["message-forged"]);
  });

  test("[SEC-078] [SEC-079] goes on after both have been started anew", async () => {
    const [ada, bob] = clients();
    await world.run(ada.chord.send(bob.chord.id, "before", { type: "tell" }));
    await world.runFor(5_000);
    for (const node of nodes.slice(members)) {
      node.crash();
      await world.runFor(5_000);
      await world.restart(node);
    }
    await world.runFor(60_000);
    const [again, there] = clients();
    await world.run(again.chord.send(there.chord.id, "after", { type: "tell" }));
    expect(there.inbox).toEqual(["after"]);
    expect(there.judged).toEqual(["accepted"]);
  });
});
