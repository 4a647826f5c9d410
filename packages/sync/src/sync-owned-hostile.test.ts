// Peers that bring what the owner of a key did not write, or what it wrote before. [SYNC-110 to SYNC-116]
import { flags, type NodeId, type WireValue } from "@p2p/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeTableOpen, encodeTableTurn } from "./messages/comparison.js";
import { encodeContender } from "./messages/notices.js";
import type { TableRecord } from "./record/record.js";
import { wholeRecord } from "./record/write.js";
import type { Refusal } from "./sync-events.js";
import { type Attack, attackOn, claim, expectServed, honestPair, turn } from "./testing/attack.js";
import { type Member, Tables } from "./testing/tables.js";
import { identified, ownerId, signedRecord } from "./testing/toy-proofs.js";
import { writerOf } from "./testing/turn-records.js";

const { subtypes } = flags;
const hourUs = 3_600_000_000;

let tables: Tables;
let victim: Member;
let honest: Member;
let attack: Attack;
let key: string;
let refused: Refusal[];

beforeEach(async () => {
  tables = new Tables();
  [victim, honest] = await honestPair(tables, (number) => identified(number));
  attack = await attackOn(tables, victim, { ...identified(9), hasLeases: true });
  key = honest.sync.owned("profile");
  await honest.sync.set(key, "mine");
  await tables.clock.settle();
  refused = [];
  victim.sync.on("refused", (each) => refused.push(each));
});

afterEach(async () => {
  attack.close();
  await tables.close();
});

const nowUs = (): number => tables.clock.now() * 1_000;

function forged(value: WireValue | undefined, sequence = nowUs() + 5): readonly [string, TableRecord] {
  const [, record] = signedRecord(honest.sync.id, "profile", sequence, value);
  return [key, { ...record, proof: "\u0001".repeat(96) }];
}

async function compared(records: readonly (readonly [string, TableRecord])[]): Promise<void> {
  attack.whisper(encodeTableOpen({ session: 1, count: 1, root: undefined, seen: [] }));
  await tables.clock.settle();
  attack.whisper(encodeTableTurn({ ...turn, number: 1, records: writerOf(records) }));
  await tables.clock.settle();
}

/** The attacker has lost its link, and nobody anything else. */
async function expectDropped(): Promise<void> {
  await tables.clock.advance(1_000);
  expect(attack.ended.map(({ name }) => name)).toEqual(["protocol"]);
  expect([victim.sync.get(key), honest.sync.get(key)]).toEqual(["mine", "mine"]);
  expect([victim.goodbyes.filter((name) => name !== "protocol"), honest.goodbyes]).toEqual([[], []]);
  await expectServed(tables, victim, honest);
}

describe("[SYNC-111] [SYNC-112] a record that its owner did not sign closes the link with `protocol`", {
  timeout: 60_000,
}, () => {
  test.each<[string, WireValue | undefined]>([
    ["a value", "forged"],
    ["a removal", undefined],
  ])("in an update: %s", async (_name, value) => {
    attack.update([["beside", claim("taken?")], forged(value)]);
    await expectDropped();
    expect([victim.sync.has("beside"), honest.sync.has("beside")]).toEqual([false, false]);
    expect(refused).toEqual([
      { key, origin: honest.sync.id, owner: honest.sync.id, reason: "forged", via: attack.node.id },
    ]);
    const [reason] = attack.ended;
    expect(reason?.text).toContain("its owner does not vouch for");
  });

  test.each<[string, () => readonly [string, TableRecord]]>([
    ["a number below that of what is there", () => forged("forged", 1)],
    ["what is there, with another proof", () => forged("mine", honest.sync.proof(key)?.sequence)],
  ])("in an update that would be sent on to who does not know better: %s", async (_name, record) => {
    attack.update([record()]);
    await expectDropped();
    expect(refused).toMatchObject([{ key, reason: "forged", via: attack.node.id }]);
  });

  test("in a comparison", async () => {
    await compared([forged("forged")]);
    await expectDropped();
    expect(refused).toMatchObject([{ key, reason: "forged", via: attack.node.id }]);
  });

  test("of a key that is not there yet", async () => {
    const [, record] = signedRecord(ownerId(7), "new", nowUs(), 1);
    await compared([[`@${ownerId(7)}/other`, record]]);
    await expectDropped();
    expect(victim.sync.size).toBe(honest.sync.size);
  });

  test("as a flood costs one verification, and honest traffic goes on", async () => {
    for (let count = 0; count < 100; count += 1) attack.update([forged("forged", nowUs() + 5 + count)]);
    await expectDropped();
    expect(refused).toHaveLength(1);
  });
});

describe("[SYNC-110] a record in the form of another key closes the link with `protocol`", { timeout: 60_000 }, () => {
  const plain = (): TableRecord => wholeRecord({ timeUs: nowUs(), origin: attack.node.id }, "plain", claim(0).terms);

  test("an owned key as a plain entry", async () => {
    attack.update([[key, claim("plain")]]);
    await expectDropped();
  });

  test("an owned key as a plain record", async () => {
    await compared([[key, { ...plain(), fields: undefined, value: undefined }]]);
    await expectDropped();
  });

  test("an owned key in a run", async () => {
    await compared([
      ["a", plain()],
      [key, plain()],
    ]);
    await expectDropped();
  });

  test("an owned key in a run to an empty table", async () => {
    const { sync } = await tables.add({ ...identified(3), bootstrap: [], advertise: [] });
    const late = tables.members.at(-1) as Member;
    const other = await attackOn(tables, late, identified(8));
    other.whisper(encodeTableOpen({ session: 1, count: 2, root: undefined, seen: [] }));
    await tables.clock.settle();
    const records: [string, TableRecord][] = [
      ["a", { ...plain(), origin: other.node.id }],
      [key, { ...plain(), origin: other.node.id }],
    ];
    other.whisper(encodeTableTurn({ ...turn, number: 1, records: writerOf(records) }));
    await tables.clock.advance(1_000);
    expect([other.ended.map(({ name }) => name), sync.has(key)]).toEqual([["protocol"], false]);
    other.close();
  });

  test("an owned entry of a key that nobody owns", async () => {
    const proof = new Uint8Array(96);
    attack.broadcast([subtypes.store, nowUs(), 0, [["plain", 4, proof, nowUs(), 1]]]);
    await expectDropped();
  });

  test("an owned record as a contender", async () => {
    attack.whisper(encodeContender(signedRecord(honest.sync.id, "profile", nowUs() + 9, "signed")));
    await expectDropped();
  });
});

