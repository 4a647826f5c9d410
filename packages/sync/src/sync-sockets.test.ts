// Real loopback sockets and the real clock: what memory cannot prove.
import { afterEach, describe, expect, test } from "vitest";
import type { Change } from "./change.js";
import type { SyncOptions } from "./options.js";
import { Sync } from "./sync.js";

let open: Sync[] = [];

afterEach(async () => {
  await Promise.all(open.map((sync) => sync.close()));
  open = [];
});

async function start(options: Partial<SyncOptions> = {}): Promise<Sync> {
  const sync = new Sync({ network: "sockets", listen: ["tcp://127.0.0.1:0"], ...options });
  open.push(sync);
  await sync.open();
  return sync;
}

/** Resolves with the first change that fits. */
async function changed(sync: Sync, fits: (change: Change) => boolean): Promise<Change> {
  for await (const change of sync.watch({ prefix: "" })) if (fits(change)) return change;
  throw new Error("the table was closed");
}

describe("over loopback TCP", { timeout: 60_000 }, () => {
  test("ten tables share what each writes, and their digests are equal", async () => {
    const seed = await start();
    const others: Sync[] = [];
    for (let number = 0; number < 9; number += 1) others.push(await start({ bootstrap: seed.addresses }));
    await Promise.all(others.map((sync) => sync.ready()));
    const all = [seed, ...others];
    const last = all.map((sync) => {
      const missing = new Set(all.map((_, number) => `${number}/last`));
      return changed(sync, ({ key }) => missing.delete(key) && missing.size === 0);
    });
    for (const [number, sync] of all.entries()) {
      for (let round = 0; round < 100; round += 1) void sync.set(`${number}/${round}`, round);
      await sync.set(`${number}/last`, true);
    }
    await Promise.all(last);
    expect(new Set(all.map((sync) => sync.digest().join(" "))).size).toBe(1);
    expect(seed.size).toBe(1_010);
  });

  test("a latecomer gets 20,000 keys, and both stay equal", async () => {
    const first = await start();
    for (let number = 0; number < 20_000; number += 1) void first.set(`key ${number}`, { number });
    await first.set("last", 1);
    const late = await start({ bootstrap: first.addresses });
    await late.ready();
    expect(late.size).toBe(20_001);
    expect(late.digest()).toEqual(first.digest());
  });

  test("a writer that does not wait is slowed or refused, and what it wrote arrives", async () => {
    const writer = await start();
    const reader = await start({ bootstrap: writer.addresses });
    await reader.ready();
    const results: string[] = [];
    let accepted = 0;
    const writes = Array.from({ length: 2_000 }, async (_, number) => {
      try {
        await writer.set(`key ${number}`, "x".repeat(20_000));
        accepted += 1;
      } catch (error) {
        results.push(error instanceof Error && "code" in error ? String(error.code) : String(error));
      }
    });
    await Promise.all(writes);
    expect(new Set(results)).toEqual(new Set(["overflow"]));
    expect(writer.size).toBe(accepted);
    const done = changed(reader, ({ key }) => key === "last");
    await writer.set("last", 1);
    await done;
    expect(reader.size).toBe(accepted + 1);
    expect(reader.digest()).toEqual(writer.digest());
  });

  test("closing leaves nothing behind, whatever is under way", async () => {
    const first = await start();
    const writes = Array.from({ length: 1_000 }, (_, number) => first.set(`key ${number}`, number));
    const second = await start({ bootstrap: first.addresses });
    const ready = second.ready();
    ready.catch(() => undefined);
    await Promise.all([first.close(), second.close(), ...writes]);
    expect([first.mesh.node.budget.usedBytes, second.mesh.node.budget.usedBytes]).toEqual([0, 0]);
    await expect(second.set("late", 1)).rejects.toMatchObject({ code: "closed" });
  });
});
