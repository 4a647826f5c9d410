// Who may write a key, as the owners of tables see it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LostLease, Refusal } from "./sync-events.js";
import { Tables } from "./testing/tables.js";

let tables: Tables;

beforeEach(() => {
  tables = new Tables();
});

afterEach(() => tables.close());

describe("leases", { timeout: 60_000 }, () => {
  test("the first writer owns the key until the lease lapses; others are refused", async () => {
    await tables.full(2, { leases: { defaultMs: 100_000 } });
    const [a, b] = [tables.at(0), tables.at(1)];
    await a.set("key", 1);
    await tables.clock.settle();
    const lease = b.lease("key");
    expect(lease).toMatchObject({ owner: a.id });
    const error = { code: "leased", key: "key", owner: a.id, expiresAtMs: lease?.expiresAtMs };
    await expect(b.set("key", 2)).rejects.toMatchObject(error);
    await expect(b.delete("key")).rejects.toMatchObject(error);
    await expect(b.applyDelta("key", { x: 1 })).rejects.toMatchObject(error);
    await expect(b.acquire("key")).rejects.toMatchObject(error);
    await expect(b.update({ free: 1, key: 2 })).rejects.toMatchObject(error);
    expect([b.get("key"), b.has("free")]).toEqual([1, false]);
    await tables.clock.advance(99_000);
    await expect(b.set("key", 2)).rejects.toMatchObject(error);
    await tables.clock.advance(2_000);
    expect(b.lease("key")).toBeUndefined();
    await b.set("key", 2);
    await tables.clock.settle();
    expect([a.get("key"), a.lease("key")?.owner]).toEqual([2, b.id]);
    expect(a.lease("key")?.token).toBeGreaterThan(lease?.token ?? Number.POSITIVE_INFINITY);
  });

  test("a write renews; release and delete free; acquire takes without a value", async () => {
    await tables.full(2);
    const [a, b] = [tables.at(0), tables.at(1)];
    await a.set("key", 1, { leaseMs: 10_000 });
    await tables.clock.advance(8_000);
    await a.set("key", 2, { leaseMs: 10_000 });
    await tables.clock.advance(8_000);
    expect(b.lease("key")?.owner).toBe(a.id);
    expect(await a.release("key")).toBe(true);
    expect(await a.release("key")).toBe(false);
    await tables.clock.settle();
    expect([b.get("key"), b.lease("key")]).toEqual([2, undefined]);
    const lease = await b.acquire("key", { leaseMs: 5_000 });
    expect(lease).toMatchObject({ owner: b.id });
    await tables.clock.settle();
    expect([a.get("key"), a.lease("key")]).toEqual([2, lease]);
    await b.delete("key");
    await tables.clock.settle();
    await a.acquire("key");
    await tables.clock.settle();
    expect([b.has("key"), b.lease("key")?.owner]).toEqual([false, a.id]);
    await a.set("kept", 1);
    await a.delete("kept", { keepLease: true });
    expect([a.has("kept"), a.lease("kept")?.owner]).toEqual([false, a.id]);
  });

  test("of nodes that claim a key at the same time, all see the first win, and the others are told", async () => {
    await tables.full(5);
    const lost: LostLease[] = [];
    for (const { sync } of tables.members) sync.on("leaseLost", (each) => lost.push(each));
    await Promise.all(tables.members.map(({ sync }, number) => sync.set("key", number)));
    await tables.clock.advance(5_000);
    const owners = new Set(tables.members.map(({ sync }) => sync.lease("key")?.owner));
    expect(owners.size).toBe(1);
    const [winner] = owners;
    const losers = tables.members.flatMap(({ sync }) => (sync.id === winner ? [] : sync.id));
    expect(lost.map(({ owner }) => owner).sort()).toEqual(losers.sort());
    expect(lost.map(({ key, value }) => [key, typeof value])).toEqual(Array(4).fill(["key", "number"]));
    expect(tables.digests).toHaveLength(1);
  });

  test("in a partition both sides may own a key; when it is healed one does, the first", async () => {
    await tables.full(4);
    tables.split([0, 1], [2, 3]);
    await tables.clock.advance(1_000);
    await tables.at(0).set("key", "left");
    await tables.clock.advance(1_000);
    await tables.at(2).set("key", "right");
    await tables.clock.advance(5_000);
    expect([tables.at(1).get("key"), tables.at(3).get("key")]).toEqual(["left", "right"]);
    const lost: LostLease[] = [];
    tables.at(2).on("leaseLost", (each) => lost.push(each));
    tables.heal();
    await tables.clock.advance(120_000);
    expect(tables.members.map(({ sync }) => sync.get("key"))).toEqual(["left", "left", "left", "left"]);
    expect(lost).toEqual([{ key: "key", owner: tables.at(2).id, winner: tables.at(0).id, value: "right" }]);
    expect(tables.digests).toHaveLength(1);
  });

  test("who claims a key whose renewal it could not see is refused, and loses it", async () => {
    await tables.full(3);
    const [a, b, c] = [tables.at(0), tables.at(1), tables.at(2)];
    await a.set("key", "owner", { leaseMs: 20_000 });
    await tables.clock.advance(1_000);
    tables.split([0, 1], [2]);
    await tables.clock.advance(14_000);
    await a.set("key", "renewed");
    await tables.clock.advance(6_000);
    const refused: Refusal[] = [];
    for (const sync of [a, b]) sync.on("refused", (each) => refused.push(each));
    const lost: LostLease[] = [];
    c.on("leaseLost", (each) => lost.push(each));
    await c.set("key", "early");
    expect(c.get("key")).toBe("early");
    tables.heal();
    await tables.clock.advance(120_000);
    expect([a, b, c].map((sync) => sync.get("key"))).toEqual(["renewed", "renewed", "renewed"]);
    expect(refused[0]).toMatchObject({ key: "key", origin: c.id, owner: a.id, reason: "leased" });
    expect(lost).toEqual([{ key: "key", owner: c.id, winner: a.id, value: "early" }]);
    expect(tables.digests).toHaveLength(1);
  });
});
