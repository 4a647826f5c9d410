// Peers that do not keep the protocol: a bare node of base plays them.
import { flags, type WireValue } from "@p2p/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeTableAccept, encodeTableOpen, encodeTableTurn, modes } from "./messages/comparison.js";
import { encodeClockAhead, encodeContender } from "./messages/notices.js";
import type { TableRecord } from "./record/record.js";
import type { Refusal } from "./sync-events.js";
import { type Attack, attackOn, claim, expectServed, honestPair, turn } from "./testing/attack.js";
import { type Member, type MemberOptions, Tables } from "./testing/tables.js";
import { writerOf } from "./testing/turn-records.js";

let tables: Tables;
let attackers: Attack[];

beforeEach(() => {
  tables = new Tables();
  attackers = [];
});

afterEach(async () => {
  for (const attacker of attackers) attacker.close();
  await tables.close();
});

const { subtypes } = flags;
const hourMs = 3_600_000;
const id = new Uint8Array(48).fill(9);

/** A member with one key, an honest neighbour of it, and an attacker. */
async function stage(options: MemberOptions = {}): Promise<[victim: Member, honest: Member, attack: Attack]> {
  const [victim, honest] = await honestPair(tables, options);
  const attack = await attackOn(tables, victim);
  attackers.push(attack);
  return [victim, honest, attack];
}

describe("[SYNC-093] a message that cannot be closes its link with `protocol`, and no other", {
  timeout: 60_000,
}, () => {
  const now = 1_767_225_600_000_000;
  const bad: [string, WireValue[]][] = [
    ["an open without items", [subtypes.tableOpen]],
    ["an open with a short fingerprint", [subtypes.tableOpen, 1, 1, new Uint8Array(15), []]],
    ["an open with text for a count", [subtypes.tableOpen, 1, "many", null, []]],
    ["an open with a summary of numbers", [subtypes.tableOpen, 1, 1, null, [1]]],
    ["an accept of nothing", encodeTableAccept({ session: 7, mode: modes.equal, count: 1, seen: [] })],
    ["an accept of an unknown mode", [subtypes.tableAccept, 1, 9, 1, []]],
    ["an unsolicited turn", encodeTableTurn(turn)],
    ["a turn with records of numbers", [subtypes.tableTurn, 1, 0, false, [], new Uint8Array(0), [1], [], [], []]],
    ["a contender of half an id", [subtypes.contender, new Uint8Array(24), ["kept", 1, 0, now, [0, 1, now, now]]]],
    ["a contender without key", [subtypes.contender, id, ["", 1, 0, now, [0, 1, now, now]]]],
    ["a clock ahead of text", [subtypes.clockAhead, id, "soon", now]],
  ];

  test.each(bad)("%s", async (_name, items) => {
    const [victim, honest, attack] = await stage();
    attack.whisper(items);
    await tables.clock.advance(1_000);
    expect(attack.ended.map(({ name }) => name)).toEqual(["protocol"]);
    await expectServed(tables, victim, honest);
  });

  const updates: [string, WireValue[]][] = [
    ["an update without items", [subtypes.store]],
    ["an update at no time", [subtypes.store, 0, 0, [["a", 0, 1]]]],
    ["an update before the one before", [subtypes.store, now, now, [["a", 0, 1]]]],
    ["an update of nothing", [subtypes.store, now, 0, []]],
    ["an update with an empty key", [subtypes.store, now, 0, [["", 0, 1]]]],
    ["an update with a number for a key", [subtypes.store, now, 0, [[1, 0, 1]]]],
    ["an update with a long key", [subtypes.store, now, 0, [["x".repeat(1_025), 0, 1]]]],
    ["an update with a long value", [subtypes.store, now, 0, [["a", 0, "x".repeat(65_537)]]]],
    ["an update of an unknown kind", [subtypes.store, now, 0, [["a", 9, 1]]]],
    ["an update with a lease of two years", [subtypes.store, now, 0, [["a", 0, 1, 0, 0, 2 * 31_536_000_000]]]],
    ["an update with an epoch above its time", [subtypes.store, now, 0, [["a", 0, 1, Number.MAX_SAFE_INTEGER]]]],
    ["a delta that is no map", [subtypes.store, now, 0, [["a", 2, [], []]]]],
    [
      "two deltas of one key",
      [
        subtypes.store,
        now,
        0,
        [
          ["a", 2, { x: 1 }, []],
          ["a", 2, { y: 1 }, []],
        ],
      ],
    ],
  ];

  test.each(updates)("%s", async (_name, items) => {
    const [victim, honest, attack] = await stage();
    attack.broadcast(items);
    await tables.clock.advance(1_000);
    expect(attack.ended.map(({ name }) => name)).toEqual(["protocol"]);
    await expectServed(tables, victim, honest);
  });
});

