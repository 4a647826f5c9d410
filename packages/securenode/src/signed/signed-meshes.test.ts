// Meshes whose messages are signed, and those who would forge, alter, strip, repeat or redirect them. Whoever is to blame loses
// its link, and nobody else; honest traffic goes on.
import { decodeBody, encodeBody, flags, nodeIdToBytes } from "@p2p/wire";
import { MemoryLevel } from "memory-level";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Attacker, frameOf, type Member, SignedWorld, type Writing } from "../testing/signed-world.js";
import { identityOf } from "../testing/worlds.js";

let world: SignedWorld;

beforeEach(() => {
  world = new SignedWorld();
});

afterEach(() => world.close());

/** An honest line of three, and an attacker that is linked to the one in the middle. */
async function stage(): Promise<[ada: Member, bob: Member, carl: Member, mallory: Attacker]> {
  const [ada, bob, carl] = (await world.line(3)) as [Member, Member, Member];
  return [ada, bob, carl, await world.attack(bob)];
}

/** What a neighbour sees of a broadcast of Ada. */
async function overheard(ada: Member, mallory: Attacker, data = "true"): Promise<Uint8Array> {
  ada.mesh.broadcast(data);
  await world.clock.settle();
  const raw = mallory.heard.find((body) => decodeBody(body).items[2] === data);
  if (raw === undefined) throw new Error("the attacker heard nothing");
  return raw;
}

async function expectServed(ada: Member, carl: Member): Promise<void> {
  ada.mesh.broadcast("still here");
  await world.clock.settle();
  expect(carl.inbox.at(-1)).toBe("still here");
}

describe("honest members", () => {
  test("[SEC-070] [SEC-072] a broadcast is judged once at each node, relayed and delivered", async () => {
    const [ada, bob, carl] = (await world.line(3)) as [Member, Member, Member];
    await world.link(ada, carl);
    for (const data of ["one", "two", "two"]) ada.mesh.broadcast(data);
    await world.clock.settle();
    for (const member of [bob, carl]) {
      expect(member.inbox).toEqual(["one", "two", "two"]);
      expect(member.judged).toEqual(["accepted", "accepted", "accepted"]);
      expect(member.mesh.counters.duplicates).toBeGreaterThan(0);
    }
    expect(ada.judged).toEqual([]);
  });

  test("[SEC-081] a message to one node is signed for it, and so is the answer to a request", async () => {
    const [ada, bob, carl] = (await world.line(3)) as [Member, Member, Member];
    carl.mesh.handle("ask", (message) => `answer to ${String(message.data)}`);
    await world.run(ada.mesh.send(carl.mesh.id, "for Carl"));
    expect(carl.inbox).toEqual(["to me: for Carl"]);
    // Bob passes on the message and its receipt, Ada gets the receipt.
    expect([ada.judged, bob.judged, carl.judged].map(({ length }) => length)).toEqual([1, 2, 1]);
    expect((await world.run(ada.mesh.request(carl.mesh.id, "Ada", { type: "ask" }))).data).toBe("answer to Ada");
    expect(new Set([...ada.judged, ...bob.judged, ...carl.judged])).toEqual(new Set(["accepted"]));
  });

  test("[SEC-071] what is compressed is signed as it is uncompressed", async () => {
    const [ada, bob, carl] = (await world.line(3, { mesh: { compressAboveBytes: 100 } })) as [Member, Member, Member];
    ada.mesh.broadcast("x".repeat(5_000));
    await world.clock.settle();
    expect([bob.inbox.length, carl.inbox.length]).toEqual([1, 1]);
  });

  test("[SEC-072] broadcasts of a protocol on top are signed and judged as well", async () => {
    const taken: unknown[] = [];
    const prepare: NonNullable<Parameters<SignedWorld["add"]>[1]>["prepare"] = (mesh) => {
      const send = mesh.carry(flags.subtypes.store, ({ items }) => (taken.push(items[1]) > 0 ? "accept" : "ignore"));
      senders.push(send);
    };
    const senders: ((...items: number[]) => boolean)[] = [];
    const [, bob] = (await world.line(3, { prepare })) as [Member, Member, Member];
    const mallory = await world.attack(bob);
    senders[0]?.(7);
    mallory.connection.sendFrame(mallory.frame({ items: [flags.subtypes.store, 8], signer: identityOf(5) }));
    await world.clock.settle();
    expect(taken).toEqual([7, 7]);
    expect(bob.judged).toEqual(["accepted", "message-forged"]);
  });

  test("[SEC-080] nodes of different modes are of different networks", async () => {
    const modes = ["require", "sign-only", "off"] as const;
    const members: Member[] = [];
    for (const [index, messages] of modes.entries()) members.push(await world.add(index + 1, { messages }));
    for (const from of members) {
      for (const to of members) {
        if (from === to) continue;
        await expect(world.link(from, to)).rejects.toMatchObject({ code: "feature-missing" });
      }
    }
    for (const [index, messages] of modes.entries()) {
      const other = await world.add(index + 11, { messages });
      await world.link(other, members[index] as Member);
      other.mesh.broadcast(messages);
      await world.clock.settle();
      expect(members[index]?.inbox).toEqual([messages]);
    }
  });
});

