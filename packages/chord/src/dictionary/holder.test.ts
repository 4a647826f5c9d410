// A holder alone, asked by hand: whatever comes, it answers within bounds or not at all, and keeps what it had.
import { type NodeId, NodeIdCache, nodeIdToBytes, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fingerprintBytes, partCount, shortIdOfKey } from "../store/fingerprints.js";
import { firstGroup } from "../store/holders.js";
import { ownedWrite, plainWrite, type Write } from "../store/record.js";
import { textOf } from "../store/record-store.js";
import { loneHolder as holder, loneIds } from "../testing/lone-holder.js";
import { decodeAnswer, encodeAnswer, type RefusedReason } from "./answers.js";
import { defaultDictionaryLimits } from "./dictionary-options.js";
import { decodeQuestion, encodeQuestion, type Question } from "./questions.js";

const [self, ada, bob] = loneIds;
const key = Uint8Array.of(1, 2, 3);
const all = { charge: 31, sure: 31 };
const taken = { kind: "taken", charge: 31 };

const at = (timeUs: number) => ({ timeUs, origin: bob });
const write = (timeUs: number, value = Uint8Array.of(7)): Write => plainWrite(at(timeUs), value);
const refused = (reason: RefusedReason) => ({ kind: "refused", reason });

test("[CHORD-203] [CHORD-221] it takes writes and promises, and tells what is newer", async () => {
  const { ask } = holder();
  expect(await ask({ kind: "get", key })).toEqual({ kind: "has", write: undefined, isReady: true, standing: all });
  expect(await ask({ kind: "put", key, write: write(5) })).toEqual(taken);
  expect(await ask({ kind: "put", key, write: write(4) })).toEqual({ kind: "stale", newest: at(5) });
  expect(await ask({ kind: "promise", key, ballot: at(9) })).toEqual({ kind: "promised", write: write(5), sure: 31 });
  expect(await ask({ kind: "put", key, write: write(8) })).toEqual({ kind: "stale", newest: at(9) });
  expect(await ask({ kind: "have", key, version: at(5) })).toEqual({ kind: "copied", isHeld: [true] });
  expect(await ask({ kind: "have", key, version: at(6) })).toEqual({ kind: "copied", isHeld: [false] });
});

test("[CHORD-211] it tells that it is not ready", async () => {
  const { ask } = holder({ isReady: false });
  expect(await ask({ kind: "get", key })).toMatchObject({ isReady: false });
});

test("[CHORD-265] a key that somebody asks for is in doubt, but not for one who reads it again", async () => {
  const { ask, doubted } = holder({ isSure: false });
  await ask({ kind: "put", key, write: write(5) });
  await ask({ kind: "get", key, isAgain: true });
  expect(doubted).toEqual([]);
  await ask({ kind: "get", key });
  expect(doubted).toEqual([textOf(key)]);
});

test("[CHORD-231] while it is no member it takes only what it holds by name", async () => {
  const { ask, store } = holder({ isMember: false });
  expect(await ask({ kind: "put", key, write: write(5) })).toEqual(refused("no-member"));
  expect(await ask({ kind: "promise", key, ballot: at(5) })).toEqual(refused("no-member"));
  store.set({ key, write: { ...write(5), holders: [firstGroup([self, ada])] }, promised: undefined });
  expect(await ask({ kind: "promise", key, ballot: at(6) })).toMatchObject({ kind: "promised" });
});

test("[CHORD-252] a time more than 30 min ahead is refused, and moves no clock", async () => {
  const { ask, hybrid, clock } = holder();
  const aheadUs = (clock.now() + 1_800_001) * 1_000;
  expect(await ask({ kind: "put", key, write: write(aheadUs) })).toEqual(refused("clock-ahead"));
  expect(await ask({ kind: "promise", key, ballot: at(aheadUs) })).toEqual(refused("clock-ahead"));
  expect(await ask({ kind: "copies", copies: [{ key, write: write(aheadUs) }] })).toEqual({
    kind: "copied",
    isHeld: [false],
  });
  expect(hybrid.lastUs).toBe(0);
  expect(await ask({ kind: "put", key, write: write(aheadUs - 2_000) })).toEqual(taken);
  expect(hybrid.lastUs).toBe(aheadUs - 2_000);
});