describe("a peer that is rude", { timeout: 60_000 }, () => {
  test("[SYNC-045] overwrites a leased key: refused by all", async () => {
    const [victim, honest, attack] = await stage();
    const refused: Refusal[] = [];
    for (const { sync } of [victim, honest]) sync.on("refused", (each) => refused.push(each));
    for (let rise = 1; rise < 50; rise += 1) attack.update([["kept", claim("mine", rise)]]);
    await tables.clock.advance(1_000);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ key, owner }) => key === "kept" && owner === victim.sync.id)).toBe(true);
    await expectServed(tables, victim, honest);
    expect(victim.sync.lease("kept")?.owner).toBe(victim.sync.id);
  });

  test("[SYNC-054] goes on to write over a lease that it was shown: dropped, not at once", async () => {
    const [victim, honest, attack] = await stage();
    const overwrite = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        attack.update([["kept", claim("mine", 1)]]);
        await tables.clock.advance(1_000);
      }
    };
    await overwrite(9);
    const shown = attack.whispers.filter(([subtype]) => subtype === subtypes.contender);
    expect([shown.length, attack.ended]).toEqual([1, []]);
    await overwrite(15);
    expect(attack.ended.map(({ name }) => name)).toEqual(["rejected"]);
    await expectServed(tables, victim, honest);
  });

  test("[SYNC-014] writes from the far future: nobody takes them, it is told, and the key is not frozen", async () => {
    const [victim, honest, attack] = await stage();
    const farUs = (tables.clock.now() + 10 * hourMs) * 1_000;
    attack.update([["free", claim("future")]], farUs);
    await tables.clock.advance(1_000);
    expect([victim.sync.has("free"), honest.sync.has("free")]).toEqual([false, false]);
    expect(attack.whispers.filter(([subtype]) => subtype === subtypes.clockAhead)).toHaveLength(1);
    await victim.sync.set("free", "now");
    expect(victim.sync.entry("free")?.version.timeUs).toBeLessThan(farUs - hourMs * 1_000);
    await expectServed(tables, victim, honest);
  });

  test("writes in the name of another one: relays take no whisper of the kind, and an update is its sender's own", async () => {
    const [victim, honest, attack] = await stage();
    const items = encodeContender([
      "kept",
      { ...claim("forged"), timeUs: tables.clock.now() * 1_000, origin: attack.node.id },
    ]);
    attack.whisper(items, victim.sync.id);
    await tables.clock.advance(1_000);
    expect(attack.ended.map(({ name }) => name)).toEqual(["protocol"]);
    await expectServed(tables, victim, honest);
  });

  test("begins comparisons without end: dropped for it", async () => {
    const [victim, honest, attack] = await stage();
    for (let session = 0; session < 30; session += 1) {
      attack.whisper(encodeTableOpen({ session, count: 0, root: undefined, seen: [] }));
    }
    await tables.clock.advance(1_000);
    expect(attack.ended.map(({ name }) => name)).toEqual(["rate"]);
    await expectServed(tables, victim, honest);
  });

  test("sends more records than it announced: dropped, and the table stays within its limit", async () => {
    const [victim, honest, attack] = await stage({ syncLimits: { maxTableBytes: 2_000_000 } });
    attack.whisper(encodeTableOpen({ session: 1, count: 10, root: undefined, seen: [] }));
    await tables.clock.settle();
    for (let number = 1; number < 400 && attack.ended.length === 0; number += 2) {
      const records = Array.from({ length: 500 }, (_, index): [string, TableRecord] => {
        const timeUs = tables.clock.now() * 1_000;
        return [`flood ${number} ${index}`, { ...claim("x".repeat(100)), timeUs, origin: attack.node.id }];
      });
      attack.whisper(encodeTableTurn({ ...turn, number, hasMore: true, records: writerOf(records) }));
      await tables.clock.settle();
    }
    expect(attack.ended.map(({ name }) => name)).toEqual(["protocol"]);
    expect(victim.sync.counters.bytes).toBeLessThan(2_100_000);
    expect([victim.sync.get("kept"), honest.sync.get("kept")]).toEqual(["value", "value"]);
  });

  test("says that a key is gone which it cannot have seen deleted: nobody believes it", async () => {
    const [victim, honest, attack] = await stage();
    attack.whisper(encodeTableOpen({ session: 1, count: 0, root: undefined, seen: [] }));
    await tables.clock.settle();
    attack.whisper(encodeTableTurn({ ...turn, number: 1, gone: ["kept"] }));
    await tables.clock.advance(1_000);
    await expectServed(tables, victim, honest);
  });

  test("says nothing more in the middle of a comparison: it is given up, and others begin", async () => {
    const [victim, honest, attack] = await stage();
    attack.whisper(encodeTableOpen({ session: 1, count: 0, root: undefined, seen: [] }));
    await tables.clock.advance(40_000);
    attack.whisper(encodeTableTurn({ ...turn, number: 1 })); // late: no fault
    await tables.clock.advance(200_000);
    expect(attack.ended.filter(({ name }) => name === "protocol")).toEqual([]);
    await expectServed(tables, victim, honest);
  });

  test("tells of a clock ahead again and again: an error once a minute", async () => {
    const [victim, honest, attack] = await stage();
    const notice = { origin: victim.sync.id, stampUs: 2_000_000, nowUs: 1_000_000 };
    for (let count = 0; count < 10; count += 1) attack.whisper(encodeClockAhead(notice));
    await tables.clock.advance(1_000);
    expect(victim.errors.filter((error) => "code" in error && error.code === "clock-ahead")).toHaveLength(1);
    await expectServed(tables, victim, honest);
  });
});
