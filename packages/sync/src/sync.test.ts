// A table by itself, and tables that share what they hold.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Change } from "./change.js";
import { Sync } from "./sync.js";
import { Tables } from "./testing/tables.js";

let tables: Tables;

beforeEach(() => {
  tables = new Tables();
});

afterEach(() => tables.close());

describe("one table", { timeout: 60_000 }, () => {
  test("reads are at once what was written", async () => {
    const { sync } = await tables.add();
    const written = sync.set("a", { n: 1 });
    expect(sync.get("a")).toEqual({ n: 1 });
    const entry = await written;
    expect(entry).toMatchObject({ key: "a", value: { n: 1 }, owner: sync.id, version: { origin: sync.id } });
    expect(sync.entry("a")).toEqual(entry);
    const entries = await sync.update({ b: 2, c: "three" });
    expect(entries).toEqual([sync.entry("b"), sync.entry("c")]);
    expect(entries[1]).toMatchObject({ key: "c", value: "three", owner: sync.id });
    expect(await sync.update([])).toEqual([]);
    await sync.update(new Map([["d", null]]));
    expect([sync.size, sync.has("d"), sync.has("e"), sync.get("d")]).toEqual([4, true, false, null]);
    expect([...sync.keys()]).toEqual(["a", "b", "c", "d"]);
    expect([...sync.values()]).toEqual([{ n: 1 }, 2, "three", null]);
    expect([...sync]).toEqual([...sync.entries()]);
    expect(sync.toObject()).toEqual({ a: { n: 1 }, b: 2, c: "three", d: null });
    expect(await sync.delete("b")).toBe(true);
    expect(await sync.delete("b")).toBe(false);
    expect(await sync.pop("c")).toBe("three");
    expect(await sync.pop("c")).toBeUndefined();
    expect([sync.size, [...sync.keys()]]).toEqual([2, ["a", "d"]]);
    expect(await sync.clear()).toBe(2);
    expect([sync.size, [...sync]]).toEqual([0, []]);
  });

  test("[SYNC-011] writes that are awaited one by one share an update, as those that are not do", async () => {
    const { sync } = await tables.add();
    for (let number = 0; number < 100; number++) await sync.set(`key ${number}`, number);
    await tables.clock.settle();
    expect(sync.counters.updatesSent).toBe(1);
  });

  test("what was written is the table's own", async () => {
    const { sync } = await tables.add();
    const value = { list: [1], bytes: Uint8Array.of(1) };
    const done = sync.set("a", value);
    value.list.push(2);
    value.bytes[0] = 2;
    await done;
    expect(sync.get("a")).toEqual({ list: [1], bytes: Uint8Array.of(1) });
  });

  test("what is read cannot be changed in place", async () => {
    const { sync } = await tables.add();
    const { sync: other } = await tables.add();
    await tables.run(other.ready());
    const heard: unknown[] = [];
    for (const each of [sync, other]) each.on("update", ({ newValue }) => heard.push(newValue));
    await sync.set("a", { list: [{ x: 1 }], bytes: Uint8Array.of(1) });
    await tables.clock.settle();
    type Value = { list: { x: number }[]; y?: number };
    for (const each of [sync, other]) {
      const read = [
        each.get("a"),
        each.entry("a")?.value,
        [...each.values()][0],
        [...each][0]?.[1],
        Object.values(each.toObject())[0],
      ];
      for (const value of [...read, ...heard] as Value[]) {
        expect(() => value.list.push({ x: 2 })).toThrow(TypeError);
        expect(() => Object.assign(value.list[0] ?? {}, { x: 2 })).toThrow(TypeError);
        expect(() => Object.assign(value, { y: 1 })).toThrow(TypeError);
      }
    }
    expect(heard).toHaveLength(2);
    await sync.applyDelta("a", { y: 1 });
    await tables.clock.settle();
    expect(other.get("a")).toEqual({ list: [{ x: 1 }], bytes: Uint8Array.of(1), y: 1 });
    expect(tables.digests).toHaveLength(1);
  });

  test("fields of a map are set and removed; what is no map has none", async () => {
    const { sync } = await tables.add();
    await sync.set("a", { x: 1, y: 2 });
    expect((await sync.applyDelta("a", { y: 3, z: 4 }, { remove: ["x"] })).value).toEqual({ y: 3, z: 4 });
    await sync.applyDelta("new", { x: 1 });
    expect(sync.get("new")).toEqual({ x: 1 });
    await sync.set("b", 1);
    await expect(sync.applyDelta("b", { x: 1 })).rejects.toMatchObject({ code: "not-a-map", key: "b" });
    expect(sync.get("b")).toBe(1);
  });

  test("[SYNC-043] who renews or releases a key changes nothing that is told, also after single fields were changed", async () => {
    await tables.full(2);
    const [owner, other] = [tables.at(0), tables.at(1)];
    await owner.set("key", { x: 1 });
    await owner.applyDelta("key", { y: 2 });
    await tables.clock.settle();
    const told: Change[] = [];
    for (const sync of [owner, other]) sync.on("update", (change) => told.push(change));
    await owner.acquire("key");
    await owner.release("key");
    await tables.clock.settle();
    expect([told, other.lease("key")]).toEqual([[], undefined]);
  });

  test("[SYNC-043] changes of fields that come and go for ever do not fill the table of those who own the key", async () => {
    await tables.full(2);
    const [owner, other] = [tables.at(0), tables.at(1)];
    for (let number = 0; number < 3_000; number += 1) {
      void owner.applyDelta(
        "online",
        { [`user ${number}`]: true },
        { remove: number > 9 ? [`user ${number - 10}`] : [] },
      );
      if (number % 50 === 0) await tables.clock.settle();
    }
    await tables.clock.settle();
    for (const { counters } of [owner, other]) expect(counters.bytes).toBeLessThan(100_000);
    expect(Object.keys(other.toObject().online ?? {})).toHaveLength(10);
    expect(tables.digests).toHaveLength(1);
  });

  test("mistakes are told, and change nothing", async () => {
    const { sync } = await tables.add();
    await expect(sync.set("", 1)).rejects.toThrow(RangeError);
    await expect(sync.set(1 as never, 1)).rejects.toThrow(TypeError);
    await expect(sync.set("a", undefined as never)).rejects.toMatchObject({ code: "bad-value" });
    await expect(sync.set("a", "x".repeat(70_000))).rejects.toMatchObject({ code: "too-large", key: "a" });
    await expect(sync.set("a", 1, { leaseMs: -1 })).rejects.toThrow(RangeError);
    await expect(sync.update({ a: 1, b: () => 1 } as never)).rejects.toMatchObject({ code: "bad-value" });
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`key ${n}`, "x".repeat(60_000)]));
    await expect(sync.update(many)).rejects.toMatchObject({ code: "too-large" });
    const abort = AbortSignal.abort(new Error("enough"));
    await expect(sync.set("a", 1, { signal: abort })).rejects.toThrow("enough");
    expect(sync.size).toBe(0);
  });

  test("before it is open and after it was closed, nothing is written", async () => {
    const sync = new Sync({ network: "test" });
    await expect(sync.set("a", 1)).rejects.toMatchObject({ code: "closed" });
    await sync.open();
    await sync.set("a", 1);
    await sync.close();
    await sync.close();
    await expect(sync.set("a", 2)).rejects.toMatchObject({ code: "closed" });
    await expect(sync.ready()).rejects.toMatchObject({ code: "closed" });
    await expect(sync.open()).rejects.toMatchObject({ code: "closed" });
    expect(sync.get("a")).toBe(1);
  });

  test("a full table takes nothing more", async () => {
    const { sync } = await tables.add({ syncLimits: { maxTableBytes: 10_000 } });
    const write = async (): Promise<void> => {
      for (let number = 0; number < 100; number += 1) await sync.set(`key ${number}`, "x".repeat(500));
    };
    await expect(write()).rejects.toMatchObject({ code: "table-full" });
    expect(sync.size).toBeGreaterThan(5);
    expect(sync.size).toBeLessThan(20);
  });

  test("events and watchers tell old and new values, of writes here and elsewhere", async () => {
    await tables.full(2);
    const [a, b] = [tables.at(0), tables.at(1)];
    const seen: Change[] = [];
    b.on("update", (change) => seen.push(change));
    b.on("delete", (change) => seen.push(change));
    const watcher = b.watch({ prefix: "k" });
    await a.set("k1", 1);
    await a.set("other", 1);
    await tables.clock.settle();
    await a.set("k1", 2);
    await tables.clock.settle();
    await a.delete("k1");
    await tables.clock.settle();
    await b.set("mine", 1);
    await tables.clock.settle();
    expect(seen.map(({ kind, key, oldValue, newValue, isLocal }) => [kind, key, oldValue, newValue, isLocal])).toEqual([
      ["update", "k1", undefined, 1, false],
      ["update", "other", undefined, 1, false],
      ["update", "k1", 1, 2, false],
      ["delete", "k1", 2, undefined, false],
      ["update", "mine", undefined, 1, true],
    ]);
    expect(seen[0]).toMatchObject({ owner: a.id, version: { origin: a.id } });
    expect(seen[3]?.owner).toBeUndefined();
    expect((await watcher.next()).value).toMatchObject({ key: "k1", oldValue: undefined, newValue: undefined });
  });
});

