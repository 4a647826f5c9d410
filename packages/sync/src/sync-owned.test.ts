// Keys of identities: written by their owner alone, read by all, whatever clocks, leases, disks and partitions do.
import { ownedKey } from "@p2p/base";
import { MemoryLevel } from "memory-level";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Change } from "./change.js";
import { openStore } from "./store/store.js";
import type { Sync } from "./sync.js";
import { type Member, type MemberOptions, Tables } from "./testing/tables.js";
import { identified, ownerId } from "./testing/toy-proofs.js";

let tables: Tables;

beforeEach(() => {
  tables = new Tables();
});

afterEach(() => tables.close());

const hourMs = 3_600_000;

/** So many members with identities, linked to one another. */
async function full(count: number, options: MemberOptions = {}): Promise<Sync[]> {
  for (let number = 0; number < count; number += 1) await tables.add({ ...identified(number), ...options });
  await tables.clock.advance(5_000);
  return tables.members.map(({ sync }) => sync);
}

async function pair(options: MemberOptions = {}): Promise<[Sync, Sync]> {
  return (await full(2, options)) as [Sync, Sync];
}

describe.each([
  ["with leases", true],
  ["without", false],
])("an owned key of a table %s", { timeout: 60_000 }, (_name, leases) => {
  test("is read by all, written by its owner, and refused to all others", async () => {
    const [ada, bob] = await pair({ leases });
    const key = ada.owned("profile");
    expect([key, bob.owned("profile", ada.id)]).toEqual([ownedKey(ada.id, "profile"), key]);
    const entry = await ada.set(key, { name: "Ada" });
    await tables.clock.settle();
    expect(bob.get(key)).toEqual({ name: "Ada" });
    expect(bob.entry(key)).toEqual(entry);
    expect(entry).toMatchObject({ owner: ada.id, version: { origin: ada.id } });
    expect(bob.lease(key)).toEqual({ owner: ada.id, expiresAtMs: Number.POSITIVE_INFINITY, token: 0 });
    const refused = { code: "not-owner", key, owner: ada.id };
    await expect(bob.set(key, 1)).rejects.toMatchObject(refused); // [SYNC-116]
    await expect(
      bob.update([
        ["plain", 1],
        [key, 1],
      ]),
    ).rejects.toMatchObject(refused);
    await expect(bob.applyDelta(key, { a: 1 })).rejects.toMatchObject(refused);
    await expect(bob.delete(key)).rejects.toMatchObject(refused);
    await expect(bob.pop(key)).rejects.toMatchObject(refused);
    await expect(bob.acquire(key)).rejects.toMatchObject(refused);
    await expect(bob.release(key)).rejects.toMatchObject(refused);
    await tables.clock.advance(61_000);
    await expect(bob.set(key, 1, { leaseMs: 1 })).rejects.toMatchObject(refused);
    expect([ada.get(key), bob.get(key), bob.has("plain")]).toEqual([{ name: "Ada" }, { name: "Ada" }, false]);
    expect(tables.digests).toHaveLength(1);
  });

  test("is changed in every way by its owner, whole values all of them", async () => {
    const [ada, bob] = await pair({ leases });
    const key = ada.owned("map");
    await ada.applyDelta(key, { a: 1, b: 2 });
    await ada.applyDelta(key, { c: 3 }, { remove: ["a"] });
    await tables.clock.settle();
    expect(bob.get(key)).toEqual({ b: 2, c: 3 });
    await ada.update([
      [key, { d: 4 }],
      ["plain", 1],
      [ada.owned("other"), 2],
    ]);
    await tables.clock.settle();
    expect(bob.toObject()).toEqual({ [key]: { d: 4 }, plain: 1, [ada.owned("other")]: 2 });
    expect(await ada.pop(key)).toEqual({ d: 4 });
    expect([await ada.pop(key), await ada.delete(key)]).toEqual([undefined, false]);
    expect(await ada.delete(ada.owned("other"))).toBe(true);
    await tables.clock.settle();
    expect(bob.toObject()).toEqual({ plain: 1 });
    await expect(ada.applyDelta(key, { e: 5 })).resolves.toMatchObject({ value: { e: 5 } });
    await ada.set(key, "text");
    await expect(ada.applyDelta(key, { e: 5 })).rejects.toMatchObject({ code: "not-a-map" });
    await tables.clock.settle();
    expect(bob.get(key)).toBe("text");
    expect(tables.digests).toHaveLength(1);
    expect(tables.members.flatMap(({ errors }) => errors)).toEqual([]);
  });

  test("[SYNC-119] is one of 2,048 at most in an update", async () => {
    const [ada, bob] = await pair({ leases });
    const many = (count: number) => Array.from({ length: count }, (_, at) => [ada.owned(`key ${at}`), at] as const);
    await expect(ada.update(many(2_049))).rejects.toMatchObject({ code: "too-large" });
    expect(ada.size).toBe(0);
    await ada.update(many(2_048));
    await tables.clock.settle();
    expect(bob.size).toBe(2_048);
    const { sync: late } = await tables.add({ ...identified(2), leases });
    await tables.run(late.ready());
    expect(late.size).toBe(2_048);
  });

  test("is not cleared by others, and goes with all else of its owner", async () => {
    const [ada, bob] = await pair({ leases });
    await ada.set(ada.owned("kept"), 1);
    await bob.set(bob.owned("gone"), 1);
    await bob.set("free", 1);
    await tables.clock.settle();
    expect(await bob.clear()).toBe(2);
    await tables.clock.settle();
    expect(ada.toObject()).toEqual({ [ada.owned("kept")]: 1 });
    expect(bob.toObject()).toEqual(ada.toObject());
  });

  test("has no lease to take or to give", async () => {
    const [ada] = await pair({ leases });
    const key = ada.owned("key");
    expect(await ada.acquire(key)).toEqual({ owner: ada.id, expiresAtMs: Number.POSITIVE_INFINITY, token: 0 });
    expect([ada.has(key), ada.counters.updatesSent]).toEqual([false, 0]);
    await expect(ada.release(key)).rejects.toThrow(TypeError);
    await ada.set(key, 1, { leaseMs: 1_000 });
    await tables.clock.advance(2_000);
    expect(ada.entry(key)?.owner).toBe(ada.id);
  });

  test("is watched and told like any", async () => {
    const [ada, bob] = await pair({ leases });
    const key = ada.owned("key");
    const told: Change[] = [];
    bob.on("update", (change) => told.push(change));
    bob.on("delete", (change) => told.push(change));
    const watch = bob.watch({ prefix: "@" });
    await ada.set(key, 1);
    await tables.clock.settle();
    await ada.delete(key);
    await tables.clock.settle();
    expect(told.map(({ kind, oldValue, newValue, owner }) => [kind, oldValue, newValue, owner])).toEqual([
      ["update", undefined, 1, ada.id],
      ["delete", 1, undefined, ada.id],
    ]);
    expect((await watch.next()).value).toMatchObject({ key, kind: "delete" });
  });

  test("[SYNC-089] comes to who joins later, thousands of others among them", async () => {
    const [ada, bob] = await pair({ leases });
    await ada.update(Array.from({ length: 300 }, (_, number) => [ada.owned(`own ${number}`), number] as const));
    await bob.update(Array.from({ length: 1_000 }, (_, number) => [`plain ${number}`, number] as const));
    const { sync: late } = await tables.add({ ...identified(2), leases });
    await tables.run(late.ready());
    expect([late.size, late.get(ada.owned("own 299"))]).toEqual([1_300, 299]);
    expect(tables.digests).toHaveLength(1);
  });
});

