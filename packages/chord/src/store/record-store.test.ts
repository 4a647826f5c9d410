// The room of one node's records: in all, and for owned keys. [CHORD-230] [CHORD-285]
import { nodeIdFromBytes } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { type DictionaryRecord, ownedWrite, plainWrite, sizeOf } from "./record.js";
import { RecordStore } from "./record-store.js";

const version = { timeUs: 5, origin: nodeIdFromBytes(new Uint8Array(48).fill(7)) };
const proof = new Uint8Array(96);

function recordOf(number: number, valueBytes: number | undefined, isOwned: boolean): DictionaryRecord {
  const value = valueBytes === undefined ? undefined : new Uint8Array(valueBytes);
  const write = isOwned ? ownedWrite(version, value, proof) : plainWrite(version, value);
  return { key: Uint8Array.of(1, number), write, promised: undefined };
}

function storeOf(maxStoredBytes: number): RecordStore {
  const nothing = (): void => undefined;
  return new RecordStore({ maxStoredBytes, tombstoneMs: 1 }, { changed: nothing, touched: nothing });
}

/** Sets such records while there is room. @returns how many */
function fill(store: RecordStore, first: number, isOwned: boolean): number {
  for (let count = 0; ; count += 1) {
    const record = recordOf(first + count, 500, isOwned);
    if (!store.hasRoom(record)) return count;
    store.set(record);
  }
}

describe("[CHORD-285] owned keys", () => {
  const ownedBytes = sizeOf(recordOf(0, 500, true));

  test("have half of the room, and leave the rest to others", () => {
    const store = storeOf(20 * ownedBytes);
    expect(fill(store, 0, true)).toBe(10);
    expect(fill(store, 100, false)).toBe(Math.floor((10 * ownedBytes) / sizeOf(recordOf(0, 500, false))));
  });

  test("have what is free of it, whatever else there is", () => {
    const store = storeOf(20 * ownedBytes);
    fill(store, 100, false);
    expect(fill(store, 0, true)).toBe(0);
  });

  test("take the room of what was there before them, and give it back", () => {
    const store = storeOf(4 * ownedBytes);
    expect(fill(store, 0, true)).toBe(2);
    expect([store.hasRoom(recordOf(0, 501, true)), store.hasRoom(recordOf(0, 500, true))]).toEqual([false, true]);
    store.set(recordOf(0, undefined, true));
    expect([store.hasRoom(recordOf(1, 1_000, true)), store.hasRoom(recordOf(1, 1_001, true))]).toEqual([true, false]);
    store.set(recordOf(0, 500, true));
    store.delete(recordOf(0, 0, true).key);
    expect(fill(store, 10, true)).toBe(1);
    store.set(recordOf(1, 500, false));
    expect(fill(store, 20, true)).toBe(1);
  });
});