describe("forgers", () => {
  const ada = identityOf(1);
  const wrongs: [string, string, Writing][] = [
    ["a forged sender", "message-forged", { sender: ada.id }],
    ["a forged sender with the sender's key", "message-forged", { sender: ada.id, key: ada }],
    ["the key of another", "message-forged", { key: ada }],
    ["the signature of another", "message-forged", { signer: ada }],
    ["a message for one node, told to all", "message-forged", { to: identityOf(2).id }],
    [
      "a stripped signature",
      "message-unsigned",
      { alter: (raw) => encodeBody({ ...decodeBody(raw), items: [0, "news", "x"] }) },
    ],
    ["an envelope that is not the last item", "message-unsigned", { items: [0, "news", "x"], alter: moved }],
    ["an envelope of five items", "message-forged", { alter: (raw) => changed(raw, (envelope) => [...envelope, 1]) }],
    [
      "a key of 31 bytes",
      "message-forged",
      { alter: (raw) => changed(raw, ([mark, , ...rest]) => [mark, new Uint8Array(31), ...rest]) },
    ],
  ];
  test.each(wrongs)(
    "[SEC-072] [SEC-073] [SEC-081] %s goes nowhere, and costs who brings it its link",
    async (_name, code, writing) => {
      const [adaHere, bob, carl, mallory] = await stage();
      const alter = (raw: Uint8Array): Uint8Array => {
        const made = writing.alter?.(raw) ?? raw;
        // Whatever makes it another kind of message is undone: it shall come as a broadcast.
        return encodeBody({ ...decodeBody(made), type: 0 });
      };
      for (let count = 0; count < 6; count++) mallory.connection.sendFrame(mallory.frame({ ...writing, alter }));
      await world.clock.settle();
      expect(bob.judged).toEqual(new Array(6).fill(code));
      expect(new Set(bob.blamed)).toEqual(new Set([mallory.identity.id]));
      expect([bob.inbox, carl.inbox, carl.judged]).toEqual([[], [], []]);
      expect(bob.goodbyes).toEqual(["rejected"]);
      await expectServed(adaHere, carl);
    },
  );

  test("[SEC-072] no bit of an overheard message can be turned, and none of the tries is remembered", async () => {
    const [adaHere, bob, carl, mallory] = await stage();
    const raw = await overheard(adaHere, mallory);
    // Ada's message in new words of one bit: at a node that has not heard it yet.
    const dora = await world.add(4, { mesh: { meshLimits: { activeMax: 100, maxRejected: 100_000 } } });
    const other = await world.attack(dora, 67);
    let tried = 0;
    for (let bit = 0; bit < 8 * raw.length; bit++) {
      const turned = raw.slice();
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        // Of the node's own id or of no broadcast nothing is judged.
        if (decodeBody(turned).type !== 0 || decodeBody(turned).items[0] !== 0) continue;
      } catch {
        continue;
      }
      if (typeof decodeBody(turned).items[1] !== "string") continue;
      other.connection.sendFrame(frameOf(turned));
      tried++;
    }
    await world.clock.settle();
    expect(tried).toBeGreaterThan(1_000);
    expect(dora.judged.length).toBe(tried);
    expect(dora.judged).not.toContain("accepted");
    expect(other.ended).toEqual([]);
    other.connection.sendFrame(frameOf(raw));
    await world.clock.settle();
    expect(dora.inbox).toEqual(["true"]);
    expect([bob.inbox, carl.inbox]).toEqual([["true"], ["true"]]);
  });

  test("[SEC-082] a flood of forged messages costs six verifications and the link; honest traffic goes on", async () => {
    const [adaHere, bob, carl, mallory] = await stage();
    const frames = Array.from({ length: 1_000 }, () => mallory.frame({ sender: identityOf(1).id, key: identityOf(1) }));
    for (const frame of frames) mallory.connection.sendFrame(frame);
    await expectServed(adaHere, carl);
    expect(bob.judged.filter((one) => one === "message-forged").length).toBe(6);
    expect(mallory.ended.map(({ name }) => name)).toEqual(["rejected"]);
  });

  test("[SEC-072] a route is not learned from a forged name", async () => {
    const [adaHere, , carl, mallory] = await stage();
    for (let count = 0; count < 3; count++) {
      mallory.connection.sendFrame(mallory.frame({ sender: carl.mesh.id, key: carl.identity }));
    }
    await world.clock.settle();
    await world.run(adaHere.mesh.send(carl.mesh.id, "straight"));
    expect(carl.inbox).toEqual(["to me: straight"]);
    const routed = mallory.heard.filter((raw) => decodeBody(raw).items[0] === flags.subtypes.routed);
    expect(routed).toEqual([]);
  });
});

