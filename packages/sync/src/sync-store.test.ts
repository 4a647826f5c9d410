import { asBytes, type Level } from "@p2p/base";
import { MemoryLevel } from "memory-level";
import { afterEach, beforeEach, expect, test } from "vitest";
import { recordKey } from "./store/entries.js";
import { openStore } from "./store/store.js";
import { Sync } from "./sync.js";
import { Tables } from "./testing/tables.js";

let tables: Tables;

beforeEach(() => {
  tables = new Tables();
});

afterEach(() => tables.close());

/** A database that keeps its content when it is closed, whose batches can be held up, and which can be copied. */
class Disk {
  level: MemoryLevel<string, string> = new MemoryLevel<string, string>();
  batches = 0;
  isHeld = false;
  #held: (() => void)[] = [];

  get port(): Level {
    const { level } = this;
    return {
      open: () => level.open(),
      close: async () => undefined,
      get: (key, options) => level.get<Uint8Array, Uint8Array>(key, options),
      batch: async (operations, options) => {
        this.batches += 1;
        if (this.isHeld) await new Promise<void>((resolve) => this.#held.push(resolve));
        await level.batch<Uint8Array, Uint8Array>(operations, options);
      },
      iterator: (options) => level.iterator<Uint8Array, Uint8Array>(options),
    };
  }

  release(): void {
    this.isHeld = false;
    for (const go of this.#held.splice(0)) go();
  }

  /** What is on the disk now, as a crash would leave it. */
  async image(): Promise<Disk> {
    const copy = new Disk();
    for (const [key, value] of await this.level.iterator<Uint8Array, Uint8Array>(asBytes).all()) {
      await copy.level.put<Uint8Array, Uint8Array>(key, value, asBytes);
    }
    return copy;
  }
}

test("a table is there again: values, fields, tombstones, leases, id, and what was seen", async () => {
  const disk = new Disk();
  const { sync: other } = await tables.add();
  await other.set("theirs", 1);
  const { sync: first } = await tables.add({ store: await openStore(disk.port) });
  await tables.run(first.ready());
  await tables.run(first.set("mine", { a: 1 }, { leaseMs: 7_200_000 }));
  await tables.run(first.applyDelta("mine", { b: 2 }));
  await tables.run(first.set("gone", 1));
  await tables.run(first.delete("gone"));
  const [digest, lease, id] = [first.digest(), first.lease("mine"), first.id];
  await tables.run(first.close());
  const { sync: again } = await tables.add({ store: await openStore(disk.port) });
  expect(again.toObject()).toEqual({ theirs: 1, mine: { a: 1, b: 2 } });
  expect([again.digest(), again.lease("mine"), again.id]).toEqual([digest, lease, id]);
  expect(again.counters.tombstones).toBe(1);
  await tables.run(again.set("mine", 2));
  await tables.clock.settle();
  expect(other.get("mine")).toBe(2);
  expect(other.counters.gaps).toBe(0);
});

test("[SYNC-016] [SYNC-017] what was stored while the clock was hours ahead freezes nothing after a restart with the right one", async () => {
  const disk = new Disk();
  const { sync: ahead } = await tables.add({ store: await openStore(disk.port), wallOffsetMs: 7_200_000 });
  await tables.run(ahead.set("mine", 1));
  await tables.run(ahead.close());
  const { sync: again } = await tables.add({ bootstrap: [], store: await openStore(disk.port) });
  expect(again.get("mine")).toBe(1);
  expect((again.entry("mine")?.version.timeUs ?? 0) / 1_000).toBeLessThan(tables.clock.now() + 1_000);
  await tables.run(again.set("mine", 2));
  expect(again.get("mine")).toBe(2);
});

test("many writes share a batch, and each resolves when it is on disk", async () => {
  const disk = new Disk();
  const { sync } = await tables.add({ store: await openStore(disk.port) });
  disk.batches = 0;
  const writes = Array.from({ length: 1_000 }, (_, number) => sync.set(`key ${number}`, number));
  await tables.run(Promise.all(writes));
  expect(disk.batches).toBeLessThan(4);
  disk.isHeld = true;
  let isDone = false;
  const held = sync.set("held", 1).then(() => {
    isDone = true;
  });
  await tables.clock.settle();
  expect([sync.get("held"), isDone]).toEqual([1, false]);
  const abort = new AbortController();
  const given = sync.set("other", 1, { signal: abort.signal });
  abort.abort(new Error("enough"));
  await expect(given).rejects.toThrow("enough");
  disk.release();
  await held;
});

test("after a crash with a clock set back, no stamp is given twice", async () => {
  const disk = new Disk();
  const { sync, clock } = await tables.add({ store: await openStore(disk.port) });
  const { sync: peer } = await tables.add();
  await tables.run(peer.ready());
  await tables.run(sync.set("a", 1));
  await tables.run(sync.set("b", 2));
  await tables.clock.settle();
  const seenUs = Math.max(...["a", "b"].map((key) => peer.entry(key)?.version.timeUs ?? 0));
  expect(seenUs).toBeGreaterThan(0);
  const image = await disk.image();
  clock.offsetMs = -500_000;
  const { sync: again } = await tables.add({
    store: await openStore(image.port),
    wallOffsetMs: -500_000,
    bootstrap: [],
  });
  const { version } = await tables.run(again.set("c", 3));
  expect(version.timeUs).toBeGreaterThan(seenUs);
  expect(again.id).toBe(sync.id);
});

test("nothing is sent with a stamp that a crash would forget", async () => {
  const disk = new Disk();
  const { sync } = await tables.add({ store: await openStore(disk.port) });
  const { sync: peer } = await tables.add();
  await tables.run(peer.ready());
  await tables.clock.advance(10_000);
  disk.isHeld = true;
  void sync.set("a", 1);
  await tables.clock.settle();
  expect(peer.has("a")).toBe(false);
  disk.release();
  await tables.clock.settle();
  expect(peer.get("a")).toBe(1);
});

test("a damaged record is an error of open() that names it; repaired, it comes back from the neighbours", async () => {
  const disk = new Disk();
  const { sync: peer } = await tables.add();
  await peer.set("key", "value");
  const { sync: first } = await tables.add({ store: await openStore(disk.port) });
  await tables.run(first.ready());
  await tables.run(first.close());
  await disk.level.put<Uint8Array, Uint8Array>(recordKey("key"), Uint8Array.of(1, 2, 3, 4, 5), asBytes);
  const damaged = new Sync({ network: "test", store: await openStore(disk.port), clock: tables.clock });
  await expect(damaged.open()).rejects.toMatchObject({ code: "store-damaged", key: "key" });
  await damaged.close();
  const { sync: repaired } = await tables.add({ store: await openStore(disk.port, { repair: true }) });
  await tables.run(repaired.ready());
  expect(repaired.get("key")).toBe("value");
});

test("a store of another node, network or kind of table is refused, and so is a second table", async () => {
  const disk = new Disk();
  const { sync } = await tables.add({ store: await openStore(disk.port) });
  await tables.run(sync.close());
  const mismatch = expect.objectContaining({ code: "store-mismatch" });
  const store = await openStore(disk.port);
  expect(() => new Sync({ network: "other", store })).toThrow(mismatch);
  expect(() => new Sync({ network: "test", store, leases: false })).toThrow(mismatch);
  expect(() => new Sync({ network: "test", store, id: tables.at(0).id.replace(/.$/, "2") as never })).toThrow(
    TypeError,
  );
  const taken = new Sync({ network: "test", store });
  expect(() => new Sync({ network: "test", store })).toThrow(mismatch);
  await taken.close();
});

test("[SYNC-098] a store that did not fit is still its application's: closed by it, its database is free", async () => {
  const level = new MemoryLevel<string, string>();
  const { sync } = await tables.add({ store: await openStore(level) });
  await tables.run(sync.close());
  const store = await openStore(level);
  expect(() => new Sync({ network: "other", store })).toThrow(expect.objectContaining({ code: "store-mismatch" }));
  expect(level.status).toBe("open");
  await store.close();
  expect(level.status).toBe("closed");
});

test("a store that holds more than the table may is refused", async () => {
  const disk = new Disk();
  const { sync } = await tables.add({ store: await openStore(disk.port) });
  await tables.run(
    sync.update(Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`key ${n}`, "x".repeat(1_000)]))),
  );
  await tables.run(sync.close());
  const limits = { maxTableBytes: 50_000 };
  const small = new Sync({
    network: "test",
    store: await openStore(disk.port),
    syncLimits: limits,
    clock: tables.clock,
  });
  await expect(small.open()).rejects.toMatchObject({ code: "table-full" });
  await small.close();
});

