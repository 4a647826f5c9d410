// Peers that do not keep the protocol: what they say is bounded, typed, and leaves the ring right.
import { encodeBody, flags, nodeIdFromBytes, type WireValue } from "@p2p/wire";
import { describe, expect, test, vi } from "vitest";
import { HostileNode } from "./testing/hostile-node.js";
import { brokenRing } from "./testing/ring-invariants.js";
import { Rings } from "./testing/rings.js";

vi.setConfig({ testTimeout: 60_000 });

const { subtypes } = flags;
const id = new Uint8Array(48).fill(9);
const short = id.subarray(1);
const contact: WireValue = [id, ["sim://nobody:1"]];

/** A ring of three, and a hostile node with a link to the first. */
async function stage(): Promise<
  [rings: Rings, hostile: HostileNode, say: (items: readonly WireValue[]) => Promise<void>]
> {
  const rings = new Rings();
  await rings.grow(3);
  await rings.world.runFor(10_000);
  const [victim] = rings.nodes;
  if (victim === undefined) throw new Error("no victim");
  const [hostile, connection] = await HostileNode.join(rings, victim);
  const say = async (items: readonly WireValue[]): Promise<void> => {
    connection.sendWhisper(items);
    await rings.world.runFor(500);
  };
  return [rings, hostile, say];
}

/** The ring is one, and finds. */
async function expectServed(rings: Rings): Promise<void> {
  expect(brokenRing(rings.members)).toEqual([]);
  for (const asker of rings.live) {
    for (const target of rings.live) {
      expect((await rings.world.run(asker.lookup(target.node.idBytes))).id).toBe(target.id);
    }
  }
}

describe("[CHORD-050] a message that is wrong in one item closes its link with `protocol`, and no other", () => {
  const bad: [string, WireValue[]][] = [
    ["standing without number", [subtypes.standing]],
    ["standing 3", [subtypes.standing, 3]],
    ["question with a text as id", [subtypes.question, "1"]],
    ["question with an id of 2^32", [subtypes.question, 2 ** 32]],
    ["answer without status", [subtypes.answer, 1]],
    ["answer with status -1", [subtypes.answer, 1, -1]],
    ["neighbourhood without bits", [subtypes.neighbourhood, 1]],
    ["neighbourhood with true for bits", [subtypes.neighbourhood, 1, true, 0]],
    ["neighbourhood without revision", [subtypes.neighbourhood, 1, 0]],
    ["find without position", [subtypes.find, 1]],
    ["find with a position of 47 bytes", [subtypes.find, 1, short, 9, 0, 0]],
    ["find with a hop limit of 1.5", [subtypes.find, 1, id, 1.5, 0, 0]],
    ["find with a text for bits", [subtypes.find, 1, id, 9, "", 0]],
    ["find without successors wanted", [subtypes.find, 1, id, 9, 0]],
    ["find with 9 to avoid", [subtypes.find, 1, id, 9, 0, 0, new Array(9).fill(id)]],
    ["find with a short id to avoid", [subtypes.find, 1, id, 9, 0, 0, [short]]],
    ["find with a text as body", [subtypes.find, 1, id, 9, 0, 0, [], "body"]],
    ["found without contacts", [subtypes.found, 1, 0, 1]],
    ["found with 34 contacts", [subtypes.found, 1, 0, 1, new Array(34).fill(contact)]],
    ["found with a contact of one", [subtypes.found, 1, 0, 1, [[id]]]],
    ["found with a number as address", [subtypes.found, 1, 0, 1, [[id, [7]]]]],
    ["found with a way of 82", [subtypes.found, 1, 0, 1, [], new Array(82).fill(id)]],
    ["hint with a number", [subtypes.hint, 7]],
    ["hint with a short id", [subtypes.hint, [short, []]]],
    ["leave with a text", [subtypes.leave, "bye"]],
  ];

  test.each(bad)("%s", async (_name, items) => {
    const [rings, hostile, say] = await stage();
    await say(items);
    expect(hostile.closed).toEqual(["protocol"]);
    await expectServed(rings);
  });
});