describe("[SEC-081] routed messages", () => {
  function routed(mallory: Attacker, inner: Uint8Array, origin: Member | undefined, destination: Member): Uint8Array {
    const { writer, times } = mallory.node.seams;
    const sender = nodeIdToBytes(origin?.mesh.id ?? mallory.identity.id);
    const items = [flags.subtypes.routed, nodeIdToBytes(destination.mesh.id), 0, 9, inner];
    return writer.write(flags.mainTypes.whisper, sender, times.next(), items);
  }

  test("forged, stripped and redirected ones go no further than the first honest node, which blames who brought them", async () => {
    const [ada, bob, carl, mallory] = await stage();
    const items = [flags.subtypes.whisper, "message", "pay"];
    const ofMallory = { items, to: carl.mesh.id };
    const unsigned = encodeBody({ type: 2, sender: nodeIdToBytes(ada.mesh.id), time: 5, items });
    const inners = [
      mallory.frame({ ...ofMallory, sender: ada.mesh.id, key: ada.identity }).subarray(4),
      mallory.frame({ ...ofMallory, sender: ada.mesh.id }).subarray(4),
      unsigned,
    ];
    for (const inner of inners) mallory.connection.sendFrame(routed(mallory, inner, ada, carl));
    // What Mallory signed for Bob is no message for Carl.
    mallory.connection.sendFrame(
      routed(mallory, mallory.frame({ ...ofMallory, to: bob.mesh.id }).subarray(4), undefined, carl),
    );
    await world.clock.settle();
    expect(bob.judged).toEqual(["message-forged", "message-forged", "message-unsigned", "message-forged"]);
    expect([carl.judged, carl.inbox]).toEqual([[], []]);
    // What is right goes on, and once.
    const right = mallory.frame(ofMallory).subarray(4);
    for (let count = 0; count < 2; count++) mallory.connection.sendFrame(routed(mallory, right, undefined, carl));
    await world.clock.settle();
    expect([carl.judged, carl.inbox]).toEqual([["accepted"], ["to me: pay"]]);
  });

  test("further attempts with the same inner body are passed on, verified once", async () => {
    const [, bob, carl, mallory] = await stage();
    const right = mallory.frame({ items: [flags.subtypes.whisper, "message", "pay"], to: carl.mesh.id }).subarray(4);
    for (let attempt = 0; attempt < 3; attempt++) {
      const { writer, times } = mallory.node.seams;
      const items = [flags.subtypes.routed, nodeIdToBytes(carl.mesh.id), attempt, 9, right];
      mallory.connection.sendFrame(
        writer.write(flags.mainTypes.whisper, nodeIdToBytes(mallory.identity.id), times.next(), items),
      );
    }
    await world.clock.settle();
    // The message once, and each of the three receipts, which Bob passes on.
    expect([bob.judged.length, carl.judged, carl.inbox]).toEqual([4, ["accepted"], ["to me: pay"]]);
    const receipts = mallory.heard.filter((raw) => decodeBody(raw).items[0] === flags.subtypes.receipt);
    expect(receipts.length).toBe(3);
  });

  test("a network that judges nothing itself delivers nothing but what is signed for this node, and once", async () => {
    const [, , carl, mallory] = await stage();
    const items = [flags.subtypes.whisper, "message", "pay"];
    const right = mallory.frame({ items, to: carl.mesh.id }).subarray(4);
    const wrongs = [
      mallory.frame({ items, to: identityOf(7).id }).subarray(4),
      mallory.frame({ items, to: carl.mesh.id, signer: identityOf(7) }).subarray(4),
      encodeBody({ type: 2, sender: nodeIdToBytes(mallory.identity.id), time: 5, items }),
    ];
    for (const raw of wrongs) expect(() => carl.mesh.node.deliver(decodeBody(raw), raw)).toThrow("did not sign");
    carl.mesh.node.deliver(decodeBody(right), right);
    expect(() => carl.mesh.node.deliver(decodeBody(right), right)).toThrow("did not sign");
    expect(carl.inbox).toEqual(["to me: pay"]);
  });

  test("what cannot be read goes no further, and nobody is blamed", async () => {
    const [, bob, carl, mallory] = await stage();
    for (let count = 0; count < 20; count++) {
      mallory.connection.sendFrame(routed(mallory, Uint8Array.of(count), undefined, carl));
    }
    await world.clock.settle();
    expect([bob.judged, bob.goodbyes, carl.judged]).toEqual([[], [], []]);
    expect(bob.mesh.counters.routedDropped).toBe(0);
  });
});

