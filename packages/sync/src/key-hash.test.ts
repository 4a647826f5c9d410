import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyHash } from "./key-hash.js";
import { OriginList } from "./messages/full-record.js";
import { PlainRun } from "./messages/plain-run.js";
import { decodeRecords } from "./messages/record-runs.js";
import { wholeRecord } from "./record/write.js";
import { origins } from "./testing/arbitrary-records.js";
import { writerOf } from "./testing/turn-records.js";

/** Keys as they come over the wire. */
function runOf(keys: readonly string[]): PlainRun {
  const [origin] = origins as [(typeof origins)[number]];
  const list = new OriginList();
  const items = writerOf(keys.map((key) => [key, wholeRecord({ timeUs: 1, origin }, 1, undefined)])).encode(list);
  const [run] = decodeRecords(items as never[], OriginList.read(list.toBytes()), false);
  if (!(run instanceof PlainRun)) throw new Error("these records make no run");
  return run;
}

test("a key has one hash, as a text and in a run", () => {
  const key = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 20 }), fc.integer(), (keys, seed) => {
      const hash = new KeyHash(seed);
      expect([...hash.ofRun(runOf(keys))]).toEqual(keys.map((each) => hash.ofKey(each)));
    }),
  );
});

test("keys that meet in one table lie apart in another", () => {
  const keys = Array.from({ length: 60_000 }, (_, number) => `key ${number}`);
  const slotsOf = (seed: number): number[] => [...new KeyHash(seed).ofRun(runOf(keys))].map((hash) => hash & 0xff);
  const [own, others] = [slotsOf(1), slotsOf(0x7654_3210)];
  const meeting = keys.flatMap((_, index) => (own[index] === 7 ? [index] : []));
  expect(meeting.length).toBeGreaterThan(150);
  expect(new Set(meeting.map((index) => others[index])).size).toBeGreaterThan(100);
});

test("a key over the limit has the hash of one that nobody has", () => {
  const hash = new KeyHash(5);
  hash.ofKey("x".repeat(5_000));
  expect(hash.length).toBe(0);
});