test("[CHORD-055] [CHORD-056] answers that nobody waits for, and items beyond those known, are ignored", async () => {
  const [rings, hostile, say] = await stage();
  await say([subtypes.answer, 1, 0, 1, 1, null, []]);
  await say([subtypes.found, 1, 0, 1, [contact]]);
  await say([subtypes.standing, 0, "later"]);
  await say([subtypes.neighbourhood, 5, 0, 0, "later"]);
  expect(hostile.closed).toEqual([]);
  expect(hostile.last(subtypes.answer)?.slice(1, 3)).toEqual([5, 0]);
  await expectServed(rings);
});

test("[CHORD-027] who is no member stands in no list, whatever it notifies", async () => {
  const [rings, hostile, say] = await stage();
  await say([subtypes.neighbourhood, 1, 1, 0]);
  expect(rings.live.some(({ predecessor, successors }) => [predecessor, ...successors].includes(hostile.node.id))).toBe(
    false,
  );
  await expectServed(rings);
});

test("[CHORD-014] [CHORD-015] a member that says it is one and answers nothing does not stop lookups of others", async () => {
  const [rings, hostile, say] = await stage();
  await say([subtypes.standing, 2]);
  await say([subtypes.neighbourhood, 1, 1, 0]);
  await rings.world.runFor(60_000);
  expect(hostile.received.length).toBeGreaterThan(0);
  for (const asker of rings.live) {
    for (const target of rings.live) {
      expect((await rings.world.run(asker.lookup(target.node.idBytes))).id).toBe(target.id);
    }
  }
});

test("[CHORD-004] a contact with a local address, told by who is elsewhere, is not dialled", async () => {
  const [rings, hostile, say] = await stage();
  const [victim] = rings.live;
  const dialled: string[] = [];
  victim?.node.trace.subscribe((event) => {
    if (event.kind === "dial") dialled.push(event.address);
  });
  await say([subtypes.standing, 2]);
  for (const address of ["tcp://127.0.0.1:22", "memory://x", "tcp://localhost:80"]) {
    await say([subtypes.hint, [id, [address]]]);
  }
  expect(dialled.filter((address) => !address.startsWith("sim://"))).toEqual([]);
  expect(hostile.closed).toEqual([]);
});

test("a flood of hints is taken at a rate, and the rest is ignored", async () => {
  const [rings, hostile, say] = await stage();
  const [victim] = rings.live;
  let dials = 0;
  victim?.node.trace.subscribe((event) => {
    if (event.kind === "dial") dials += 1;
  });
  await say([subtypes.standing, 2]);
  const before = dials;
  for (let index = 0; index < 2_000; index += 1) {
    const drawn = Uint8Array.from({ length: 48 }, () => rings.world.random.integer(256));
    hostile.node.connections[0]?.sendWhisper([subtypes.hint, [drawn, ["sim://nobody:1"]]]);
  }
  await rings.world.runFor(2_000);
  // 20 at once, 5 a second.
  expect(dials - before).toBeLessThanOrEqual(40);
  await expectServed(rings);
});

test("[CHORD-043] [CHORD-046] a find without a way on, or with no hops left, is answered so", async () => {
  const [rings, hostile, say] = await stage();
  const [victim, other] = rings.live;
  await say([subtypes.find, 1, other?.node.idBytes ?? null, 0, 0, 0]);
  expect(hostile.last(subtypes.found)?.slice(1, 3)).toEqual([1, 2]);
  await say([subtypes.find, 2, victim?.node.idBytes ?? null, 0, 0, 2]);
  expect(hostile.last(subtypes.found)?.slice(1, 4)).toEqual([2, 0, 1]);
  await say([subtypes.find, 3, other?.node.idBytes ?? null, 9, 0, 0]);
  expect(hostile.last(subtypes.found)?.slice(1, 4)).toEqual([3, 0, 2]);
  const all = rings.live.filter(({ id }) => id !== victim?.id).map(({ node }) => node.idBytes);
  await say([subtypes.find, 4, other?.node.idBytes ?? null, 9, 0, 0, all]);
  expect(hostile.last(subtypes.found)?.slice(1, 3)).toEqual([4, 3]);
});