describe("replays", () => {
  /** So much later every message id is forgotten. */
  const forgottenMs = 200_000;

  test("[SEC-076] [SEC-082] what was heard is left aside when it comes again, and nobody is blamed", async () => {
    const [ada, bob, carl, mallory] = await stage();
    const raw = await overheard(ada, mallory);
    await world.clock.advance(forgottenMs);
    for (let count = 0; count < 10; count++) mallory.connection.sendFrame(frameOf(raw));
    await world.clock.settle();
    expect(bob.inbox).toEqual(["true"]);
    expect(bob.judged).toEqual(["accepted", "message-replayed"]);
    expect([bob.blamed, mallory.ended]).toEqual([[], []]);
    await expectServed(ada, carl);
  });

  test("[SEC-078] [SEC-079] a node that is started anew takes nothing that it took before, and is heard itself", async () => {
    const replayStore = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
    const ada = await world.add(1, { replayStore });
    const bob = await world.add(2);
    await world.link(ada, bob);
    const mallory = await world.attack(bob);
    const raw = await overheard(ada, mallory, "before");
    bob.mesh.broadcast("to Ada");
    await world.clock.settle();
    const toAda = mallory.heard.find((body) => decodeBody(body).items[2] === "to Ada") ?? raw;
    expect(ada.inbox).toEqual(["to Ada"]);
    await world.run(ada.mesh.close());
    await world.clock.advance(forgottenMs);
    const again = await world.add(1, { replayStore });
    const other = await world.attack(again, 67);
    other.connection.sendFrame(frameOf(toAda));
    await world.clock.settle();
    expect([again.inbox, again.judged]).toEqual([[], ["message-replayed"]]);
    await world.link(again, bob);
    bob.mesh.broadcast("new to Ada");
    again.mesh.broadcast("after");
    await world.clock.settle();
    expect(again.inbox).toEqual(["new to Ada"]);
    expect(bob.inbox).toEqual(["before", "after"]);
  });

  test("[SEC-079] numbers rise over a restart also when the clock was set back, where there is a store", async () => {
    const replayStore = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
    const bob = await world.add(2);
    const before = await world.add(1, { replayStore });
    await world.link(before, bob);
    before.mesh.broadcast("before");
    await world.clock.settle();
    await world.run(before.mesh.close());
    world.clock.jumpWall(-600_000);
    const after = await world.add(1, { replayStore });
    await world.link(after, bob);
    after.mesh.broadcast("after");
    await world.clock.settle();
    expect(bob.inbox).toEqual(["before", "after"]);
  });

  test("[SEC-078] what a node heard is on disk within a second, for who is killed", async () => {
    const replayStore = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
    const [ada, bob] = [await world.add(1), await world.add(2, { replayStore })];
    await world.link(ada, bob);
    const mallory = await world.attack(bob);
    const raw = await overheard(ada, mallory);
    await world.clock.advance(1_100);
    // Bob is not closed: another process has his name now, as after a crash.
    const again = await world.add(3, { replayStore });
    const other = await world.attack(again, 67);
    other.connection.sendFrame(frameOf(raw));
    await world.clock.settle();
    expect(again.judged).toEqual(["message-replayed"]);
  });

  test("[SEC-075] [SEC-082] old messages and those of the future are left aside without blame", async () => {
    const [ada, bob, carl, mallory] = await stage();
    const nowUs = world.clock.now() * 1_000;
    for (const timeUs of [nowUs - 1_801e6, nowUs + 1_801e6, 0]) {
      for (let count = 0; count < 4; count++) mallory.connection.sendFrame(mallory.frame({ timeUs: timeUs + count }));
    }
    await world.clock.settle();
    expect(new Set(bob.judged)).toEqual(new Set(["message-stale"]));
    expect([bob.judged.length, bob.inbox, bob.blamed, mallory.ended]).toEqual([12, [], [], []]);
    await expectServed(ada, carl);
  });

  test("[SEC-082] an honest relay is not blamed for what its neighbour's stricter clock leaves aside", async () => {
    const [bob, dora] = [await world.add(2), await world.add(4, { freshnessMs: 1_000 })];
    await world.link(bob, dora);
    const mallory = await world.attack(bob);
    for (let count = 0; count < 20; count++) {
      mallory.connection.sendFrame(mallory.frame({ timeUs: world.clock.now() * 1_000 - 60e6 + count }));
    }
    await world.clock.settle();
    expect(bob.inbox.length).toBe(20);
    expect([dora.inbox, dora.goodbyes, dora.blamed]).toEqual([[], [], []]);
    expect(dora.judged).toEqual(new Array(20).fill("message-stale"));
  });
});

function changed(raw: Uint8Array, change: (envelope: readonly never[]) => readonly unknown[]): Uint8Array {
  const body = decodeBody(raw);
  const envelope = change(body.items.at(-1) as readonly never[]);
  // What a test makes of it is encodable.
  return encodeBody({ ...body, items: [...body.items.slice(0, -1), envelope] as typeof body.items });
}

function moved(raw: Uint8Array): Uint8Array {
  const body = decodeBody(raw);
  return encodeBody({ ...body, items: [...body.items, 1] });
}
