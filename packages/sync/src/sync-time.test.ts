// Wrong clocks, long absences, and nodes that are no neighbours.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Change } from "./change.js";
import type { LostLease } from "./sync-events.js";
import { Tables } from "./testing/tables.js";

let tables: Tables;

beforeEach(() => {
  tables = new Tables();
});

afterEach(() => tables.close());

const hourMs = 3_600_000;

describe("clocks", { timeout: 60_000 }, () => {
  test("[SYNC-015] [SYNC-017] a node two hours ahead is corrected, and what it wrote so is written anew", async () => {
    await tables.full(3);
    const ahead = await tables.add({ wallOffsetMs: 2 * hourMs, bootstrap: [] });
    await ahead.sync.set("alone", 1);
    await tables.link(3, 0);
    await tables.clock.settle();
    expect(tables.at(0).has("alone")).toBe(false);
    await tables.clock.advance(120_000);
    expect(tables.members.map(({ sync }) => sync.get("alone"))).toEqual([1, 1, 1, 1]);
    const { timeUs = 0 } = tables.at(0).entry("alone")?.version ?? {};
    expect(Math.abs(timeUs / 1_000 - tables.clock.now())).toBeLessThan(hourMs / 2);
    await ahead.sync.set("later", 2);
    await tables.clock.advance(1_000);
    expect(tables.at(2).get("later")).toBe(2);
    expect(tables.digests).toHaveLength(1);
  });

  test("[SYNC-016] [SYNC-017] a wall clock that is set back two hours freezes nothing", async () => {
    const { sync, clock } = await tables.add({ wallOffsetMs: 2 * hourMs });
    await sync.set("mine", 1);
    clock.offsetMs = 0;
    await tables.clock.advance(2_000);
    expect(sync.get("mine")).toBe(1);
    expect((sync.entry("mine")?.version.timeUs ?? 0) / 1_000).toBeLessThan(tables.clock.now() + 1_000);
    const { sync: other } = await tables.add();
    await tables.run(other.ready());
    await sync.set("mine", 2);
    await tables.clock.advance(1_000);
    expect(other.get("mine")).toBe(2);
    expect(tables.digests).toHaveLength(1);
  });
});

describe("two nodes alone", { timeout: 60_000 }, () => {
  test("[SYNC-015] [SYNC-016] one that was two hours ahead and is set right agrees with the other within seconds", async () => {
    const { sync: right } = await tables.add();
    const { sync: wrong, clock } = await tables.add({ wallOffsetMs: 2 * hourMs });
    await tables.run(wrong.ready());
    await right.set("right", 1);
    await wrong.set("wrong", 1);
    await tables.clock.advance(5_000);
    // Of two nobody can say who is wrong: neither moves, and what is ahead waits.
    expect([right.get("wrong"), wrong.get("right")]).toEqual([undefined, 1]);
    clock.offsetMs = 0;
    await tables.clock.advance(120_000);
    expect([right.get("wrong"), wrong.get("right")]).toEqual([1, 1]);
    await wrong.set("wrong", 2);
    await right.set("right", 2);
    await tables.clock.advance(5_000);
    expect([right.get("wrong"), wrong.get("right")]).toEqual([2, 2]);
    expect(tables.digests).toHaveLength(1);
  });

  test("[SYNC-014] [SYNC-015] one whose clock is set back is told, keeps what it has, and catches up", async () => {
    const syncLimits = { maxAheadMs: 180_000 };
    const { sync: right } = await tables.add({ syncLimits });
    const { sync: wrong, clock } = await tables.add({ syncLimits });
    await tables.run(wrong.ready());
    await right.set("right", 1);
    await wrong.set("wrong", 1);
    await tables.clock.advance(2_000);
    const refused: string[] = [];
    wrong.on("refused", ({ key, reason }) => refused.push(`${key} ${reason}`));
    const told: string[] = [];
    right.on("error", (error) => told.push("code" in error ? String(error.code) : error.message));
    clock.offsetMs = -360_000;
    await tables.clock.advance(2_000);
    await right.set("right", 2);
    await right.set("new", 1);
    await wrong.set("late", 1);
    await tables.clock.advance(10_000);
    expect(refused).toContain("new clock-ahead");
    expect(told).toContain("clock-ahead");
    expect([wrong.get("new"), right.get("late")]).toEqual([undefined, 1]);
    // Its own time comes within 3 min of the other's: then it takes what it refused.
    await tables.clock.advance(300_000);
    expect([wrong.get("new"), wrong.get("right"), right.get("late"), right.get("wrong")]).toEqual([1, 2, 1, 1]);
    expect(tables.digests).toHaveLength(1);
  });
});

describe("absences", { timeout: 60_000 }, () => {
  const syncLimits = { maxAheadMs: 5_000, tombstoneMs: 60_000 };

  test("[SYNC-066] [SYNC-067] [SYNC-068] who was away for longer than tombstones last brings no deleted key back", async () => {
    await tables.full(3, { syncLimits });
    const [a, b, away] = [tables.at(0), tables.at(1), tables.at(2)];
    for (let number = 0; number < 20; number += 1) await a.set(`key ${number}`, number);
    await tables.clock.advance(1_000);
    expect(away.size).toBe(20);
    tables.split([0, 1], [2]);
    await away.set("written away", 1);
    for (let number = 0; number < 10; number += 1) await a.delete(`key ${number}`);
    await tables.clock.advance(180_000);
    expect(a.counters.tombstones).toBe(0);
    const deleted: Change[] = [];
    away.on("delete", (change) => deleted.push(change));
    tables.heal();
    await tables.link(2, 0);
    await tables.clock.advance(10_000);
    expect([a.size, b.size, away.size]).toEqual([11, 11, 11]);
    expect(deleted.map(({ key }) => key).sort()).toEqual(Array.from({ length: 10 }, (_, n) => `key ${n}`));
    expect(a.get("written away")).toBe(1);
    expect(tables.digests).toHaveLength(1);
  });

  test("a lease lasts no longer than a deletion is remembered", async () => {
    const { sync } = await tables.add({ syncLimits });
    const lease = await sync.acquire("key");
    expect(lease.expiresAtMs - tables.clock.now()).toBe(60_000);
    await expect(sync.set("key", 1, { leaseMs: 60_001 })).rejects.toThrow(RangeError);
    await expect(tables.add({ syncLimits, leases: { defaultMs: hourMs } })).rejects.toThrow(RangeError);
  });
});

describe("nodes that are no neighbours", { timeout: 60_000 }, () => {
  test("[SYNC-048] [SYNC-049] an owner hears of a contender over the network, and asserts its lease", async () => {
    await tables.line(4);
    const [owner, rival] = [tables.at(0), tables.at(3)];
    await owner.set("key", "first", { leaseMs: 60_000 });
    await tables.clock.advance(1_000);
    expect(rival.get("key")).toBe("first");
    tables.split([0, 1, 2], [3]);
    await tables.clock.advance(40_000);
    await owner.set("key", "renewed");
    await tables.clock.advance(25_000);
    const lost: LostLease[] = [];
    rival.on("leaseLost", (each) => lost.push(each));
    await rival.set("key", "rival");
    tables.heal();
    await tables.link(2, 3);
    await tables.clock.advance(5_000);
    expect(tables.members.map(({ sync }) => sync.get("key"))).toEqual(Array(4).fill("renewed"));
    expect(lost).toEqual([{ key: "key", owner: rival.id, winner: owner.id, value: "rival" }]);
    expect(tables.digests).toHaveLength(1);
    expect(tables.members.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
