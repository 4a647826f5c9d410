import { asBytes, type Level } from "@p2p/base";
import { type NodeId, nodeIdFromBytes, type WireValue } from "@p2p/wire";
import { ClassicLevel } from "classic-level";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import type { SyncError } from "../errors.js";
import { recordKey } from "./entries.js";
import { openStore, type Store } from "./store.js";

const ada: NodeId = nodeIdFromBytes(new Uint8Array(48).fill(1));
const bob: NodeId = nodeIdFromBytes(new Uint8Array(48).fill(2));
const network = new Uint8Array(32).fill(7);

/** A database that keeps its content when it is closed, counts its batches, and fails when told to. */
class Disk {
  readonly level: MemoryLevel<string, string> = new MemoryLevel<string, string>();
  readonly batches: { readonly sync: boolean; readonly size: number }[] = [];
  isBroken = false;

  get port(): Level {
    const { level } = this;
    return {
      open: () => level.open(),
      close: async () => undefined,
      get: (key, options) => level.get<Uint8Array, Uint8Array>(key, options),
      batch: async (operations, options) => {
        if (this.isBroken) throw new Error("the disk is full");
        this.batches.push({ sync: options.sync, size: operations.length });
        await level.batch<Uint8Array, Uint8Array>(operations, options);
      },
      iterator: (options) => level.iterator<Uint8Array, Uint8Array>(options),
    };
  }
}

/** What a table would hold. */
class Content {
  readonly records = new Map<string, WireValue>();
  readonly origins = new Map<NodeId, number>();
  readonly failures: SyncError[] = [];

  serve(store: Store, id = ada): void {
    store.bind(
      { id, network, hasLeases: true },
      {
        record: (key) => this.records.get(key),
        seen: (origin) => this.origins.get(origin),
        failed: (error) => this.failures.push(error),
      },
    );
  }

  async load(store: Store): Promise<void> {
    await store.load({
      record: (key, value) => this.records.set(key, value),
      seen: (origin, timeUs) => this.origins.set(origin, timeUs),
    });
  }
}

async function written(disk: Disk, count = 3): Promise<Content> {
  const store = await openStore(disk.port);
  const content = new Content();
  content.serve(store);
  for (let number = 0; number < count; number += 1) {
    content.records.set(`key ${number}`, ["value", number]);
    store.touch(`key ${number}`);
  }
  content.origins.set(bob, 77);
  store.touchOrigin(bob);
  store.reserve(1_000);
  await store.commit();
  await store.close(500);
  return content;
}

test("what was committed is there again, with the id and the clock", async () => {
  const disk = new Disk();
  const before = await written(disk);
  const store = await openStore(disk.port);
  expect([store.id, store.reservedUs]).toEqual([ada, 500]);
  const after = new Content();
  after.serve(store);
  await after.load(store);
  expect(after.records).toEqual(before.records);
  expect(after.origins).toEqual(before.origins);
});

test("a crash finds the reserved time, not the time that was used", async () => {
  const disk = new Disk();
  const store = await openStore(disk.port);
  new Content().serve(store);
  store.reserve(1_000);
  expect(store.reservedUs).toBe(0);
  await store.commit();
  expect(store.reservedUs).toBe(1_000);
  expect((await openStore(disk.port)).reservedUs).toBe(1_000);
});

test("writes of one turn, and those made while a batch is written, share a batch; only awaited ones are synced", async () => {
  const disk = new Disk();
  const store = await openStore(disk.port);
  const content = new Content();
  content.serve(store);
  await store.commit();
  disk.batches.length = 0;
  for (let number = 0; number < 10; number += 1) store.touch(`key ${number}`);
  const first = store.commit();
  await undefined;
  await undefined;
  for (let number = 0; number < 20; number += 1) store.touch(`key ${number}`);
  await Promise.all([first, store.commit(), store.commit()]);
  expect(disk.batches).toEqual([
    { sync: true, size: 10 },
    { sync: true, size: 20 },
  ]);
  store.touch("of another");
  await store.close(1);
  expect(disk.batches.map(({ sync }) => sync)).toEqual([true, true, true, true]);
});

