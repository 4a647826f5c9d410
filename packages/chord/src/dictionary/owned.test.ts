// Owned keys in a ring: what the owner wrote is read, whoever lies, crashes, forgets or is cut off.
import { ownedKey } from "@p2p/base";
import { toyProofs } from "@p2p/base/testing";
import { encodeValue, type NodeId, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { type FakeNode, FakeRing, type FakeRingOptions } from "../testing/fake-ring.js";
import { KeptRecords } from "../testing/kept-records.js";
import { networkId } from "../testing/owned-network.js";
import type { Dictionary } from "./dictionary.js";
import { OwnedKeys } from "./owned-keys.js";

async function ringOf(count: number, options: FakeRingOptions = {}): Promise<FakeRing> {
  const ring = new FakeRing({ hasProofs: true, ...options });
  await ring.grow(count);
  return ring;
}

function at(
  ring: FakeRing,
  index: number,
): { readonly node: FakeNode; readonly id: NodeId; readonly value: Dictionary } {
  const node = ring.live.at(index);
  if (node === undefined) throw new Error("nobody is there");
  return { node, id: ring.idOf(node), value: node.value };
}

/** What every member that lives reads. */
async function readers(ring: FakeRing, key: string): Promise<(WireValue | undefined)[]> {
  return ring.world.run(Promise.all(ring.live.map(({ value }) => value.get(key))));
}

const questions = { get: 0, put: 1, walk: 6 } as const;
const utf8 = new TextEncoder();

/** Signs in the owner's name, as the owner can and a liar cannot. */
function hand(self: NodeId): OwnedKeys {
  const nobody = (): undefined => undefined;
  return new OwnedKeys({ self, networkId, proofs: toyProofs(self), nowMs: () => 0, kept: nobody, forged: nobody });
}

describe("owned keys", () => {
  test.each([1, 2, 3, 5, 20])("[CHORD-280] in a ring of %i the owner writes, and every node reads", async (count) => {
    const ring = await ringOf(count);
    const { world } = ring;
    const owner = at(ring, 0);
    const key = ownedKey(owner.id, "profile");
    const { version, positions } = await world.run(owner.value.set(key, { n: 1 }));
    expect(version.origin).toBe(owner.id);
    expect(positions).toBeGreaterThanOrEqual(3);
    expect(await readers(ring, key)).toEqual(ring.live.map(() => ({ n: 1 })));
    expect(await world.run(owner.value.compareAndSet(key, { n: 1 }, { n: 2 }))).toMatchObject({ isSwapped: true });
    expect(await world.run(owner.value.compareAndSet(key, { n: 1 }, { n: 3 }))).toMatchObject({ isSwapped: false });
    expect(await world.run(owner.value.applyDelta(key, { m: 1 }))).toEqual({ n: 2, m: 1 });
    expect(await readers(ring, key)).toEqual(ring.live.map(() => ({ n: 2, m: 1 })));
    expect(await world.run(owner.value.pop(key))).toEqual({ n: 2, m: 1 });
    expect(await readers(ring, key)).toEqual(ring.live.map(() => undefined));
    await world.run(owner.value.set(key, 5));
    await world.run(owner.value.delete(key));
    expect(await readers(ring, key)).toEqual(ring.live.map(() => undefined));
    expect(ring.forged).toEqual([]);
  });

  test("[CHORD-282] nobody else writes them, by any call", async () => {
    const ring = await ringOf(4);
    const { world } = ring;
    const [owner, other] = [at(ring, 0), at(ring, 1)];
    const key = ownedKey(owner.id, "profile");
    const before = ring.asked.get(questions.put) ?? 0;
    const calls: readonly (() => Promise<unknown>)[] = [
      () => other.value.set(key, 1),
      () => other.value.delete(key),
      () => other.value.compareAndSet(key, undefined, 1),
      () => other.value.update(key, () => 1),
      () => other.value.applyDelta(key, { a: 1 }),
      () => other.value.pop(key),
    ];
    for (const call of calls) {
      await expect(world.run(call())).rejects.toMatchObject({ code: "not-owner", peer: owner.id });
    }
    expect(ring.asked.get(questions.put) ?? 0).toBe(before);
    expect(await world.run(other.value.get(key))).toBeUndefined();
    await world.run(other.value.set("plain", 1));
    expect(await world.run(other.value.proof("plain"))).toBeUndefined();
  });

  test("a network without proofs has none: such keys are keys like any", async () => {
    const ring = await ringOf(4, { hasProofs: false });
    const key = ownedKey(at(ring, 0).id, "profile");
    await ring.world.run(at(ring, 1).value.set(key, 1));
    expect(await ring.world.run(at(ring, 2).value.update(key, (n) => Number(n) + 1))).toBe(2);
    expect(at(ring, 0).value.hasOwnedKeys).toBe(false);
  });

  test("their proof is what everybody can check", async () => {
    const ring = await ringOf(5);
    const { world } = ring;
    const owner = at(ring, 0);
    const key = ownedKey(owner.id, "profile");
    expect(await world.run(at(ring, 1).value.proof(key))).toBeUndefined();
    const { version } = await world.run(owner.value.set(key, { n: 1 }));
    const shown = await world.run(at(ring, 1).value.proof(key));
    const { proof } = hand(owner.id).sign(utf8.encode(key), version.timeUs, encodeValue({ n: 1 }));
    expect(shown).toEqual({ realm: "chord", key, sequence: version.timeUs, value: { n: 1 }, proof });
    await world.run(owner.value.delete(key));
    expect(await world.run(at(ring, 1).value.proof(key))).toMatchObject({ value: undefined });
  });

  test("operations of the owner on one key run one after the other", async () => {
    const ring = await ringOf(8);
    const owner = at(ring, 0);
    const key = ownedKey(owner.id, "sum");
    const adds = Array.from({ length: 20 }, () => owner.value.update(key, (sum) => Number(sum ?? 0) + 1));
    const sums = await ring.world.run(Promise.all(adds));
    expect(sums).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(await ring.world.run(at(ring, 3).value.get(key))).toBe(20);
  });
});

describe("an owner that lost its disk", () => {
  test.each([
    ["goes on, as its clock does", 0],
    ["goes on, its clock having been set back by a year", -365 * 86_400_000],
  ])("[CHORD-280] %s", async (_how, jumpMs) => {
    const ring = await ringOf(8);
    const { world } = ring;
    const { node, id } = at(ring, 0);
    const key = ownedKey(id, "profile");
    const before = await world.run(node.value.set(key, "before"));
    ring.crash(node, true);
    await world.runFor(5_000);
    await ring.restart(node);
    node.clock.jump(jumpMs);
    await world.runFor(5_000);
    for (const [n, write] of [
      () => node.value.set(key, 0),
      () => node.value.update(key, (value) => Number(value) + 1),
      () => node.value.set(key, 2),
    ].entries()) {
      await world.run<unknown>(write());
      expect(await readers(ring, key)).toEqual(ring.live.map(() => n));
    }
    const after = await world.run(node.value.set(key, "after"));
    expect(after.version.timeUs).toBeGreaterThan(before.version.timeUs);
  });

  test("[CHORD-280] cannot write after the last sequence, and is told so", async () => {
    const ring = await ringOf(5);
    const { node, id } = at(ring, 0);
    const key = utf8.encode(ownedKey(id, "profile"));
    const last = hand(id).sign(key, Number.MAX_SAFE_INTEGER, encodeValue("for good"));
    ring.lie = (_node, [kind]) =>
      kind === questions.put
        ? [
            2,
            last.version.timeUs,
            nodeIdToBytes(id),
            [last.version.timeUs, nodeIdToBytes(id), last.value ?? null, null, last.proof ?? null],
          ]
        : undefined;
    await expect(ring.world.run(node.value.set(key, 1))).rejects.toMatchObject({ code: "refused" });
  });
});

describe("members that lie about owned keys", () => {
  const told = (forged: WireValue, sequence: number, id: NodeId): WireValue => [
    sequence,
    nodeIdToBytes(id),
    encodeValue(forged),
    null,
    new Uint8Array(32),
  ];

  test("[CHORD-278] one honest holder among them is enough to read what the owner wrote, and they are found out", async () => {
    const ring = await ringOf(6);
    const { world } = ring;
    const owner = at(ring, 0);
    const key = ownedKey(owner.id, "profile");
    await world.run(owner.value.set(key, "genuine"));
    const honest = at(ring, 3).id;
    const reader = at(ring, 5);
    ring.lie = (node, [kind]) =>
      kind === questions.get && node !== honest ? [0, told("forged", 2 ** 52, owner.id), true, 31, 31] : undefined;
    // Not always a majority is left that answers: then the read says so.
    for (let n = 0; n < 5; n += 1) {
      const value = await world.run(reader.value.get(key, { timeoutMs: 300 }).catch(() => "no majority"));
      expect(["genuine", "no majority"]).toContain(value);
    }
    expect(new Set(ring.forged.map(({ at: found }) => found))).toEqual(new Set([reader.id]));
    expect(ring.forged.every(({ by }) => by !== honest)).toBe(true);
  });

  test("[CHORD-278] two of five who forge what they hold change nothing", async () => {
    const ring = await ringOf(12);
    const { world } = ring;
    const owner = at(ring, 0);
    const keys = Array.from({ length: 10 }, (_, n) => ownedKey(owner.id, `key ${n}`));
    for (const key of keys) await world.run(owner.value.set(key, key));
    const liars = new Set([at(ring, 4).id, at(ring, 8).id]);
    ring.lie = (node, [kind]) => {
      if (!liars.has(node)) return undefined;
      return kind === questions.get ? [0, told("forged", 2 ** 52, owner.id), true, 31, 31] : undefined;
    };
    for (const key of keys) expect(await world.run(at(ring, 6).value.get(key))).toBe(key);
    expect(ring.forged.length).toBeGreaterThan(0);
  });

  test.each([
    ["that something newer is there, without showing it", () => [2, 2 ** 52, new Uint8Array(48)]],
    [
      "that something newer is there, and show what the owner did not write",
      (id: NodeId) => [2, 2 ** 52, nodeIdToBytes(id), told("forged", 2 ** 52, id)],
    ],
    ["that others vote on the key", () => [3]],
  ])("[CHORD-278] do not keep the owner from writing by telling %s", async (_what, lie) => {
    const ring = await ringOf(9);
    const { world } = ring;
    const owner = at(ring, 0);
    const key = ownedKey(owner.id, "profile");
    const liars = new Set([at(ring, 2).id, at(ring, 5).id]);
    ring.lie = (node, [kind]) => (liars.has(node) && kind === questions.put ? lie(owner.id) : undefined);
    for (let n = 0; n < 5; n += 1) {
      const { version } = await world.run(owner.value.set(key, n));
      expect(version.timeUs).toBeLessThan(2 ** 52);
    }
    ring.lie = () => undefined;
    expect(await world.run(at(ring, 7).value.get(key))).toBe(4);
  });

  test("[CHORD-278] an old write of the owner's, shown again and again, does not stop the next one", async () => {
    const ring = await ringOf(9);
    const { world } = ring;
    const owner = at(ring, 0);
    const key = ownedKey(owner.id, "profile");
    const old = hand(owner.id).sign(utf8.encode(key), 7, encodeValue("old"));
    const shown = [
      2,
      7,
      nodeIdToBytes(owner.id),
      [7, nodeIdToBytes(owner.id), old.value ?? null, null, old.proof ?? null],
    ];
    const liar = at(ring, 2).id;
    ring.lie = (node, [kind]) => (node === liar && kind === questions.put ? shown : undefined);
    await world.run(owner.value.set(key, "new"));
    expect(await world.run(at(ring, 7).value.get(key))).toBe("new");
  });

  test("[CHORD-284] a walk gives no value that its owner did not write", async () => {
    const ring = await ringOf(6);
    const { world } = ring;
    const owner = at(ring, 0);
    const keys = Array.from({ length: 12 }, (_, n) => ownedKey(owner.id, `key ${n}`));
    for (const key of keys) await world.run(owner.value.set(key, "genuine"));
    const liar = at(ring, 2).id;
    ring.lie = (node, [kind]) => {
      if (node !== liar || kind !== questions.walk) return undefined;
      return [8, keys.map((key) => [utf8.encode(key), encodeValue("forged"), 2 ** 52, new Uint8Array(32)]), null];
    };
    const read = async (): Promise<[unknown, WireValue][]> => {
      const all: [unknown, WireValue][] = [];
      for await (const each of at(ring, 5).value.entries()) all.push(each);
      return all;
    };
    const found = await world.run(read());
    expect(found.map(([key]) => key).sort()).toEqual([...keys].sort());
    expect(new Set(found.map(([, value]) => value))).toEqual(new Set(["genuine"]));
  });
});

describe("owned keys while members come and go", () => {
  test("[CHORD-274] sides of a partition have the owner's last write as soon as they meet", async () => {
    const ring = await ringOf(10);
    const { world } = ring;
    const owner = at(ring, 0);
    const keys = Array.from({ length: 10 }, (_, n) => ownedKey(owner.id, `key ${n}`));
    for (const key of keys) await world.run(owner.value.set(key, "before"));
    const far = new Set([1, 3, 5, 7].map((index) => at(ring, index).id));
    ring.isCut = (from, to) => far.has(from) !== far.has(to);
    let done = 0;
    for (const key of keys) {
      await world.run(
        owner.value.set(key, "after", { timeoutMs: 2_000 }).then(
          () => (done += 1),
          () => 0,
        ),
      );
    }
    expect(done).toBeGreaterThan(0);
    ring.isCut = () => false;
    for (const key of keys) await world.run(owner.value.set(key, "last"));
    for (const key of keys) expect(await readers(ring, key)).toEqual(ring.live.map(() => "last"));
    expect(ring.forged).toEqual([]);
  });

  test("[CHORD-271] [CHORD-279] members that come get them with their proofs, deletes too, until none of the first is left", async () => {
    const ring = await ringOf(6);
    const { world } = ring;
    const owner = at(ring, 0);
    const keys = Array.from({ length: 8 }, (_, n) => ownedKey(owner.id, `key ${n}`));
    for (const key of keys) await world.run(owner.value.set(key, "here"));
    await world.run(owner.value.delete(keys[0] as string));
    const first = ring.live.slice(1);
    for (const node of first) {
      await ring.add();
      await world.runFor(40_000);
      ring.crash(node);
      await world.runFor(40_000);
    }
    for (const [n, key] of keys.entries()) {
      expect(await readers(ring, key)).toEqual(ring.live.map(() => (n === 0 ? undefined : "here")));
    }
    expect(ring.forged).toEqual([]);
  });

  test("[CHORD-271] what was checked is not again: neither where ranges are compared, nor when it is read once more", async () => {
    const ring = await ringOf(6, { dictionary: { compareMs: 2_000, auditMs: 20_000 } });
    const { world } = ring;
    const owner = at(ring, 0);
    const keys = Array.from({ length: 60 }, (_, n) => ownedKey(owner.id, `key ${n}`));
    for (const key of keys) await world.run(owner.value.set(key, key));
    await world.runFor(60_000);
    const before = ring.judged;
    expect(before).toBeGreaterThanOrEqual(keys.length * 2);
    expect(before).toBeLessThanOrEqual(keys.length * 5);
    await world.runFor(120_000);
    expect(ring.judged).toBe(before);
    // A reader that holds a copy knows it; one that does not checks it once.
    for (let n = 0; n < 5; n += 1) await readers(ring, keys[0] as string);
    expect(ring.judged).toBeLessThanOrEqual(before + ring.live.length);
  });

  test("[CHORD-279] a member that was away for longer than other deletes are remembered brings no deleted value back, and loses none", async () => {
    const stores = new Map<NodeId, KeptRecords>();
    const storeOf = async (_seams: unknown, self: NodeId): Promise<KeptRecords> => {
      const store = stores.get(self) ?? new KeptRecords();
      stores.set(self, store);
      return store;
    };
    const ring = await ringOf(5, { storeOf, dictionary: { dictionaryLimits: { tombstoneMs: 600_000 } } });
    const { world } = ring;
    const owner = at(ring, 0);
    const [gone, kept] = [ownedKey(owner.id, "gone"), ownedKey(owner.id, "kept")];
    await world.run(owner.value.set(gone, "old"));
    await world.run(owner.value.set(kept, "old"));
    await world.runFor(5_000);
    const away = at(ring, 2).node;
    ring.crash(away);
    await world.runFor(5_000);
    await world.run(owner.value.delete(gone));
    await world.runFor(1_200_000);
    await ring.restart(away);
    await world.runFor(60_000);
    expect(await readers(ring, gone)).toEqual(ring.live.map(() => undefined));
    expect(await readers(ring, kept)).toEqual(ring.live.map(() => "old"));
  });
});