describe("a proof", { timeout: 60_000 }, () => {
  test("[SEC-091] is there at every node, for a value and for a removal", async () => {
    const [ada, bob] = await pair();
    const key = ada.owned("key");
    await ada.set(key, { a: 1 });
    await tables.clock.settle();
    const proof = bob.proof(key);
    expect(proof).toMatchObject({ realm: "sync", key, value: { a: 1 }, sequence: ada.entry(key)?.version.timeUs });
    await ada.delete(key);
    await tables.clock.settle();
    expect(bob.proof(key)).toMatchObject({ key, value: undefined, sequence: expect.any(Number) });
    await bob.set("plain", 1);
    expect([bob.proof("plain"), bob.proof(ada.owned("never"))]).toEqual([undefined, undefined]);
  });

  test("is a copy: nobody changes what the table has", async () => {
    const [ada, bob] = await pair();
    const key = ada.owned("key");
    await ada.set(key, 1);
    await tables.clock.settle();
    const before = bob.proof(key)?.proof;
    bob.proof(key)?.proof.fill(0);
    expect(bob.proof(key)?.proof).toEqual(before);
    expect(before?.some((byte) => byte !== 0)).toBe(true);
  });
});

describe("a network without identities", { timeout: 60_000 }, () => {
  test("[SYNC-110] has no owned keys: such keys are like all others", async () => {
    const { sync: first } = await tables.add();
    const { sync: second } = await tables.add();
    await tables.run(second.ready());
    expect(() => first.owned("key")).toThrow(expect.objectContaining({ code: "no-identity" }));
    const key = ownedKey(ownerId(7), "key");
    await first.set(key, 1);
    await tables.clock.settle();
    expect([second.get(key), second.lease(key)?.owner, second.proof(key)]).toEqual([1, first.id, undefined]);
  });

  test("[SEC-094] does not talk with one that has some", async () => {
    const { sync } = await tables.add(identified(0));
    const { sync: other } = await tables.add({ security: { name: "Toy", secure: async (channel) => ({ channel }) } });
    await tables.clock.advance(5_000);
    expect([sync.peers, other.peers]).toEqual([[], []]);
  });
});