test("[CHORD-053] bytes that are no body are refused, and their bringer is not blamed", async () => {
  const [rings, hostile, say] = await stage();
  const [victim] = rings.live;
  await say([subtypes.find, 1, victim?.node.idBytes ?? null, 9, 0, 0, [], new Uint8Array([1, 2, 3])]);
  expect(hostile.last(subtypes.found)?.slice(1, 3)).toEqual([1, 4]);
  expect(hostile.closed).toEqual([]);
});

test("[CHORD-053] a message that was altered on its way does not keep out the one that comes by another", async () => {
  const [rings, hostile, say] = await stage();
  const [victim] = rings.live;
  const heard: WireValue[] = [];
  victim?.handle("greet", ({ data }) => void heard.push(data));
  const body = (...items: WireValue[]): Uint8Array =>
    encodeBody({ type: 2, sender: id, time: 77, items: [subtypes.whisper, ...items] });
  await say([subtypes.find, 1, victim?.node.idBytes ?? null, 9, 0, 0, [], body(1, "hello")]);
  expect(hostile.last(subtypes.found)?.slice(1, 3)).toEqual([1, 4]);
  for (const request of [2, 3]) {
    await say([subtypes.find, request, victim?.node.idBytes ?? null, 9, 0, 0, [], body("greet", "hello")]);
    expect(hostile.last(subtypes.found)?.slice(1, 3)).toEqual([request, 0]);
  }
  expect(heard).toEqual(["hello"]);
});

test("[CHORD-051] [CHORD-054] a message that could not be brought is not looked up without its body, as if it had arrived", async () => {
  const [rings, hostile, say] = await stage();
  const [victim] = rings.live;
  const owner = rings.live.find(({ id }) => id === victim?.successors[0]);
  // Owned by the node after the one that is asked, and nobody stands there.
  const absent = Uint8Array.from(owner?.node.idBytes ?? []);
  absent[47] = (absent[47] ?? 0) - 1;
  const body = encodeBody({
    type: 2,
    sender: hostile.node.idBytes,
    time: 1,
    items: [subtypes.whisper, "greet", "hello"],
  });
  await say([subtypes.find, 1, absent, 80, 0, 0, [], body]);
  expect(hostile.last(subtypes.found)?.slice(1, 3)).toEqual([1, 3]);
});

test("[CHORD-049] a member that forges an owner misleads, but nobody answers in that name", async () => {
  const [rings, hostile, say] = await stage();
  hostile.onMessage = (connection, items) => {
    if (items[0] === subtypes.find) connection.sendWhisper([subtypes.found, items[1] ?? 0, 0, 1, [contact]]);
  };
  await say([subtypes.standing, 2]);
  const [victim] = rings.live;
  const found = await rings.world.run(victim?.lookup(hostile.node.idBytes) ?? Promise.reject());
  expect(found.id).toBe(nodeIdFromBytes(id));
  const sent = victim?.send(found.id, 1).catch((error: Error & { code?: string }) => error.code);
  expect(await rings.world.run(sent ?? Promise.reject())).toBe("unreachable");
});

test("[CHORD-050] [CHORD-051] answers with as many hops and as long a way as there can be are passed on as what a node can read", async () => {
  const [rings, hostile, say] = await stage();
  const [victim] = rings.nodes;
  if (victim === undefined) throw new Error("no victim");
  const [asker, link] = await HostileNode.join(rings, victim, "asker");
  await say([subtypes.standing, 2]);
  hostile.onMessage = (connection, [subtype, requestId = 0]) => {
    if (subtype !== subtypes.find) return;
    const self = [hostile.node.idBytes, []];
    connection.sendWhisper([subtypes.found, requestId, 0, 0xffff_ffff, [self], new Array(81).fill(id)]);
  };
  link.sendWhisper([subtypes.find, 5, hostile.node.idBytes, 9, 2, 0]);
  await rings.world.runFor(2_000);
  const found = asker.last(subtypes.found) ?? [];
  expect(found.slice(0, 4)).toEqual([subtypes.found, 5, 0, 81]);
  expect(found[5]).toHaveLength(81);
});
