import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asBytes, type Level } from "@p2p/base";
import { type NodeId, nodeIdFromBytes } from "@p2p/wire";
import { ClassicLevel } from "classic-level";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { defaultDictionaryLimits } from "../dictionary/dictionary-options.js";
import { type LoadOptions, openStore } from "./chord-store.js";
import { firstGroup } from "./holders.js";
import { type DictionaryRecord, ownedWrite, plainWrite } from "./record.js";
import { RecordStore } from "./record-store.js";

const [ada, bob]: readonly NodeId[] = [1, 2].map((n) => nodeIdFromBytes(new Uint8Array(48).fill(n)));
if (ada === undefined || bob === undefined) throw new Error("two ids are needed");
const hourUs = 3_600_000_000;
const nowUs = 1_000 * hourUs;
const origin = ada;

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

const records: readonly DictionaryRecord[] = [
  { key: Uint8Array.of(1), write: plainWrite({ timeUs: 5, origin }, Uint8Array.of(7)), promised: undefined },
  {
    key: Uint8Array.of(0xff, 0),
    write: plainWrite({ timeUs: 6, origin }, undefined),
    promised: { timeUs: 9, origin: bob },
  },
  { key: Uint8Array.of(3), write: undefined, promised: { timeUs: 9, origin: bob } },
  {
    key: Uint8Array.of(4),
    write: {
      version: { timeUs: 8, origin: bob },
      value: Uint8Array.of(1),
      holders: [firstGroup([ada, bob])],
      lineage: new Uint8Array(10),
    },
    promised: undefined,
  },
];

/** Opens the store of a level into memory, as a dictionary does. */
async function opened(
  level: Level,
  oldestUs = nowUs - 24 * hourUs,
  failures: Error[] = [],
  isGenuine: LoadOptions["isGenuine"] = () => true,
) {
  const store = await openStore(level);
  store.bind(ada as NodeId, (error) => failures.push(error));
  let isLoading = true;
  const into = new RecordStore(defaultDictionaryLimits, {
    changed: () => undefined,
    touched: (text) => (isLoading ? undefined : store.touch(text)),
  });
  await store.load(into, { oldestUs, isGenuine });
  isLoading = false;
  return { store, into };
}

test("[CHORD-235] what was committed is there again: writes, deletes, promises, holders, and whose it is", async () => {
  const disk = new Disk();
  const { store, into } = await opened(disk.port);
  for (const record of records) into.set(record);
  await store.reserve(nowUs);
  await store.commit();
  const again = await opened(disk.port);
  expect(again.store.id).toBe(ada);
  expect(records.map(({ key }) => again.into.get(key))).toEqual(records);
  for (const { key } of records) again.into.delete(key);
  await again.store.close();
  expect((await opened(disk.port)).into.size).toBe(0);
});

test("[CHORD-235] many writes share a batch, which is synced", async () => {
  const disk = new Disk();
  const { store, into } = await opened(disk.port);
  disk.batches.length = 0;
  for (const record of records) into.set(record);
  await Promise.all(records.map(() => store.commit()));
  expect(disk.batches).toEqual([{ sync: true, size: records.length }]);
});

test("[CHORD-236] no time is given before it is reserved, and none again after a crash", async () => {
  const disk = new Disk();
  const { store } = await opened(disk.port);
  const wait = store.reserve(nowUs);
  expect(wait).toBeInstanceOf(Promise);
  await wait;
  expect(store.reserve(nowUs + 1)).toBeUndefined();
  const { reservedUs } = store;
  expect(reservedUs).toBeGreaterThan(nowUs);
  expect((await openStore(disk.port)).reservedUs).toBe(reservedUs);
});

test("[CHORD-237] records of a store that was out of use longer than deletes are remembered are dropped", async () => {
  const disk = new Disk();
  const { store, into } = await opened(disk.port);
  for (const record of records) into.set(record);
  await store.reserve(nowUs);
  await store.commit();
  expect((await opened(disk.port, nowUs + 48 * hourUs)).into.size).toBe(0);
  expect((await opened(disk.port)).into.size).toBe(0);
});

test("[CHORD-279] but not those of owned keys: their sequences tell what is newer, however long it took", async () => {
  const disk = new Disk();
  const { store, into } = await opened(disk.port);
  const version = { timeUs: 5, origin: bob };
  const owned = [Uint8Array.of(7), undefined].map((value, n) => ({
    key: Uint8Array.of(n),
    write: ownedWrite(version, value, Uint8Array.of(1, 2)),
    promised: undefined,
  }));
  for (const record of [...records, ...owned]) into.set(record);
  await store.reserve(nowUs);
  await store.commit();
  const again = await opened(disk.port, nowUs + 48 * hourUs);
  expect(again.into.size).toBe(2);
  expect(owned.map(({ key }) => again.into.get(key))).toEqual(owned);
});

test("[CHORD-271] what the owner of its key did not write is dropped from a store, for good, and told of", async () => {
  const disk = new Disk();
  const { store, into } = await opened(disk.port);
  for (const record of records) into.set(record);
  await store.commit();
  const failures: Error[] = [];
  const again = await opened(disk.port, undefined, failures, ({ key }) => key[0] !== 1);
  expect(again.into.size).toBe(records.length - 1);
  expect(failures).toMatchObject([{ code: "store-damaged" }]);
  expect((await opened(disk.port)).into.size).toBe(records.length - 1);
});

test("[CHORD-235] what cannot be read, or is another's, is refused", async () => {
  const disk = new Disk();
  const { store, into } = await opened(disk.port);
  into.set(records[0] as DictionaryRecord);
  await store.commit();
  const other = await openStore(disk.port);
  expect(() => other.bind(bob as NodeId, () => undefined)).toThrow(expect.objectContaining({ code: "store-mismatch" }));
  expect(() => store.bind(ada as NodeId, () => undefined)).toThrow(expect.objectContaining({ code: "store-mismatch" }));
  await disk.level.put<Uint8Array, Uint8Array>(Uint8Array.of(0x72, 9), Uint8Array.of(1, 2, 3, 4, 5, 6), asBytes);
  await expect(opened(disk.port)).rejects.toMatchObject({ code: "store-damaged" });
  await disk.level.put<Uint8Array, Uint8Array>(Uint8Array.of(0x6d), Uint8Array.of(1, 2, 3, 4, 5, 6), asBytes);
  await expect(openStore(disk.port)).rejects.toMatchObject({ code: "store-damaged" });
});

test("[CHORD-235] a failing database is told, and nothing is said to be stored", async () => {
  const disk = new Disk();
  const failures: Error[] = [];
  const { store, into } = await opened(disk.port, undefined, failures);
  disk.isBroken = true;
  into.set(records[0] as DictionaryRecord);
  await expect(store.commit()).rejects.toMatchObject({ code: "store-failed" });
  expect(failures).toHaveLength(1);
  disk.isBroken = false;
  await store.commit();
  expect((await opened(disk.port)).into.size).toBe(1);
});

test("[CHORD-235] a database on disk", async () => {
  const folder = await mkdtemp(join(tmpdir(), "chord-store-"));
  try {
    const { store, into } = await opened(new ClassicLevel(folder) as unknown as Level);
    into.set(records[0] as DictionaryRecord);
    await store.close();
    const again = await opened(new ClassicLevel(folder) as unknown as Level);
    expect(again.into.size).toBe(1);
    await again.store.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});