describe("clocks and disks", { timeout: 60_000 }, () => {
  test("[SYNC-113] [SYNC-114] what an owner wrote whose clock was a year ahead is taken, and moves no other clock", async () => {
    const [ada, bob] = await pair();
    const { sync: ahead } = await tables.add({ ...identified(2), wallOffsetMs: 8_760 * hourMs, bootstrap: [] });
    const key = ahead.owned("key");
    await ahead.update([
      ["plain", 1],
      [key, 1],
    ]);
    const aheadMs = (ahead.entry(key)?.version.timeUs ?? 0) / 1_000 - tables.clock.now();
    expect(aheadMs).toBeGreaterThan(8_000 * hourMs);
    await tables.link(2, 0);
    await tables.clock.advance(5_000);
    expect([ada.get(key), bob.get(key)]).toEqual([1, 1]);
    await ada.set("own", 1);
    expect(Math.abs((ada.entry("own")?.version.timeUs ?? 0) / 1_000 - tables.clock.now())).toBeLessThan(hourMs);
    await tables.clock.advance(90_000);
    await ahead.set(key, 2);
    await tables.clock.settle();
    expect([ada.get(key), bob.get(key)]).toEqual([2, 2]);
    expect(bob.entry(key)?.version.timeUs).toBeGreaterThan((tables.clock.now() + 8_000 * hourMs) * 1_000);
  });

  test("[SEC-096] an owner whose clock is set back goes on above what it wrote", async () => {
    const [, bob] = await pair();
    const { sync, clock } = await tables.add({ ...identified(2), wallOffsetMs: 5 * hourMs });
    await tables.run(sync.ready());
    const key = sync.owned("key");
    await sync.set(key, "ahead");
    clock.offsetMs = -hourMs;
    await tables.clock.advance(2_000);
    await sync.set(key, "back");
    await tables.clock.advance(2_000);
    expect([sync.get(key), bob.get(key)]).toEqual(["back", "back"]);
  });

  test("[SEC-096] an owner that lost its disk goes on, though its clock had been ahead", async () => {
    const [ada] = await full(2);
    const first = await tables.add({ ...identified(2), wallOffsetMs: 5 * hourMs });
    await tables.run(first.sync.ready());
    const key = first.sync.owned("key");
    await first.sync.set(key, "before");
    await tables.clock.settle();
    first.kill();
    await tables.run(first.sync.close());
    const { sync } = await tables.add(identified(2));
    await tables.run(sync.ready());
    expect(sync.get(key)).toBe("before");
    await sync.set(key, "after");
    await tables.clock.settle();
    expect(ada?.get(key)).toBe("after");
  });

  test("[SYNC-117] a table that was stored has its owned keys and their proofs again, and nobody else's form of them", async () => {
    const level = new MemoryLevel<string, string>();
    const port = {
      open: () => level.open(),
      close: async () => undefined,
      get: level.get.bind(level),
      batch: level.batch.bind(level),
      iterator: level.iterator.bind(level),
    } as never; // bound methods have the overloads of the database
    const ada = await tables.add({ ...identified(0) });
    const { security } = identified(1);
    const id = ownerId(1);
    const store = await openStore(port);
    const bob = await tables.add({ ...(security && { security }), id, store });
    await tables.run(bob.sync.ready());
    const key = ada.sync.owned("key");
    await ada.sync.set(key, 1);
    await ada.sync.set(ada.sync.owned("gone"), 1);
    await ada.sync.delete(ada.sync.owned("gone"));
    await tables.run(bob.sync.set(bob.sync.owned("own"), 2));
    await tables.clock.settle();
    const before = [bob.sync.proof(key), bob.sync.proof(ada.sync.owned("gone")), bob.sync.proof(bob.sync.owned("own"))];
    await tables.run(bob.sync.close());
    const again = await tables.add({ ...(security && { security }), store: await openStore(port) });
    const after = [
      again.sync.proof(key),
      again.sync.proof(ada.sync.owned("gone")),
      again.sync.proof(bob.sync.owned("own")),
    ];
    expect(after).toEqual(before);
    expect(again.sync.digest()).toEqual(bob.sync.digest());
  });
});

