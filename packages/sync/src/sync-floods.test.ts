// What an attacker has too much of: each flood stays within bounds, and honest nodes are served during it and after.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeTableOpen, encodeTableTurn } from "./messages/comparison.js";
import { type Attack, type AttackOptions, attackOn, claim, turn } from "./testing/attack.js";
import { type Member, Tables } from "./testing/tables.js";
import { writerOf } from "./testing/turn-records.js";

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
});