describe("what an owner signed", { timeout: 60_000 }, () => {
  const own = (sequence: number, value: WireValue | undefined): readonly [string, TableRecord] =>
    signedRecord(honest.sync.id, "profile", sequence, value);

  test("[SEC-095] and then replaced is not taken again, and nobody is blamed", async () => {
    attack.update([own(1, "old")]);
    await compared([own(2, "older")]);
    await tables.clock.advance(1_000);
    expect([attack.ended, victim.sync.get(key)]).toEqual([[], "mine"]);
  });

  test("is taken from anybody", async () => {
    await compared([own(nowUs() + 5, "newer")]);
    await tables.clock.advance(180_000);
    expect([attack.ended, victim.sync.get(key), honest.sync.get(key)]).toEqual([[], "newer", "newer"]);
    await honest.sync.set(key, "newest");
    await tables.clock.settle();
    expect([victim.sync.get(key), tables.digests.length]).toEqual(["newest", 1]);
  });

  test("[SEC-095] with one number twice ends the same everywhere", async () => {
    const sequence = nowUs() + 5;
    attack.update([own(sequence, "a")]);
    await tables.clock.settle();
    attack.update([own(sequence, "b")], nowUs() + 7);
    await tables.clock.settle();
    attack.update([own(sequence, undefined)], nowUs() + 9);
    await tables.clock.settle();
    expect([victim.sync.get(key), honest.sync.get(key)]).toEqual(["b", "b"]);
  });

  test("[SYNC-113] [SYNC-114] in an update from the future is taken and sent on; what else is in such an update is not", async () => {
    attack.update([own(nowUs() + 10 * hourUs, "from the future")], nowUs() + 10 * hourUs);
    await tables.clock.settle();
    expect([victim.sync.get(key), honest.sync.get(key)]).toEqual(["from the future", "from the future"]);
    attack.update([own(nowUs() + 20 * hourUs, "beside"), ["plain", claim(1)]], nowUs() + 20 * hourUs);
    await tables.clock.settle();
    expect([victim.sync.get(key), victim.sync.has("plain")]).toEqual(["beside", false]);
    // Not sent on; the next comparison brings what was taken.
    expect(honest.sync.get(key)).toBe("from the future");
    await victim.sync.set("mine", 1);
    expect(victim.sync.entry("mine")?.version.timeUs).toBeLessThan(nowUs() + hourUs);
    await tables.clock.advance(180_000);
    expect([honest.sync.get(key), attack.ended]).toEqual(["beside", []]);
  });

  test("[SYNC-115] is not forgotten because somebody says that it is gone", async () => {
    await tables.clock.advance(60_000);
    attack.whisper(encodeTableOpen({ session: 1, count: 0, root: undefined, seen: [] }));
    await tables.clock.settle();
    attack.whisper(encodeTableTurn({ ...turn, number: 1, gone: [key] }));
    await tables.clock.advance(1_000);
    expect([victim.sync.get(key), attack.ended]).toEqual(["mine", []]);
  });
});

describe("[SYNC-102] fields without end", { timeout: 60_000 }, () => {
  test("are not taken beyond the limit, nor counted as seen", async () => {
    const others = new Tables();
    const options = { leases: false, syncLimits: { maxFields: 100 } };
    const [member, other] = await honestPair(others, () => options);
    const rude = await attackOn(others, member, { hasLeases: false });
    const fields = (from: number, count: number): [string, NonNullable<TableRecord["fields"]>["byName"]] => [
      "wide",
      new Map(
        Array.from({ length: count }, (_, at) => {
          const origin = rude.node.id as NodeId;
          return [`f${from + at}`, { timeUs: others.clock.now() * 1_000, origin, value: at }] as const;
        }),
      ),
    ];
    for (let round = 0; round < 3; round += 1) {
      const [name, byName] = fields(round * 60, 60);
      const record = {
        timeUs: 0,
        origin: "" as NodeId,
        value: {},
        terms: undefined,
        fields: { base: undefined, byName },
      };
      rude.update([[name, record]], others.clock.now() * 1_000 + round);
      await others.clock.advance(1_000);
    }
    for (const { sync } of [member, other]) expect(Object.keys(sync.get("wide") ?? {})).toHaveLength(60);
    expect(member.errors).toMatchObject([{ code: "table-full", key: "wide" }]);
    const more = (count: number): Record<string, WireValue> =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`g${at}`, 1]));
    await expect(member.sync.applyDelta("wide", more(41))).rejects.toMatchObject({ code: "too-large", key: "wide" });
    await member.sync.applyDelta("wide", more(40));
    await member.sync.set("wide", {});
    await member.sync.applyDelta("wide", { a: 1 });
    await others.clock.settle();
    expect(other.sync.get("wide")).toEqual({ a: 1 });
    rude.close();
    await others.close();
  });
});