describe("absences", { timeout: 60_000 }, () => {
  const syncLimits = { maxAheadMs: 5_000, tombstoneMs: 60_000 };

  async function separated(): Promise<[ada: Sync, bob: Sync, away: Sync, key: string]> {
    const [ada, bob, away] = (await full(3, { syncLimits })) as [Sync, Sync, Sync];
    const key = ada.owned("key");
    await ada.set(key, "old");
    await tables.clock.advance(1_000);
    tables.split([0, 1], [2]);
    return [ada, bob, away, key];
  }

  async function meet(): Promise<void> {
    tables.heal();
    await tables.link(2, 0);
    await tables.clock.advance(10_000);
  }

  test("[SEC-097] [SYNC-115] who was away for long cannot bring back what its owner removed", async () => {
    const [ada, bob, away, key] = await separated();
    await ada.delete(key);
    await ada.set("plain", 1);
    await ada.delete("plain");
    await tables.clock.advance(300_000);
    // The removal of the plain key is forgotten, that of the owned one is not.
    expect([ada.counters.tombstones, bob.counters.tombstones, away.get(key)]).toEqual([1, 1, "old"]);
    await meet();
    expect([ada.get(key), bob.get(key), away.get(key)]).toEqual([undefined, undefined, undefined]);
    expect(tables.digests).toHaveLength(1);
  });

  test("[SYNC-115] an old owned key is taken by who has seen its owner's writes, and is nobody's to forget", async () => {
    const [ada, bob, away, key] = await separated();
    await tables.clock.advance(300_000);
    const late: Member = await tables.add({ ...identified(4), syncLimits });
    await tables.run(late.sync.ready());
    expect(late.sync.get(key)).toBe("old");
    await meet();
    expect([ada.get(key), bob.get(key), away.get(key)]).toEqual(["old", "old", "old"]);
  });
});