test("[CHORD-230] what takes more room than there is is refused, until something goes", async () => {
  const { ask, store } = holder({ limits: { maxStoredBytes: 3_000 } });
  const large = (n: number) =>
    ({ kind: "put", key: Uint8Array.of(n), write: write(5, new Uint8Array(1_500)) }) as const;
  expect(await ask(large(1))).toEqual(taken);
  expect(await ask(large(2))).toEqual(refused("full"));
  expect(await ask({ kind: "promise", key: Uint8Array.of(3), ballot: at(1) })).toMatchObject({ kind: "promised" });
  expect(store.byteLength).toBeLessThanOrEqual(3_000);
  store.delete(Uint8Array.of(1));
  expect(await ask(large(2))).toEqual(taken);
});

test("[CHORD-251] a flood of one node is refused, others are served, and reads go on", async () => {
  const { ask, clock, store } = holder({ limits: { writesPerSecond: 10, writesBurst: 20 } });
  const put = (n: number, from: NodeId) => ask({ kind: "put", key: Uint8Array.of(n), write: write(5) }, from);
  for (let n = 0; n < 20; n += 1) expect(await put(n, ada)).toEqual(taken);
  expect(await put(20, ada)).toEqual(refused("rate"));
  expect(await ask({ kind: "copies", copies: [{ key, write: write(5) }] })).toEqual(refused("rate"));
  expect(await put(20, bob)).toEqual(taken);
  expect(await ask({ kind: "get", key: Uint8Array.of(3) })).toMatchObject({ kind: "has" });
  await clock.advance(1_000);
  expect(await put(21, ada)).toEqual(taken);
  expect(store.size).toBe(22);
});

describe("[CHORD-251] who looks through many records pays for each 64", () => {
  const everything = { after: nodeIdToBytes(self), upTo: nodeIdToBytes(self) };
  const ids = new Uint8Array(8 * 200).map((_, at) => at * 31);
  test.each<[string, Question]>([
    ["compares", { kind: "compare", range: everything, fingerprints: new Uint8Array(partCount * fingerprintBytes) }],
    ["walks", { kind: "walk", range: everything, hasValues: false }],
  ])("when it %s", async (_name, question) => {
    const { ask, clock, store } = holder({ limits: { writesPerSecond: 10, writesBurst: 40 } });
    // Deletes: a walk goes past them, and tells of none.
    for (let n = 0; n < 640; n += 1)
      store.set({ key: Uint8Array.of(n >> 8, n), write: plainWrite(at(5), undefined), promised: undefined });
    expect(await ask(question)).not.toMatchObject({ kind: "refused" });
    expect(await ask(question)).toEqual(refused("rate"));
    expect(await ask(question, bob)).not.toMatchObject({ kind: "refused" });
    // 3,200 places were looked at: 51 tokens in all, 11 of them owed.
    await clock.advance(1_150);
    expect(await ask({ kind: "put", key, write: write(5) })).toEqual(refused("rate"));
    await clock.advance(200);
    expect(await ask({ kind: "put", key, write: write(5) })).toEqual(taken);
  });

  test("but not when it fetches: what has an id is found without a look at all others", async () => {
    const { ask, store } = holder({ limits: { writesPerSecond: 10, writesBurst: 40 } });
    for (let n = 0; n < 640; n += 1) store.set({ key: Uint8Array.of(n >> 8, n), write: write(5), promised: undefined });
    const wanted = Uint8Array.of(1, 7);
    ids.set(shortIdOfKey(wanted), 8);
    const fetch = { kind: "fetch", range: everything, ids } as const;
    for (let asked = 0; asked < 30; asked += 1)
      expect(await ask(fetch)).toEqual({ kind: "records", copies: [{ key: wanted, write: write(5) }] });
    for (let asked = 0; asked < 10; asked += 1) await ask(fetch);
    expect(await ask(fetch)).toEqual(refused("rate"));
  });
});

test("[CHORD-232] deletes and bare promises are kept for a day, and then forgotten", async () => {
  const { ask, store, hybrid, clock } = holder();
  const nowUs = hybrid.next();
  await ask({ kind: "put", key, write: plainWrite(at(nowUs), undefined) });
  await ask({ kind: "promise", key: Uint8Array.of(9), ballot: at(nowUs) });
  await ask({ kind: "put", key: Uint8Array.of(8), write: write(nowUs) });
  store.purge((clock.now() + 86_000_000) * 1_000);
  expect(store.size).toBe(3);
  store.purge((clock.now() + 86_500_000) * 1_000);
  expect(store.size).toBe(1);
});

