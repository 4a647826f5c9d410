// What an attacker has too much of: each flood stays within bounds, and honest nodes are served during it and after.
import { flags } from "@p2p/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeTableOpen, encodeTableTurn } from "./messages/comparison.js";
import { type Attack, type AttackOptions, attackOn, claim, expectServed, honestPair, turn } from "./testing/attack.js";
import { type Member, Tables } from "./testing/tables.js";
import { writerOf } from "./testing/turn-records.js";

const { subtypes } = flags;

let tables: Tables;
let attacks: Attack[];

beforeEach(() => {
  tables = new Tables();
  attacks = [];
});

afterEach(async () => {
  for (const attack of attacks) attack.close();
  await tables.close();
});

async function attackBy(victim: Member, options: AttackOptions = {}): Promise<Attack> {
  const attack = await attackOn(tables, victim, options);
  attacks.push(attack);
  return attack;
}

describe("more than there is room for", { timeout: 60_000 }, () => {
  test("[SYNC-072] a snapshot that never ends does not keep a joiner from its other neighbours", async () => {
    const first = await tables.add();
    await first.sync.set("kept", "value");
    const joiner = await tables.add({ bootstrap: [] });
    const attack = await attackBy(joiner);
    attack.whisper(encodeTableOpen({ session: 1, count: 1_000_000, root: undefined, seen: [] }));
    await tables.clock.settle();
    await tables.link(1, 0);
    for (let second = 0; second < 25; second += 1) {
      const timeUs = tables.clock.now() * 1_000;
      const records = writerOf([[`drip ${second}`, { ...claim(1), timeUs, origin: attack.node.id }]]);
      attack.whisper(encodeTableTurn({ ...turn, number: 2 * second + 1, hasMore: true, records }));
      await tables.clock.advance(1_000);
    }
    expect(attack.ended).toEqual([]);
    expect([joiner.sync.get("kept"), joiner.sync.get("drip 24")]).toEqual(["value", 1]);
  });

  test("[SYNC-046] contenders of more keys than are remembered: the owner keeps all of them", async () => {
    const [victim, honest] = await honestPair(tables);
    const keys = Array.from({ length: 6_000 }, (_, number) => `key ${number}`);
    await victim.sync.update(keys.map((key) => [key, "own"] as const));
    await tables.clock.advance(1_000);
    const attack = await attackBy(honest);
    for (let round = 0; round < 3; round += 1) {
      attack.update(keys.map((key) => [key, claim("theirs", round + 1)]));
      await tables.clock.advance(10_000);
      expect(honest.sync.counters.contenders).toBeLessThanOrEqual(4_096);
    }
    await tables.clock.advance(60_000);
    await expectServed(tables, victim, honest);
    expect(keys.filter((key) => honest.sync.get(key) !== "own")).toEqual([]);
    expect([victim.goodbyes, honest.goodbyes.filter((name) => name !== "rejected")]).toEqual([[], []]);
  });

  test("[SYNC-067] that every key is gone: nothing is forgotten but what is old and free", async () => {
    const [victim, honest] = await honestPair(tables);
    const turned: string[] = [];
    const attack = await attackBy(victim, {
      answer: ([subtype, session, number], whisper) => {
        if (subtype !== subtypes.tableTurn || typeof number !== "number" || turned.length > 20) return;
        turned.push("turn");
        const gone = ["kept", ...Array.from({ length: 4_000 }, (_, at) => `no key ${at}`)];
        whisper(encodeTableTurn({ ...turn, session: Number(session), number: number + 1, gone }));
      },
    });
    attack.whisper(encodeTableOpen({ session: 1, count: 0, root: undefined, seen: [] }));
    await tables.clock.advance(5_000);
    expect(turned.length).toBeGreaterThan(0);
    await expectServed(tables, victim, honest);
  });

  test("[SYNC-063] that it has seen all of everybody: what was not seen still comes", async () => {
    const [victim, honest] = await honestPair(tables);
    tables.split([0], [1]);
    await tables.clock.advance(1_000);
    await honest.sync.set("missed", 1);
    const attack = await attackBy(victim);
    const seen = [[honest.sync.id, tables.clock.now() * 1_000 + 29 * 60_000_000]] as const;
    attack.whisper(
      encodeTableOpen({ session: 1, count: 1, root: victim.sync.mesh.node.idBytes.subarray(0, 16), seen }),
    );
    await tables.clock.settle();
    attack.whisper(encodeTableTurn({ ...turn, number: 1 }));
    await tables.clock.settle();
    attack.whisper(encodeTableTurn({ ...turn, number: 3 }));
    await tables.clock.advance(1_000);
    attack.close();
    tables.heal();
    await tables.clock.advance(200_000);
    expect(victim.sync.get("missed")).toBe(1);
    await honest.sync.set("later", 2);
    await tables.clock.advance(1_000);
    expect(victim.sync.get("later")).toBe(2);
    await expectServed(tables, victim, honest);
  });

  test("[SYNC-091] deletions of keys that never were: the table is full, and keeps what it has", async () => {
    const limits = { syncLimits: { maxTableBytes: 400_000, maxAheadMs: 10_000, tombstoneMs: 60_000 } };
    const [victim, honest] = await honestPair(tables, limits);
    const attack = await attackBy(victim);
    const { terms, ...record } = claim(0);
    const deletion = { ...record, value: undefined, terms: terms && { ...terms, leaseMs: 0 } };
    for (let round = 0; round < 20; round += 1) {
      attack.update(Array.from({ length: 500 }, (_, at) => [`no key ${round}/${at}`, deletion]));
      await tables.clock.advance(500);
    }
    for (const { sync } of [victim, honest]) {
      expect(sync.counters.tombstones).toBeGreaterThan(100);
      expect(sync.counters.bytes).toBeLessThan(410_000);
      expect(sync.get("kept")).toBe("value");
    }
    await expect(victim.sync.set("new", "x".repeat(1_000))).rejects.toMatchObject({ code: "table-full" });
    await tables.clock.advance(120_000);
    expect(victim.sync.counters.tombstones).toBe(0);
    await expectServed(tables, victim, honest);
  });

  test("leases of a millisecond, taken again and again: nothing grows, and the key is free to take", async () => {
    const [victim, honest] = await honestPair(tables);
    const attack = await attackBy(victim);
    const { terms, ...record } = claim("brief");
    const brief = { ...record, terms: terms && { ...terms, leaseMs: 1 } };
    for (let round = 0; round < 100; round += 1) {
      attack.update([["brief", brief]]);
      await tables.clock.advance(10);
    }
    expect(victim.sync.counters).toMatchObject({ keys: 2, contenders: 0 });
    await victim.sync.set("brief", "own");
    await tables.clock.settle();
    expect(honest.sync.get("brief")).toBe("own");
    await expectServed(tables, victim, honest);
  });
});