test("[SYNC-098] a database has one store at a time: a second one is refused until the first is closed", async () => {
  const level = new MemoryLevel<string, string>();
  const store = await openStore(level);
  await expect(openStore(level)).rejects.toMatchObject({ code: "store-mismatch" });
  const { sync } = await tables.add({ store });
  await expect(openStore(level)).rejects.toMatchObject({ code: "store-mismatch" });
  await tables.run(sync.set("a", 1));
  await tables.run(sync.close());
  const again = await openStore(level);
  expect(again.id).toBe(sync.id);
  await again.close();
});

test("[SYNC-101] a full disk refuses writes and says so; what was written here stays, and is stored with the next", async () => {
  const disk = new Disk();
  let isFull = false;
  const { port } = disk;
  const level: Level = {
    ...port,
    batch: async (operations, options) => {
      if (isFull) throw new Error("no space left on device");
      await port.batch(operations, options);
    },
  };
  const { sync } = await tables.add({ store: await openStore(level) });
  const errors: unknown[] = [];
  sync.on("error", (error) => errors.push(error));
  await tables.run(sync.set("a", 1));
  isFull = true;
  await expect(tables.run(sync.set("b", 2))).rejects.toMatchObject({ code: "store-failed" });
  await expect(tables.run(sync.update({ c: 3 }))).rejects.toMatchObject({ code: "store-failed" });
  expect([sync.get("b"), errors.length > 0]).toEqual([2, true]);
  isFull = false;
  await tables.run(sync.set("d", 4));
  const { sync: after } = await tables.add({ bootstrap: [], store: await openStore((await disk.image()).port) });
  expect(after.toObject()).toEqual({ a: 1, b: 2, c: 3, d: 4 });
});