const position = fc.uint8Array({ minLength: 48, maxLength: 48 });
const version = fc.record({ timeUs: fc.integer({ min: 1, max: 2 ** 40 }), origin: fc.constantFrom(...loneIds) });
const anyKey = fc.uint8Array({ minLength: 1, maxLength: 20 });
const anyValue = fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined });
const anyWrite: fc.Arbitrary<Write> = fc
  .record({ version, value: anyValue, kind: fc.constantFrom("plain", "atomic", "owned") })
  .map(({ version: at, value, kind }) => {
    if (kind === "owned") return ownedWrite(at, value, Uint8Array.of(1, 2, 3));
    const holders = kind === "atomic" ? ([firstGroup(loneIds)] as const) : undefined;
    return { version: at, value, holders, lineage: new Uint8Array(holders === undefined ? 0 : 20) };
  });
const copies = fc.array(fc.record({ key: anyKey, write: anyWrite }), { maxLength: 4 });
const range = fc.record({ after: position, upTo: position });
const fingerprints = fc.constant(new Uint8Array(partCount * fingerprintBytes));
const question: fc.Arbitrary<Question> = fc.oneof(
  fc.record({ kind: fc.constant("get" as const), key: anyKey }),
  fc.record({ kind: fc.constant("get" as const), key: anyKey, isAgain: fc.constant(true) }),
  fc.record({ kind: fc.constant("put" as const), key: anyKey, write: anyWrite }),
  fc.record({ kind: fc.constant("promise" as const), key: anyKey, ballot: version }),
  fc.record({ kind: fc.constant("have" as const), key: anyKey, version }),
  fc.record({ kind: fc.constant("copies" as const), copies }),
  fc.record({ kind: fc.constant("compare" as const), range, fingerprints }),
  fc.record({ kind: fc.constant("fetch" as const), range, ids: fc.constant(new Uint8Array(16)) }),
  fc.record({ kind: fc.constant("walk" as const), range, hasValues: fc.boolean() }),
);

test("[CHORD-240] [CHORD-241] questions and their answers are read as they were written", async () => {
  const { made } = holder();
  const names = new NodeIdCache();
  await fc.assert(
    fc.asyncProperty(question, async (each) => {
      expect(decodeQuestion(encodeQuestion(each), defaultDictionaryLimits, names)).toEqual(each);
      // Nobody owns these keys: what comes with a proof is refused [CHORD-276].
      const writes = each.kind === "put" ? [each] : each.kind === "copies" ? each.copies : [];
      if (writes.some(({ write: { proof } }) => proof !== undefined)) return;
      const items = await made.answer(ada, encodeQuestion(each));
      expect(encodeAnswer(decodeAnswer(items, defaultDictionaryLimits, names))).toEqual(items);
    }),
  );
});

const junk: fc.Arbitrary<WireValue> = fc.letrec<{ value: WireValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<WireValue>(
      null,
      true,
      -1,
      0,
      1.5,
      2 ** 53,
      "text",
      new Uint8Array(0),
      new Uint8Array(48),
      new Uint8Array(2_000),
      10n ** 18n,
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie("value"), { maxKeys: 2 }),
  ),
})).value;

test("[CHORD-240] wrong types in any field, missing items and junk are refused, and nothing is stored for them", async () => {
  const { made, store } = holder();
  const names = new NodeIdCache();
  const spoiled = fc.tuple(question, fc.nat(4), junk, fc.boolean()).map(([each, field, value, isCut]) => {
    const items: WireValue[] = encodeQuestion(each);
    if (isCut) return items.slice(0, field % items.length);
    items[1 + (field % Math.max(1, items.length - 1))] = value;
    return items;
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(spoiled, fc.array(junk, { maxLength: 5 })), async (items) => {
      const before = store.size;
      let isWrong = false;
      try {
        decodeQuestion(items, defaultDictionaryLimits, names);
      } catch (error) {
        expect(error).toMatchObject({ code: "bad-message" });
        isWrong = true;
      }
      if (!isWrong) return;
      await expect(made.answer(ada, items)).rejects.toMatchObject({ code: "bad-message" });
      expect(store.size).toBe(before);
    }),
    { numRuns: 500 },
  );
});

test("[CHORD-241] answers that are none are refused", () => {
  const names = new NodeIdCache();
  fc.assert(
    fc.property(fc.array(junk, { maxLength: 5 }), (items) => {
      try {
        decodeAnswer(items, defaultDictionaryLimits, names);
      } catch (error) {
        expect(error).toMatchObject({ code: "bad-message" });
      }
    }),
    { numRuns: 500 },
  );
});
