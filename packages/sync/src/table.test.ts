// The table in memory: its count of bytes, what it forgets, and what it drops. [SYNC-065 to SYNC-068] [SYNC-091]
import type { NodeId } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freshTerms } from "./lease/lease.js";
import { memorySizeOf } from "./record/size.js";
import { deltaRecord, wholeRecord } from "./record/write.js";
import { SeenVector } from "./seen-vector.js";
import { Table } from "./table.js";
import { freeRecord, origins } from "./testing/arbitrary-records.js";
import { hourMs, testReplica } from "./testing/comparing.js";
import { ownerId, signedRecord } from "./testing/toy-proofs.js";

const [ada, bob] = origins as [NodeId, NodeId];
const hourUs = hourMs * 1_000;
const startUs = 1_795_000_000_000_000;
const at = (hours: number, origin = ada) => ({ timeUs: startUs + hours * hourUs, origin });

describe("bytes", () => {
  test("[SYNC-091] are counted, whatever happens", () => {
    const change = fc.tuple(fc.constantFrom("a", "b", "c"), fc.oneof(freeRecord, fc.constant(undefined)));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const { table } = testReplica(ada, startUs);
        for (const [key, record] of changes) {
          if (record === undefined) table.drop(key);
          else table.merge(key, record, startUs);
        }
        let bytes = 0;
        let live = 0;
        for (const { key, record } of table.entries()) {
          if (record === undefined) continue;
          bytes += memorySizeOf(key, record);
          if (record.value !== undefined) live++;
        }
        expect(table.bytes).toBe(bytes);
        expect(table.size).toBe(live);
      }),
    );
  });

  test("[SYNC-091] a full table takes nothing new, and what shrinks it", () => {
    const table = new Table({ maxAheadMs: hourMs / 2, tombstoneMs: 24 * hourMs, maxTableBytes: 1_000 });
    expect(table.merge("a", wholeRecord(at(0), "x".repeat(700), undefined), startUs)).toBe("adopted");
    expect(table.merge("b", wholeRecord(at(0), "x".repeat(700), undefined), startUs)).toBe("full");
    expect(table.get("b")).toBeUndefined();
    expect(table.merge("a", wholeRecord(at(0.1), undefined, undefined), startUs)).toBe("adopted");
    expect(table.merge("b", wholeRecord(at(0), "x", undefined), startUs)).toBe("adopted");
  });
});

describe("[SYNC-102] fields of a key", () => {
  const delta = (from: number, count: number, hours = 1) =>
    deltaRecord(
      at(hours),
      Array.from({ length: count }, (_, index) => [`f${from + index}`, 1] as const),
      undefined,
    );
  const limited = () => new Table({ maxAheadMs: hourMs, tombstoneMs: 24 * hourMs, maxTableBytes: 1e6, maxFields: 10 });

  test("are no more than the limit, removed ones among them, however they come", () => {
    const table = limited();
    expect(table.merge("k", delta(0, 11), startUs)).toBe("crowded");
    expect(table.get("k")).toBeUndefined();
    expect(table.merge("k", delta(0, 8), startUs)).toBe("adopted");
    expect(table.merge("k", delta(8, 3), startUs)).toBe("crowded");
    expect(table.merge("k", delta(8, 2), startUs)).toBe("adopted");
    expect(table.merge("k", delta(0, 10), startUs)).toBe("known");
    expect(table.merge("k", deltaRecord(at(0.5), [["g", undefined]], undefined), startUs)).toBe("crowded");
    expect(table.get("k")?.fields?.byName.size).toBe(10);
  });

  test("are forgotten with the whole value after them", () => {
    const table = limited();
    table.merge("k", delta(0, 10, 0), startUs);
    expect(table.merge("k", wholeRecord(at(0.1), {}, undefined), startUs)).toBe("adopted");
    expect(table.merge("k", delta(20, 10, 0.2), startUs)).toBe("adopted");
  });

  test("of a contender are no more either", () => {
    const table = limited();
    const leased = freshTerms(0, hourMs);
    table.merge("k", wholeRecord(at(0), 1, leased), startUs);
    const claim = { rise: 5, claimUs: undefined, renewedUs: undefined, leaseMs: hourMs, freedUs: undefined };
    expect(table.merge("k", wholeRecord(at(0.1, bob), {}, claim), startUs)).toBe("refused");
    const own = { ...claim, claimUs: at(0.1).timeUs };
    const of = (from: number) =>
      deltaRecord(
        at(0.2, bob),
        Array.from({ length: 6 }, (_, n) => [`f${from + n}`, 1]),
        own,
      );
    expect(table.merge("k", of(0), startUs)).toBe("refused");
    expect(table.merge("k", of(6), startUs)).toBe("full");
    expect(table.contender("k")?.fields?.byName.size).toBe(6);
  });
});

