// Who is in charge, and sure, in a ring whose members come back, come and go at once, or are slow.
import { ownedKey } from "@p2p/base";
import { type NodeId, NodeIdCache, nodeIdFromBytes } from "@p2p/wire";
import { expect, test, vi } from "vitest";
import { positionsOf } from "../positions.js";
import { isOnArc } from "../ring/arc.js";
import { type FakeNode, FakeRing } from "../testing/fake-ring.js";
import { KeptRecords } from "../testing/kept-records.js";
import { Rings } from "../testing/rings.js";
import { decodeAnswer } from "./answers.js";
import { defaultDictionaryLimits } from "./dictionary-options.js";
import { encodeQuestion } from "./questions.js";
import { type Standing, Tenure } from "./tenure.js";

const questions = { put: 1, claim: 8 } as const;
const utf8 = new TextEncoder();

/** For each position of a key, whether it is in the range of the member: the first is bit 0. */
function rangeBits(ring: FakeRing, node: FakeNode, key: string): number {
  const range = ring.memberOf(node)?.range;
  return positionsOf(key).reduce(
    (bits, position, at) => bits | (range !== undefined && isOnArc(range.after, position, range.upTo) ? 1 << at : 0),
    0,
  );
}

/** The first key of which a member has so many positions. */
function keyAt(ring: FakeRing, node: FakeNode, isRight: (positions: number) => boolean): string {
  const keys = Array.from({ length: 1_000 }, (_, n) => `key ${n}`);
  const found = keys.find((key) => isRight(rangeBits(ring, node, key).toString(2).replaceAll("0", "").length));
  if (found === undefined) throw new Error("there is no such key");
  return found;
}

/** What a member says that it is to a key. */
async function standingOf(ring: FakeRing, node: FakeNode, key: string): Promise<Standing> {
  const question = encodeQuestion({ kind: "get", key: utf8.encode(key) });
  const items = await ring.world.run(ring.carry(ring.idOf(node), ring.idOf(node), question));
  const answer = decodeAnswer(items, defaultDictionaryLimits, new NodeIdCache());
  if (answer.kind !== "has") throw new Error(`it answered ${answer.kind}`);
  return answer.standing;
}

test("[CHORD-262] who comes back with records, first of all, is not sure that nobody has newer ones", async () => {
  const stores = new Map<NodeId, KeptRecords>();
  const storeOf = async (_seams: unknown, self: NodeId): Promise<KeptRecords> => {
    const store = stores.get(self) ?? new KeptRecords();
    stores.set(self, store);
    return store;
  };
  const ring = new FakeRing({ storeOf, dictionary: { replicas: 0 } });
  const { world } = ring;
  await ring.grow(3);
  const [first, second, third] = ring.nodes as [FakeNode, FakeNode, FakeNode];
  const key = keyAt(ring, first, (positions) => positions === 3);
  await world.run(second.value.set(key, "old"));
  await world.runFor(1_000);
  ring.crash(first);
  await world.runFor(1_000);
  await world.run(second.value.set(key, "new"));
  for (const node of [second, third]) ring.crash(node);
  for (const node of [first, second, third]) {
    await ring.restart(node);
    await world.runFor(3_000);
  }
  expect(await world.run(first.value.get(key))).toBe("new");
});

test("[CHORD-262] a key that was read again and is gone here since is in doubt when its position comes back", async () => {
  const minute = 60_000;
  const ring = new FakeRing({ dictionary: { dictionaryLimits: { tombstoneMs: minute } } });
  const { world } = ring;
  await ring.grow(2);
  const [stays, goes] = ring.nodes as [FakeNode, FakeNode];
  const key = keyAt(ring, stays, (positions) => positions === 2);
  const own = rangeBits(ring, stays, key);
  await world.run(stays.value.set(key, 1));
  ring.crash(goes);
  await world.runFor(15_000);
  expect(await standingOf(ring, stays, key)).toEqual({ charge: 31, sure: own });
  await world.runFor(1_000);
  expect(await standingOf(ring, stays, key)).toEqual({ charge: 31, sure: 31 });
  await world.run(stays.value.delete(key));
  await world.runFor(3 * minute);
  expect(stays.value.held.records).toBe(0);
  await ring.restart(goes);
  await world.runFor(3_000);
  expect(await standingOf(ring, stays, key)).toEqual({ charge: own, sure: own });
  ring.crash(goes);
  await world.runFor(1_000);
  expect(await standingOf(ring, stays, key)).toEqual({ charge: 31, sure: own });
});

test("[CHORD-261] who leaves while it still claims its range is not in charge of it after that", async () => {
  const ring = new FakeRing();
  const { world } = ring;
  await ring.grow(2);
  const notReady = [4, 4];
  ring.lie = (_node, [kind]) => (kind === questions.claim ? notReady : undefined);
  const joiner = await ring.add();
  const key = keyAt(ring, joiner, (positions) => positions > 0);
  await world.runFor(3_000);
  await world.run(joiner.value.handOver());
  await world.runFor(3_000);
  expect(await standingOf(ring, joiner, key)).toEqual({ charge: 0, sure: 0 });
});

test.each(["plain", "owned"])("[CHORD-210] a %s write that took longer than 10 s is tried again", async (kind) => {
  const ring = new FakeRing({ hasProofs: true });
  const { world } = ring;
  await ring.grow(5);
  const [writer] = ring.nodes as [FakeNode];
  const member = ring.memberOf(writer);
  if (member === undefined) throw new Error("it is no member");
  const lookup = member.lookup.bind(member);
  let lookups = 0;
  vi.spyOn(member, "lookup").mockImplementation(async (position, successors) => {
    lookups += 1;
    if (lookups > 2 && lookups <= 5) await new Promise<void>((resolve) => world.after(11_000, "slow", resolve));
    return lookup(position, successors);
  });
  const key = kind === "owned" ? ownedKey(ring.idOf(writer), "name") : "name";
  await world.run(writer.value.set(key, 1));
  expect(lookups).toBe(10);
});

test("[CHORD-262] who comes back at once under its id is told by nobody that it is sure", async () => {
  const rings = new Rings();
  const { world } = rings;
  const bytes = Array.from({ length: 6 }, (_, n) => new Uint8Array(48).fill(n * 40 + 3));
  for (const each of bytes) {
    await rings.add(rings.nodes.slice(0, 1), { id: nodeIdFromBytes(each) });
    if (rings.nodes.length > 1) await world.runFor(500);
  }
  await world.runFor(20_000);
  const handedOver = vi.spyOn(Tenure.prototype, "handedOver");
  for (const [at, node] of rings.nodes.entries()) {
    if (at === 0) continue;
    handedOver.mockClear();
    node.crash({ isPowerLost: true });
    // So soon that the ranges of those after it may be the same all the while.
    await world.runFor(10);
    await world.restart(node);
    await world.runFor(8_000);
    expect(handedOver.mock.calls.map(([{ sureAfter }]) => sureAfter)).toEqual([bytes[at]]);
  }
});
