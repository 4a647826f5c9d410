import { MemoryNetwork, memoryTransport } from "@p2p/base";
import { ManualClock, seededRandom } from "@p2p/base/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LegacySync } from "./legacy-sync.js";
import type { LegacySyncOptions } from "./options.js";

let clock: ManualClock;
let network: MemoryNetwork;
let tables: LegacySync[];

beforeEach(() => {
  clock = new ManualClock();
  network = new MemoryNetwork();
  tables = [];
});

afterEach(async () => {
  const closing = Promise.all(tables.map((table) => table.close()));
  await clock.advance(2_000);
  await closing;
  expect(clock.pendingTimers).toBe(0);
});

async function open(name: string, options: Partial<LegacySyncOptions> = {}): Promise<LegacySync> {
  const table = new LegacySync({
    network: "office",
    listen: `memory://${name}:1`,
    transport: memoryTransport({ network, clock }),
    clock,
    random: seededRandom(tables.length),
    ...options,
  });
  tables.push(table);
  await table.open();
  return table;
}

describe("LegacySync", () => {
  it("[SYNC-301] two of them meet after the silence, and share what is written", async () => {
    const one = await open("one");
    one.set("before", 1);
    const other = await open("other", { bootstrap: one.addresses });
    const ready = other.ready();
    await clock.advance(900);
    await ready;
    expect(other.peers).toEqual([one.id]);
    expect([...other]).toEqual([["before", 1]]);
    other.set("after", [2]);
    one.applyDelta("map", { a: 1 });
    one.applyDelta("map", { b: 2 });
    await clock.advance(10);
    expect([one.get("after"), other.get("map"), one.size, [...other.keys()]]).toEqual([
      [2],
      { a: 1, b: 2 },
      3,
      ["before", "after", "map"],
    ]);
  });

  it("[SYNC-305] refuses a write of what another owns, and tells until when", async () => {
    const one = await open("one");
    const other = await open("other", { bootstrap: one.addresses });
    await clock.advance(900);
    one.set("k", 1);
    const expiresAtMs = Math.floor(clock.now() / 1_000) * 1_000 + 3_600_000;
    // Within the second the lower id would win.
    await clock.advance(1_000);
    expect(other.lease("k")).toEqual({ owner: one.id, expiresAtMs });
    expect(() => other.set("k", 2)).toThrow(
      expect.objectContaining({ code: "leased", key: "k", owner: one.id, expiresAtMs }),
    );
    clock.jumpWall(3_602_000);
    expect(other.lease("k")).toBeUndefined();
    other.set("k", 2);
    await clock.advance(10);
    expect(one.get("k")).toBe(2);
  });

  it("tells of changes, of members, and of what fails", async () => {
    const events: string[] = [];
    const one = await open("one", { bootstrap: ["memory://nobody:1"] });
    one.on("error", (error) => events.push((error as { code?: string }).code ?? error.message));
    one.on("update", ({ key }) => events.push(`update ${key}`));
    one.on("linked", () => events.push("linked"));
    one.on("unlinked", () => events.push("unlinked"));
    const other = await open("other", { dialect: "bin", bootstrap: one.addresses });
    await clock.advance(900);
    other.set("k", 1);
    await clock.advance(10);
    expect([...events]).toEqual(["dial-refused", "linked", "update k"]);
    await Promise.all([other.close(), clock.advance(1_500)]);
    expect(events.slice(3)).toEqual(["unlinked"]);
  });

  it("dials its bootstrap addresses until a member is linked", async () => {
    const late = await open("late", { bootstrap: ["memory://one:1"] });
    await clock.advance(4_000);
    const one = await open("one");
    await clock.advance(7_000);
    expect([late.peers, one.peers]).toEqual([[one.id], [late.id]]);
  });

  it.each(["str", "bin"] as const)("deletes where no js2p is linked, dialect %s", async (dialect) => {
    const one = await open("one", { dialect });
    const other = await open("other", { dialect, bootstrap: one.addresses });
    await clock.advance(900);
    one.set("k", 1);
    await clock.advance(10);
    if (dialect === "str") {
      expect(() => one.delete("k")).toThrow(expect.objectContaining({ code: "legacy-delete" }));
    } else {
      const deleted: string[] = [];
      other.on("delete", ({ key, oldValue }) => deleted.push(`${key} ${oldValue}`));
      expect([one.delete("k"), one.delete("k")]).toEqual([true, false]);
      await clock.advance(10);
      expect(deleted).toEqual(["k 1"]);
    }
    await clock.advance(10);
    expect(other.has("k")).toBe(dialect === "str");
  });

  it("[SYNC-300] never links with another network, nor with one of other leasing", async () => {
    const one = await open("one");
    const stranger = await open("stranger", { network: "home", bootstrap: one.addresses });
    const other = await open("other", { leases: false, bootstrap: one.addresses });
    await clock.advance(3_000);
    expect([one.peers, stranger.peers, other.peers]).toEqual([[], [], []]);
  });

  it("[SYNC-312] drops who says nothing, and who comes when there are links enough", async () => {
    const one = await open("one", { limits: { maxLinks: 1 } });
    const closed: string[] = [];
    const transport = memoryTransport({ network, clock });
    for (const name of ["first", "second"]) {
      const dialling = transport.dial("memory://one:1", { signal: new AbortController().signal });
      await clock.advance(10);
      const channel = await dialling;
      channel.open({ onData() {}, onDrain() {}, onClose: () => closed.push(name) });
    }
    await clock.advance(10);
    expect(closed).toEqual(["second"]);
    await clock.advance(10_000);
    expect(closed).toEqual(["second", "first"]);
    expect(one.peers).toEqual([]);
  });

  it("[SYNC-312] drops a peer that takes too little, and goes on", async () => {
    const one = await open("one", { limits: { maxBufferedBytes: 100_000 } });
    const other = await open("other", { bootstrap: one.addresses, limits: { maxBufferedBytes: 100_000 } });
    await clock.advance(900);
    for (let number = 0; number < 10; number++) one.set(`k${number}`, "x".repeat(50_000));
    await clock.advance(100);
    expect(one.size).toBe(10);
    await clock.advance(6_000);
    expect([other.peers, other.size]).toEqual([[one.id], 10]);
  });

  it("throws for what a caller does wrong", async () => {
    expect(() => new LegacySync({ network: "n", listen: "memory://x:1", dialect: "js" as "str" })).toThrow(TypeError);
    expect(() => new LegacySync({ network: "n", listen: "memory://x:1", limits: { maxKeys: 0 } })).toThrow(RangeError);
    const one = await open("one", { limits: { maxFrameBytes: 1_000, maxKeys: 1 } });
    expect(() => one.set("", 1)).toThrow(RangeError);
    expect(() => one.set("k".repeat(1_025), 1)).toThrow(RangeError);
    expect(() => one.set("k", null)).toThrow(TypeError);
    expect(() => one.set("k", undefined as unknown as null)).toThrow(expect.objectContaining({ code: "bad-value" }));
    expect(() => one.set("k", "x".repeat(1_000))).toThrow(expect.objectContaining({ code: "too-large" }));
    one.set("k", 1);
    expect(() => one.set("l", 1)).toThrow(expect.objectContaining({ code: "table-full" }));
    expect(() => one.applyDelta("k", { a: 1 })).toThrow(expect.objectContaining({ code: "not-a-map" }));
    await expect(one.open()).rejects.toMatchObject({ code: "closed" });
    await Promise.all([one.close(), one.close(), clock.advance(1_500)]);
    expect(() => one.set("k", 1)).toThrow(expect.objectContaining({ code: "closed" }));
  });
});