describe("[SYNC-118] the room of owned keys", () => {
  const big = "x".repeat(400);
  const owned = (name: string, sequence = 1, value = big) => signedRecord(ownerId(0), name, sequence, value);
  const plain = (): ReturnType<typeof wholeRecord> => wholeRecord(at(0), big, undefined);

  test("is half of the table's; the rest is left to others", () => {
    const table = new Table({ maxAheadMs: hourMs, tombstoneMs: 24 * hourMs, maxTableBytes: 4_500 });
    const outcomes = ["a", "b", "c", "d"].map((name) => table.merge(...owned(name), startUs));
    expect(outcomes).toEqual(["adopted", "adopted", "full", "full"]);
    expect(["a", "b", "c", "d"].map((key) => table.merge(key, plain(), startUs))).toEqual(Array(4).fill("adopted"));
    expect([table.size, table.merge("e", plain(), startUs)]).toEqual([6, "full"]);
  });

  test("is counted whatever happens, and free again with what shrinks", () => {
    const table = new Table({ maxAheadMs: hourMs, tombstoneMs: 24 * hourMs, maxTableBytes: 10_000 });
    const before = table.ownedRoomBytes;
    table.merge(...owned("a"), startUs);
    table.merge(...owned("a", 2, "short"), startUs);
    const [key, record] = owned("a", 2, "short");
    expect(before - table.ownedRoomBytes).toBe(memorySizeOf(key, record));
    table.merge("plain", plain(), startUs);
    expect(before - table.ownedRoomBytes).toBe(memorySizeOf(key, record));
    for (let number = 0; number < 30; number += 1) table.merge(...owned(`${number}`), startUs);
    expect(table.merge(...owned("0", 3, ""), startUs)).toBe("adopted");
    table.drop(key);
    expect(table.ownedRoomBytes).toBeGreaterThan(0);
  });
});

describe("[SEC-097] [SYNC-115] owned keys", () => {
  const [key, record] = signedRecord(ownerId(0), "k", 5, "value");
  const removed = signedRecord(ownerId(0), "gone", 6, undefined);
  const later = startUs + 1_000 * hourUs;

  test("are never forgotten, with a value or without", () => {
    const { table } = testReplica(ada, startUs);
    table.merge(key, record, startUs);
    table.merge(...removed, startUs);
    expect(table.sweep(later)).toEqual([]);
    expect([table.dropGone(key, later), table.dropGone(removed[0], later)]).toEqual([false, false]);
    expect([table.size, table.recordCount]).toEqual([1, 2]);
  });

  test("are never gone for who has seen all of their owner", () => {
    const { table } = testReplica(ada, startUs);
    const seen = new SeenVector();
    seen.merge([[ownerId(0), later]]);
    expect(table.isGone(key, record, seen, later)).toBe(false);
  });

  test("[SYNC-113] are of no time", () => {
    const { table } = testReplica(ada, startUs);
    const [, far] = signedRecord(ownerId(0), "k", Number.MAX_SAFE_INTEGER, "far");
    expect(table.merge(key, far, startUs)).toBe("adopted");
    expect(table.merge(key, record, startUs)).toBe("known");
  });
});

describe("tombstones", () => {
  const later = startUs + 24 * hourUs;

  test("[SYNC-065] are forgotten after 24 h, values never", () => {
    const { table } = testReplica(ada, startUs);
    table.merge("gone", wholeRecord(at(0), undefined, undefined), startUs);
    table.merge("kept", wholeRecord(at(0), 1, undefined), startUs);
    expect(table.sweep(later)).toEqual([]);
    expect(table.sweep(later + 1)).toEqual(["gone"]);
    expect(table.recordCount).toBe(1);
  });

  test("[SYNC-065] are kept while the lease on the key holds", () => {
    const { table } = testReplica(ada, startUs);
    table.merge("gone", wholeRecord(at(0), undefined, freshTerms(0, 30 * hourMs)), startUs);
    expect(table.sweep(later + 1)).toEqual([]);
    expect(table.sweep(startUs + 30 * hourUs)).toEqual(["gone"]);
  });
});

describe("[SYNC-066] what was seen, deleted and forgotten", () => {
  const old = startUs + 24 * hourUs;
  const seenAll = (): SeenVector => {
    const seen = new SeenVector();
    seen.merge([[ada, startUs + hourUs]]);
    return seen;
  };
  const value = wholeRecord(at(0), 1, undefined);

  test("is gone", () => {
    expect(testReplica(bob).table.isGone("k", value, seenAll(), old)).toBe(true);
  });

  test.each([
    ["what was not seen", wholeRecord(at(2), 1, undefined), old + 2 * hourUs],
    ["what others wrote of it", deltaRecord(at(0, bob), [["x", 1]], undefined), old],
    ["what is young", value, startUs + 23 * hourUs],
    ["what is leased", wholeRecord(at(0), 1, freshTerms(0, 25 * hourMs)), old],
  ])("is not: %s", (_name, record, nowUs) => {
    expect(testReplica(bob).table.isGone("k", record, seenAll(), nowUs)).toBe(false);
  });

  test("is not: what is here", () => {
    const { table } = testReplica(bob);
    table.merge("k", value, old);
    expect(table.isGone("k", value, seenAll(), old)).toBe(false);
  });

  test("[SYNC-067] is dropped when a peer says so, if it is old and free", () => {
    const { table } = testReplica(bob);
    table.merge("old", value, old);
    table.merge("young", wholeRecord(at(3), 1, undefined), old);
    table.merge("leased", wholeRecord(at(0), 1, freshTerms(0, 25 * hourMs)), old);
    expect(["old", "young", "leased", "none"].map((key) => table.dropGone(key, old))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(table.recordCount).toBe(2);
  });
});
