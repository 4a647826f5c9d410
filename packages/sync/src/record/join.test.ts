// The merge is a join: it does not depend on order, grouping or repetition. [SYNC-020]
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freshTerms } from "../lease/lease.js";
import { freeRecord, leasedRecord, origins, ownedRecords } from "../testing/arbitrary-records.js";
import { isSameRecord } from "../testing/same-record.js";
import { ownerId, signedRecord } from "../testing/toy-proofs.js";
import { canonicalRecord } from "./canonical.js";
import { join } from "./join.js";
import type { TableRecord } from "./record.js";
import { deltaRecord, wholeRecord } from "./write.js";

const bytesOf = (record: TableRecord): string => Buffer.from(canonicalRecord("k", record)).toString("hex");
const [ada, bob] = origins as [(typeof origins)[0], (typeof origins)[0]];

describe.each([
  ["without leases", freeRecord],
  ["with leases", leasedRecord],
  ["that are owned", ownedRecords],
])("[SYNC-020] [SEC-095] records %s", (_name, record) => {
  const runs = { numRuns: 3_000 };

  test("two replicas that merge the same two records are equal", () => {
    fc.assert(
      fc.property(record, record, (a, b) => {
        expect(bytesOf(join(a, b))).toBe(bytesOf(join(b, a)));
        expect(isSameRecord(join(a, b), join(b, a))).toBe(true);
      }),
      runs,
    );
  });

  test("it does not matter which are merged first", () => {
    fc.assert(
      fc.property(record, record, record, (a, b, c) => {
        expect(bytesOf(join(join(a, b), c))).toBe(bytesOf(join(a, join(b, c))));
      }),
      runs,
    );
  });

  test("merging again changes nothing, and keeps the object", () => {
    fc.assert(
      fc.property(record, record, (a, b) => {
        const joined = join(a, b);
        expect(join(joined, a)).toBe(joined);
        expect(join(joined, b)).toBe(joined);
        expect(join(joined, joined)).toBe(joined);
      }),
      runs,
    );
  });

  test("what is seen is what the parts say", () => {
    fc.assert(
      fc.property(record, record, (a, b) => {
        expect(isSameRecord(a, b)).toBe(bytesOf(a) === bytesOf(b));
      }),
      runs,
    );
  });
});

describe("the table of the merge", () => {
  const at = (seconds: number, origin = ada) => ({ timeUs: seconds * 1_000_000, origin });

  test("[SYNC-022] the higher epoch wins, whatever its stamps", () => {
    const earlier = wholeRecord(at(9), "old", freshTerms(0, 1_000));
    const later = wholeRecord(at(8, bob), "new", freshTerms(2, 1_000));
    expect(join(earlier, later)).toBe(later);
  });

  test("[SYNC-023] of one epoch the first claim wins, and of one time the lower id", () => {
    const first = wholeRecord({ timeUs: 5_000_001, origin: bob }, "first", freshTerms(0, 1_000));
    const second = wholeRecord({ timeUs: 5_000_002, origin: ada }, "second", freshTerms(0, 1_000));
    expect(join(first, second)).toBe(first);
    const tie = wholeRecord({ timeUs: 5_000_001, origin: ada }, "tie", freshTerms(0, 1_000));
    expect(join(first, tie)).toBe(tie);
  });

  test("[SYNC-024] of one claim the later whole value wins", () => {
    const one = wholeRecord(at(1), 1, undefined);
    const two = wholeRecord(at(2), 2, undefined);
    expect(join(one, two)).toBe(two);
    expect(join(wholeRecord(at(2, bob), 3, undefined), two).value).toBe(3);
  });

  test("[SEC-095] of an owned key the higher number counts, and of one number the higher content", () => {
    const one = signedRecord(ownerId(0), "k", 1, "zzz")[1];
    const two = signedRecord(ownerId(0), "k", 2, "a")[1];
    const other = signedRecord(ownerId(0), "k", 2, "b")[1];
    const removed = signedRecord(ownerId(0), "k", 2, undefined)[1];
    expect([join(one, two), join(two, one)]).toEqual([two, two]);
    expect([join(other, two), join(two, other)]).toEqual([other, other]);
    expect([join(removed, two), join(two, removed), join(removed, one)]).toEqual([two, two, removed]);
  });

  test("[SEC-095] of one content with two proofs, what is there stays", () => {
    const one = signedRecord(ownerId(0), "k", 1, "a")[1];
    const again = { ...one, proof: "another" };
    expect([join(one, again), join(again, one)]).toEqual([one, again]);
    expect(bytesOf(one)).toBe(bytesOf(again));
  });

  test("[SYNC-025] one stamp with two contents has one winner", () => {
    const one = wholeRecord(at(1), "a", undefined);
    const two = wholeRecord(at(1), "b", undefined);
    expect(join(one, two).value).toBe("b");
    expect(join(two, one).value).toBe("b");
  });

  test("[SYNC-026] a field that is later than the whole value stays, an earlier one goes", () => {
    const whole = wholeRecord(at(5), { x: 1, y: 1 }, undefined);
    const early = deltaRecord(at(4, bob), [["x", 2]], undefined);
    const late = deltaRecord(at(6, bob), [["y", 2]], undefined);
    expect(join(join(early, late), whole).value).toEqual({ x: 1, y: 2 });
  });

  test("[SYNC-027] fields of what is no map are void until there is a map", () => {
    const delta = deltaRecord(at(6, bob), [["x", 2]], undefined);
    const text = wholeRecord(at(4), "text", undefined);
    const joined = join(delta, text);
    expect(joined.value).toBe("text");
    expect(join(joined, wholeRecord(at(5), { y: 1 }, undefined)).value).toEqual({ x: 2, y: 1 });
    expect(join(joined, wholeRecord(at(5), undefined, undefined)).value).toEqual({ x: 2 });
  });

  test("[SYNC-027] without a whole value the fields that are left are the value", () => {
    const gone = wholeRecord(at(1), undefined, undefined);
    expect(join(gone, deltaRecord(at(2), [["x", undefined]], undefined)).value).toBeUndefined();
    expect(
      join(wholeRecord(at(1), { x: 1 }, undefined), deltaRecord(at(2), [["x", undefined]], undefined)).value,
    ).toEqual({});
  });
});
