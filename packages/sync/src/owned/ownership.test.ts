// What is taken as the write of an owned key, what the owner's next one is, and what is not even looked at.
import { ownedKey } from "@p2p/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { join } from "../record/join.js";
import type { TableRecord } from "../record/record.js";
import { wholeRecord } from "../record/write.js";
import { ownedRecords } from "../testing/arbitrary-records.js";
import { ownerId, signedRecord, toyNetwork, toyOwnership } from "../testing/toy-proofs.js";
import { proofBytesOf } from "./owned-record.js";
import { Ownership, provenOf } from "./ownership.js";

const [ada, bob] = [ownerId(0), ownerId(1)];
const plain: TableRecord = wholeRecord({ timeUs: 1, origin: ada }, 1, undefined);

describe("[SYNC-110] the form of a record", () => {
  const [key, record] = signedRecord(ada, "k", 7, "value");

  test("is owned for owned keys, and for no others", () => {
    const ownership = toyOwnership(bob);
    expect(ownership.judge(key, record, undefined, false)).toBe("fits");
    expect(ownership.judge("plain", plain, undefined, false)).toBe("fits");
    expect(ownership.judge(key, plain, undefined, false)).toBe("misplaced");
    expect(ownership.judge("plain", record, undefined, false)).toBe("misplaced");
  });

  test("is plain everywhere where nodes have no identities", () => {
    const ownership = new Ownership({ self: ada, networkId: toyNetwork, proofs: undefined });
    expect([ownership.isKnown, ownership.ownerOf(key)]).toEqual([false, undefined]);
    expect(ownership.judge(key, plain, undefined, false)).toBe("fits");
    expect(ownership.judge(key, record, undefined, false)).toBe("misplaced");
  });
});

describe("[SYNC-111] [SEC-093] what the owner did not sign so", () => {
  const [key, record] = signedRecord(ada, "k", 7, { a: 1 });
  const forged: [string, string, Partial<TableRecord>][] = [
    ["another value", key, { value: { a: 2 } }],
    ["no value", key, { value: undefined }],
    ["another number", key, { timeUs: 8 }],
    ["another key of its own", ownedKey(ada, "other"), {}],
    ["the key of another owner", ownedKey(bob, "k"), { origin: bob }],
    ["another proof", key, { proof: "x".repeat(32) }],
    ["half a proof", key, { proof: record.proof?.slice(0, 16) ?? "" }],
  ];

  test.each(forged)("is forged: %s", (_name, at, change) => {
    expect(toyOwnership(bob).judge(at, { ...record, ...change }, undefined, false)).toBe("forged");
  });

  test("is taken by nobody, whatever is there and in whatever order it comes", () => {
    const change = fc.oneof(
      fc.record({ timeUs: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ value: fc.constantFrom("forged", null, {}) }),
      fc.record({ proof: fc.string({ minLength: 1, maxLength: 40, unit: "binary-ascii" }) }),
    );
    const came = fc.tuple(ownedRecords, fc.option(change, { nil: undefined }));
    fc.assert(
      fc.property(fc.array(came, { maxLength: 12 }), (all) => {
        const ownership = toyOwnership(bob);
        let held: TableRecord | undefined;
        let honest: TableRecord | undefined;
        for (const [sound, altered] of all) {
          const record = { ...sound, ...altered };
          if (ownership.judge(key, record, held, false) !== "fits") continue;
          held = held === undefined ? record : join(held, record);
        }
        for (const [sound, altered] of all) {
          const record = { ...sound, ...altered };
          if (toyOwnership(bob).judge(key, record, undefined, false) !== "fits") continue;
          honest = honest === undefined ? record : join(honest, record);
        }
        expect(held).toEqual(honest);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("what is verified", () => {
  test("is each record once, and nothing of which all is known", () => {
    const verified: Uint8Array[] = [];
    const ownership = toyOwnership(bob, verified);
    const [key, first] = signedRecord(ada, "k", 7, "one");
    const second = signedRecord(ada, "k", 8, "two")[1];
    expect(ownership.judge(key, first, undefined, false)).toBe("fits");
    expect(verified).toHaveLength(1);
    expect(ownership.judge(key, first, first, false)).toBe("fits");
    expect(ownership.judge(key, { ...first, proof: "another" }, second, false)).toBe("fits");
    expect(verified).toHaveLength(1);
    expect(ownership.judge(key, second, first, false)).toBe("fits");
    expect(verified).toHaveLength(2);
  });

  test("[SYNC-111] is all that is sent on, but for what is here to the byte", () => {
    const verified: Uint8Array[] = [];
    const ownership = toyOwnership(bob, verified);
    const [key, first] = signedRecord(ada, "k", 7, "one");
    const second = signedRecord(ada, "k", 8, "two")[1];
    expect(ownership.judge(key, { ...second }, second, true)).toBe("fits");
    expect(verified).toHaveLength(0);
    expect(ownership.judge(key, first, second, true)).toBe("fits");
    for (const change of [{ proof: "another" }, { value: "one" }, { value: undefined }, { timeUs: 7 }]) {
      expect(ownership.judge(key, { ...second, ...change }, second, true)).toBe("forged");
    }
    expect(verified).toHaveLength(5);
  });
});

describe("[SEC-096] the number of a write", () => {
  const key = ownedKey(ada, "k");
  const numberAfter = (before: number | undefined, nowUs: number): number => {
    const record = before === undefined ? undefined : signedRecord(ada, "k", before, 1)[1];
    return toyOwnership(ada).sign(key, "value", record, nowUs).timeUs;
  };

  test("is the time, or one above the one before", () => {
    expect(numberAfter(undefined, 100)).toBe(100);
    expect(numberAfter(99, 100)).toBe(100);
    expect(numberAfter(100, 100)).toBe(101);
    expect(numberAfter(2 ** 52, 100)).toBe(2 ** 52 + 1);
  });

  test("has an end", () => {
    expect(numberAfter(Number.MAX_SAFE_INTEGER - 1, 1)).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => numberAfter(Number.MAX_SAFE_INTEGER, 1)).toThrow(RangeError);
  });

  test("is signed with key and value", () => {
    const record = toyOwnership(ada).sign(key, { a: 1 }, undefined, 5);
    expect(toyOwnership(bob).judge(key, record, undefined, false)).toBe("fits");
    expect(provenOf(key, record)).toEqual({
      realm: "sync",
      key,
      sequence: 5,
      value: { a: 1 },
      proof: proofBytesOf(record.proof ?? ""),
    });
    expect([provenOf(key, undefined), provenOf("plain", plain)]).toEqual([undefined, undefined]);
  });

  test("is nothing without an identity", () => {
    const ownership = new Ownership({ self: ada, networkId: toyNetwork, proofs: undefined });
    expect(() => ownership.sign(key, 1, undefined, 1)).toThrow(TypeError);
  });
});
