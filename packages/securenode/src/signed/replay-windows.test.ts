// Replay windows: each number once, whatever the order; what is forgotten cannot come back; what a store keeps of them.
import type { Level } from "@p2p/base";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { identityOf } from "../testing/worlds.js";
import { readReplayStore, writeReplayStore } from "./replay-store.js";
import { ReplayWindows, windowSize } from "./replay-windows.js";

const [sender, other] = [identityOf(1).id, identityOf(2).id];

function memoryLevel(): Level {
  return new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
}

describe("[SEC-076] replay windows", () => {
  test("take each number once, whatever the order, within the window", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 * windowSize }), { maxLength: 400 }), (numbers) => {
        const windows = new ReplayWindows();
        const heard = new Set<number>();
        let highest = 0;
        for (const number of numbers) {
          const isExpected = heard.size === 0 || (!heard.has(number) && number > highest - windowSize);
          expect(windows.isNew(sender, number, 1)).toBe(isExpected);
          if (!isExpected) continue;
          windows.accept(sender, number, 1);
          heard.add(number);
          highest = Math.max(highest, number);
        }
      }),
    );
  });

  test("take what a slower way brings while a faster one is thousands ahead, and what begins near 2^53", () => {
    for (const start of [1, 1_023, 1_795_000_000_000_000, Number.MAX_SAFE_INTEGER - 30_000]) {
      const windows = new ReplayWindows();
      const slow = Array.from({ length: windowSize - 1 }, (_, index) => start + index);
      windows.accept(sender, start + windowSize - 1, 1);
      for (const sequence of slow) {
        expect(windows.isNew(sender, sequence, 1)).toBe(true);
        windows.accept(sender, sequence, 1);
        expect(windows.isNew(sender, sequence, 1)).toBe(false);
      }
      // Memory of before is used again, and does not count.
      windows.accept(sender, start + 3 * windowSize, 1);
      expect(windows.isNew(sender, start + 3 * windowSize - 1, 1)).toBe(true);
      expect(windows.isNew(sender, start + 2 * windowSize + 1, 1)).toBe(true);
      expect(windows.isNew(sender, start + 2 * windowSize, 1)).toBe(false);
    }
  });

  test("[SEC-077] are bounded: who is forgotten must say something newer to be heard again", () => {
    const windows = new ReplayWindows(2);
    windows.accept(identityOf(1).id, 1, 100);
    windows.accept(identityOf(2).id, 1, 200);
    windows.accept(identityOf(3).id, 1, 300);
    expect(windows.senders).toBe(2);
    expect(windows.isNew(identityOf(1).id, 1, 100)).toBe(false);
    expect(windows.isNew(identityOf(1).id, 2, 101)).toBe(true);
    expect(() => new ReplayWindows(0)).toThrow(RangeError);
  });

  test("[SEC-077] remembers no end of senders to store, where nobody stores them", () => {
    const windows = new ReplayWindows(8);
    for (let number = 0; number < 100; number++) windows.accept(identityOf(number).id, 1, number);
    const changes = windows.takeChanges();
    expect(changes.length).toBeLessThanOrEqual(18);
    // Of those that are remembered none is missing.
    expect(changes.filter(([, heard]) => heard !== undefined)).toHaveLength(windows.senders);
  });

  test("[SEC-077] whose messages are oldest is forgotten first: a sender whose clock is ahead shuts nobody out", () => {
    const windows = new ReplayWindows(8);
    windows.accept(identityOf(1).id, 1, 9_000);
    for (let number = 2; number < 40; number++) windows.accept(identityOf(number).id, 1, 100 + number);
    expect(windows.floorUs).toBeLessThan(140);
    expect(windows.isNew(identityOf(50).id, 1, 140)).toBe(true);
    expect(windows.isNew(identityOf(1).id, 1, 9_000)).toBe(false);
  });
});

describe("[SEC-078] a restart", () => {
  test("nothing that was heard is heard again, what is new is", async () => {
    const level = memoryLevel();
    const windows = new ReplayWindows();
    expect(await readReplayStore(level, windows)).toBe(undefined);
    for (const sequence of [5, 7, 20_000]) windows.accept(sender, sequence, 10);
    await writeReplayStore(level, windows, 77);
    const again = new ReplayWindows();
    expect(await readReplayStore(level, again)).toEqual({ nextSequence: 77, floorUs: 0 });
    for (const sequence of [5, 6, 19_999, 20_000]) expect(again.isNew(sender, sequence, 11)).toBe(false);
    expect(again.isNew(sender, 20_001, 11)).toBe(true);
    again.accept(sender, 20_002, 12);
    expect([20_000, 20_001, 20_002].map((sequence) => again.isNew(sender, sequence, 12))).toEqual([false, true, false]);
    expect(again.isNew(other, 1, 1)).toBe(true);
  });

  test("who was forgotten is gone from the store too, and its floor stays", async () => {
    const level = memoryLevel();
    const windows = new ReplayWindows(2);
    for (const [number, timeUs] of [100, 200, 300].entries()) {
      windows.accept(identityOf(number).id, 1, timeUs);
      await writeReplayStore(level, windows, 1);
    }
    const again = new ReplayWindows(2);
    expect(await readReplayStore(level, again)).toEqual({ nextSequence: 1, floorUs: 100 });
    expect(again.senders).toBe(2);
    expect(again.isNew(identityOf(0).id, 1, 100)).toBe(false);
  });

  test("a damaged store is told, and not taken for an empty one", async () => {
    const level = memoryLevel();
    const windows = new ReplayWindows();
    windows.accept(sender, 5, 10);
    await readReplayStore(level, windows);
    await writeReplayStore(level, windows, 1);
    const encodings = { keyEncoding: "view", valueEncoding: "view" } as const;
    const key = Uint8Array.of(1, 2);
    const value = new Uint8Array(9);
    await level.batch([{ type: "put", key, value }], { ...encodings, sync: true });
    await expect(readReplayStore(level, new ReplayWindows())).rejects.toMatchObject({ code: "bad-snapshot" });
    await level.batch([{ type: "del", key }], { ...encodings, sync: true });
    await expect(readReplayStore(level, new ReplayWindows())).resolves.toEqual({ nextSequence: 1, floorUs: 0 });
    await level.batch([{ type: "put", key: Uint8Array.of(0), value }], { ...encodings, sync: true });
    await expect(readReplayStore(level, new ReplayWindows())).rejects.toMatchObject({ code: "bad-snapshot" });
  });

  test("what could not be stored is stored the next time", async () => {
    const level = memoryLevel();
    const windows = new ReplayWindows();
    windows.accept(sender, 5, 10);
    const broken: Level = { ...level, batch: () => Promise.reject(new Error("the disk is full")) };
    await expect(writeReplayStore(broken, windows, 1)).rejects.toThrow("the disk is full");
    await readReplayStore(level, new ReplayWindows());
    await writeReplayStore(level, windows, 1);
    const again = new ReplayWindows();
    await readReplayStore(level, again);
    expect(again.isNew(sender, 5, 10)).toBe(false);
  });
});