describe("many tables", { timeout: 60_000 }, () => {
  test("writes of all are everywhere, and the digests are equal", async () => {
    await tables.full(5);
    for (let round = 0; round < 20; round += 1) {
      for (let number = 0; number < 5; number += 1) void tables.at(number).set(`${number}/${round}`, { round });
      await tables.clock.settle();
    }
    expect(tables.at(4).size).toBe(100);
    expect(tables.digests).toHaveLength(1);
    expect(tables.members.flatMap(({ errors }) => errors)).toEqual([]);
  });

  test("[SYNC-012] what is written after a comparison is later than what it brought, whatever the clocks say", async () => {
    const { sync: first } = await tables.add({ wallOffsetMs: 300_000 });
    await first.set("a", 1);
    const { sync: other } = await tables.add();
    await tables.clock.advance(1_000);
    expect(other.get("a")).toBe(1);
    const { version } = await other.set("b", 2);
    expect(version.timeUs).toBeGreaterThan(first.entry("a")?.version.timeUs ?? Number.POSITIVE_INFINITY);
  });

  test("[SYNC-014] single fields that are far ahead are refused as any other record, and told to the neighbour", async () => {
    const { sync: first } = await tables.add({ leases: false, wallOffsetMs: 3_600_000 });
    await first.applyDelta("map", { field: 1 });
    const { sync: other } = await tables.add({ leases: false });
    await tables.clock.settle();
    expect(other.counters.recordsRefused).toBeGreaterThan(0);
    expect([other.size, other.peers]).toEqual([0, [first.id]]);
  });

  test("a latecomer gets the table without any write", async () => {
    const { sync: first } = await tables.add();
    for (let number = 0; number < 5_000; number += 1) void first.set(`key ${number}`, number);
    await first.delete("key 7");
    const { sync: late } = await tables.add();
    await tables.run(late.ready());
    expect([late.size, late.get("key 4999"), late.has("key 7")]).toEqual([4_999, 4_999, false]);
    expect(tables.digests).toHaveLength(1);
  });

  test("a latecomer with many neighbours gets the table once, not from each of them", async () => {
    await tables.full(6);
    const entries = Array.from({ length: 5_000 }, (_, number) => [`key ${number}`, "x".repeat(50)] as const);
    for (let at = 0; at < 5_000; at += 1_000) await tables.at(0).update(entries.slice(at, at + 1_000));
    await tables.clock.advance(1_000);
    const { sync: late } = await tables.add();
    await tables.run(late.ready());
    await tables.clock.advance(10_000);
    expect([late.size, late.peers.length]).toEqual([5_000, 6]);
    expect(late.counters.comparisons).toBeGreaterThanOrEqual(6);
    // A key takes about 70 bytes; fingerprints of the other comparisons come on top.
    expect(late.mesh.node.counters.bytesIn).toBeLessThan(500_000);
    expect(tables.digests).toHaveLength(1);
  });

  test("ready() is at once where there is nobody to wait for, waits for the first neighbour else, and can be given up", async () => {
    const { sync: alone } = await tables.add();
    await alone.ready();
    const { sync: waiting } = await tables.add({ bootstrap: ["memory://nobody"] });
    const abort = new AbortController();
    const ready = waiting.ready({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(ready).rejects.toThrow("enough");
  });

  test("after a partition is healed, both sides have all", async () => {
    await tables.full(4);
    await tables.at(0).set("before", 1);
    await tables.clock.settle();
    tables.split([0, 1], [2, 3]);
    await tables.clock.settle();
    await tables.at(0).set("left", 1);
    await tables.at(3).set("right", 1);
    await tables.at(0).delete("before");
    await tables.clock.advance(5_000);
    expect(tables.at(1).toObject()).toEqual({ left: 1 });
    expect(tables.at(2).toObject()).toEqual({ before: 1, right: 1 });
    tables.heal();
    await tables.clock.advance(120_000);
    expect(tables.at(1).toObject()).toEqual({ left: 1, right: 1 });
    expect(tables.digests).toHaveLength(1);
  });

  test("fields that two nodes change at the same time are both there", async () => {
    await tables.full(2, { leases: false });
    const [a, b] = [tables.at(0), tables.at(1)];
    await a.set("map", { x: 1, y: 1 });
    await tables.clock.settle();
    await Promise.all([a.applyDelta("map", { x: 2 }), b.applyDelta("map", { y: 2 })]);
    await tables.clock.settle();
    expect([a.get("map"), b.get("map")]).toEqual([
      { x: 2, y: 2 },
      { x: 2, y: 2 },
    ]);
    expect(tables.digests).toHaveLength(1);
  });

  test("clocks that are ten minutes wrong converge", async () => {
    await tables.add();
    await tables.add({ wallOffsetMs: 600_000 });
    await tables.add({ wallOffsetMs: -600_000 });
    await tables.clock.advance(5_000);
    for (let number = 0; number < 3; number += 1) await tables.at(number).set(`key ${number}`, number);
    await tables.clock.advance(120_000);
    expect(tables.at(2).size).toBe(3);
    expect(tables.digests).toHaveLength(1);
  });

  test("nodes with and without leases do not talk", async () => {
    await tables.add();
    await tables.add({ leases: false });
    await tables.clock.advance(5_000);
    expect(tables.at(1).peers).toEqual([]);
    expect(tables.members[1]?.errors[0]).toMatchObject({ code: "feature-missing" });
  });
});