test("many records are written in bounded batches, what was seen in the last one", async () => {
  const disk = new Disk();
  await written(disk, 10_000);
  expect(disk.batches.map(({ size }) => size)).toEqual([4_096, 4_096, 10_000 - 8_192 + 2, 1]);
  expect(disk.batches.map(({ sync }) => sync)).toEqual([false, false, true, true]);
});

test("a record that is gone is gone from the store", async () => {
  const disk = new Disk();
  await written(disk);
  const store = await openStore(disk.port);
  const content = new Content();
  content.serve(store);
  store.touch("key 1");
  await store.commit();
  await content.load(store);
  expect([...content.records.keys()]).toEqual(["key 0", "key 2"]);
});

test("a failing database is told to who waits and to the table; the next commit writes it all", async () => {
  const disk = new Disk();
  const store = await openStore(disk.port);
  const content = new Content();
  content.serve(store);
  await store.commit();
  content.records.set("key", 1);
  disk.isBroken = true;
  store.touch("key");
  await expect(store.commit()).rejects.toMatchObject({ code: "store-failed", cause: { message: "the disk is full" } });
  expect(content.failures).toMatchObject([{ code: "store-failed" }]);
  disk.isBroken = false;
  await store.commit();
  const after = new Content();
  await after.load(await openStore(disk.port));
  expect([...after.records]).toEqual([["key", 1]]);
});

test("damage is an error that names the key; `repair` drops it, and all that was seen", async () => {
  const disk = new Disk();
  await written(disk);
  const stored = recordKey("key 1");
  const entry = (await disk.port.get(stored, asBytes)) ?? new Uint8Array();
  for (let at = 0; at < entry.length; at += 1) {
    const damaged = entry.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    await disk.level.put<Uint8Array, Uint8Array>(stored, damaged, asBytes);
    await expect(new Content().load(await openStore(disk.port))).rejects.toMatchObject({
      code: "store-damaged",
      key: "key 1",
    });
  }
  await disk.level.put<Uint8Array, Uint8Array>(stored, new Uint8Array(), asBytes);
  const content = new Content();
  await content.load(await openStore(disk.port, { repair: true }));
  expect([[...content.records.keys()], content.origins.size]).toEqual([["key 0", "key 2"], 0]);
  const again = new Content();
  await again.load(await openStore(disk.port));
  expect(again.records).toEqual(content.records);
});

test("a damaged description, a later form, another owner or network, and a second table are refused", async () => {
  const disk = new Disk();
  await written(disk);
  const store = await openStore(disk.port);
  const content = new Content();
  expect(() => content.serve(store, bob)).toThrow(expect.objectContaining({ code: "store-mismatch" }));
  const source = { record: () => undefined, seen: () => undefined, failed: () => undefined };
  for (const owner of [
    { id: ada, network: new Uint8Array(32), hasLeases: true },
    { id: ada, network, hasLeases: false },
  ]) {
    expect(() => store.bind(owner, source)).toThrow(expect.objectContaining({ code: "store-mismatch" }));
  }
  content.serve(store);
  expect(() => content.serve(store)).toThrow(expect.objectContaining({ code: "store-mismatch" }));
  await disk.level.put<Uint8Array, Uint8Array>(Uint8Array.of(0x6d), Uint8Array.of(1, 2, 3, 4, 5), asBytes);
  await expect(openStore(disk.port)).rejects.toMatchObject({ code: "store-damaged" });
});

test("memory-level and classic-level are databases for it", () => {
  const take = (level: Level): string => typeof level.batch;
  expect(take(new MemoryLevel())).toBe("function");
  const classic: (location: string) => Level = (location) => new ClassicLevel(location);
  expect(classic.length).toBe(1);
});
