// What an attacker forges: records in the name of others, at times and with epochs at the edge of what is allowed.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeTableOpen, encodeTableTurn } from "./messages/comparison.js";
import { encodeContender } from "./messages/notices.js";
import type { TableRecord } from "./record/record.js";
import { type Attack, attackOn, claim, expectServed, honestPair, turn } from "./testing/attack.js";
import { type Member, Tables } from "./testing/tables.js";
import { writerOf } from "./testing/turn-records.js";

let tables: Tables;
let attack: Attack;
let victim: Member;
let honest: Member;

beforeEach(async () => {
  tables = new Tables();
  [victim, honest] = await honestPair(tables);
  attack = await attackOn(tables, victim);
});

afterEach(async () => {
  attack.close();
  await tables.close();
});

const aheadUs = 29 * 60_000_000;

/** A claim of another's key, 29 min ahead, with the highest epoch of that time. */
function highest(): TableRecord {
  const timeUs = tables.clock.now() * 1_000 + aheadUs;
  return { ...claim("forged", timeUs - Math.floor(timeUs / 1e6)), timeUs, origin: attack.node.id };
}

describe("[SYNC-048] the highest epoch there is, of a time that is ahead", { timeout: 60_000 }, () => {
  async function expectAsserted(): Promise<void> {
    await tables.clock.advance(10_000);
    expect([victim.goodbyes, honest.goodbyes]).toEqual([[], []]);
    await expectServed(tables, victim, honest);
    expect(honest.sync.lease("kept")?.owner).toBe(victim.sync.id);
  }

  test("in a notice", async () => {
    attack.whisper(encodeContender(["kept", highest()]));
    await expectAsserted();
  });

  test("in an update", async () => {
    const { timeUs, ...record } = highest();
    attack.update([["kept", { ...record, timeUs }]], timeUs);
    await expectAsserted();
  });

  test("in a comparison", async () => {
    attack.whisper(encodeTableOpen({ session: 1, count: 1, root: undefined, seen: [] }));
    await tables.clock.settle();
    attack.whisper(encodeTableTurn({ ...turn, number: 1, records: writerOf([["kept", highest()]]) }));
    await expectAsserted();
  });
});

describe("[SYNC-012] a record in the name of its victim, ahead of its clock", { timeout: 60_000 }, () => {
  test("does not win over what the victim writes then", async () => {
    const entry = victim.sync.entry("kept");
    const lease = victim.sync.lease("kept");
    if (entry === undefined || lease === undefined) throw new Error("the key is there");
    const timeUs = tables.clock.now() * 1_000 + aheadUs;
    const terms = {
      rise: 0,
      claimUs: entry.version.timeUs,
      renewedUs: undefined,
      leaseMs: 3_600_000,
      freedUs: undefined,
    };
    const record: TableRecord = { timeUs, origin: victim.sync.id, value: "forged", terms, fields: undefined };
    attack.whisper(encodeContender(["kept", record]));
    await tables.clock.settle();
    expect(victim.sync.get("kept")).toBe("forged");
    const written = await victim.sync.set("kept", "value");
    expect(victim.sync.entry("kept")).toEqual(written);
    await tables.clock.advance(5_000);
    await expectServed(tables, victim, honest);
  });
});
