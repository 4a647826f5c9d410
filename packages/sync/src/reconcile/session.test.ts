// Comparisons of tables: what they cost, and that they end in equal tables. [SYNC-074 to SYNC-079]
import type { NodeId } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freshTerms } from "../lease/lease.js";
import { modes } from "../messages/comparison.js";
import type { TableRecord } from "../record/record.js";
import { deltaRecord, wholeRecord } from "../record/write.js";
import { freeRecord, origins } from "../testing/arbitrary-records.js";
import { compareTables, type TestReplica, testReplica } from "../testing/comparing.js";
import { tableDigest } from "./digest.js";

const [ada, bob] = origins as [NodeId, NodeId];
const startUs = 1_795_000_000_000_000;

function fill(replica: TestReplica, count: number, prefix = "key"): void {
  for (let index = 0; index < count; index++) write(replica, `${prefix}/${index}`, index, startUs + index);
}

function write(replica: TestReplica, key: string, value: number, timeUs: number): void {
  const record = wholeRecord({ timeUs, origin: ada }, value, freshTerms(0, 3_600_000));
  expect(replica.table.merge(key, record, replica.nowUs)).toBe("adopted");
}

function pair(count: number): [TestReplica, TestReplica] {
  const replicas: [TestReplica, TestReplica] = [testReplica(ada, startUs), testReplica(bob, startUs)];
  for (const replica of replicas) {
    fill(replica, count);
    replica.table.fingerprints.root();
  }
  return replicas;
}

function expectEqual(a: TestReplica, b: TestReplica): void {
  expect(a.table.fingerprints.root()).toEqual(b.table.fingerprints.root());
  expect(tableDigest(a.table)).toEqual(tableDigest(b.table));
  expect(a.table.recordCount).toBe(b.table.recordCount);
}

const leased = { hasLeases: true };

describe("what it costs", () => {
  test("[SYNC-074] equal tables take one message each way", () => {
    const [a, b] = pair(1_000);
    expect(compareTables(a, b, leased)).toMatchObject({ mode: modes.equal, isOver: true, messages: 2 });
  });

  test("[SYNC-075] ten differences of 100,000 keys take less than 64 KiB and few round trips", () => {
    const [a, b] = pair(100_000);
    for (let index = 0; index < 10; index++) {
      const replica = index % 2 === 0 ? a : b;
      if (index < 4) replica.table.drop(`key/${index * 9_999}`);
      else if (index < 7) write(replica, `new/${index}`, index, startUs + 200_000 + index);
      else {
        const record = wholeRecord({ timeUs: startUs + 300_000 + index, origin: ada }, "changed", {
          rise: 0,
          claimUs: startUs + index * 9_999,
          renewedUs: undefined,
          leaseMs: 3_600_000,
          freedUs: undefined,
        });
        expect(replica.table.merge(`key/${index * 9_999}`, record, startUs)).toBe("adopted");
      }
    }
    const comparison = compareTables(a, b, leased);
    expect(comparison).toMatchObject({ mode: modes.compare, isOver: true });
    expect(comparison.bytes).toBeLessThan(65_536);
    expect(comparison.messages).toBeLessThanOrEqual(10);
    expectEqual(a, b);
  }, 60_000);

  test("[SYNC-076] an empty table gets all in turns of bounded size, without a fingerprint being computed", () => {
    const [a, b] = [testReplica(ada, startUs), testReplica(bob, startUs)];
    fill(a, 20_000);
    const comparison = compareTables(a, b, { ...leased, turnBytes: 65_536 });
    expect(comparison).toMatchObject({ mode: modes.stream, isOver: true, records: 20_000 });
    expect(a.table.fingerprints.isReady).toBe(false);
    expect(comparison.messages).toBeGreaterThan(10);
    expectEqual(a, b);
  });
});

describe("streams", () => {
  test("[SYNC-075] what came by a stream is told on, turn by turn, also to who stands by while it comes", () => {
    const [a, b, c] = [testReplica(ada, startUs), testReplica(bob, startUs), testReplica(bob, startUs)];
    fill(a, 20_000);
    compareTables(a, b, leased);
    const comparison = compareTables(b, c, { ...leased, turnBytes: 16_384 });
    expect(comparison).toMatchObject({ mode: modes.stream, isOver: true, records: 20_000 });
    expectEqual(a, c);
  });

  test("[SYNC-075] both sides tell all they have, whoever writes meanwhile", () => {
    const [a, b] = [testReplica(ada, startUs), testReplica(bob, startUs)];
    fill(a, 9_000);
    for (let index = 0; index < 2_000; index++) write(b, `b/${index}`, index, startUs + 20_000 + index);
    let written = 0;
    const meanwhile = (): void => {
      write(b, `c/${written++}`, written, startUs + 30_000 + written);
    };
    const comparison = compareTables(a, b, { ...leased, turnBytes: 8_192, meanwhile });
    expect(comparison).toMatchObject({ mode: modes.stream, isOver: true });
    compareTables(a, b, leased);
    expectEqual(a, b);
  });

  test.each([false, true])("[SYNC-087] end, wherever turns are cut, whatever is dropped meanwhile: %s", (isDropped) => {
    for (let turnBytes = 20; turnBytes < 1_000; turnBytes += 7) {
      const [a, b] = [testReplica(ada, startUs), testReplica(bob, startUs)];
      fill(a, 40);
      const meanwhile = (message: number): void => {
        if (isDropped) for (let index = 0; index < 8; index++) a.table.drop(`key/${40 - 8 * message + index}`);
      };
      expect(compareTables(a, b, { ...leased, turnBytes, meanwhile }).isOver).toBe(true);
      if (!isDropped) expectEqual(a, b);
    }
  });

  test("[SYNC-066] [SYNC-067] keys that were forgotten are said to be gone, in whatever turn they come", () => {
    const dayUs = 86_400_000_000;
    const [a, b] = [testReplica(ada, startUs), testReplica(bob, startUs)];
    fill(a, 9_000);
    b.seen.merge([[ada, startUs + dayUs]]);
    for (const replica of [a, b]) replica.nowUs = startUs + 2 * dayUs;
    write(b, "b", 1, startUs + 2 * dayUs);
    expect(compareTables(a, b, { ...leased, turnBytes: 4_096 })).toMatchObject({ mode: modes.stream, isOver: true });
    expect([a.table.recordCount, b.table.recordCount]).toEqual([1, 1]);
    expectEqual(a, b);
  });
});

describe("what it does", () => {
  const keys = fc.constantFrom(...Array.from({ length: 200 }, (_, index) => `k${index}`));
  const table: fc.Arbitrary<(readonly [string, TableRecord])[]> = fc.array(fc.tuple(keys, freeRecord), {
    maxLength: 150,
  });
  const isNothing = (record: TableRecord): boolean => record.timeUs === 0 && record.fields === undefined;

  test("[SYNC-074] two tables of whatever content are equal after one comparison", () => {
    fc.assert(
      fc.property(table, table, table, fc.integer({ min: 100, max: 5_000 }), (common, one, two, turnBytes) => {
        const [a, b] = [testReplica(ada, startUs), testReplica(bob, startUs)];
        for (const [replica, own] of [
          [a, one],
          [b, two],
        ] as const) {
          for (const [key, record] of [...common, ...own]) {
            if (!isNothing(record)) replica.table.merge(key, record, startUs);
          }
        }
        a.table.fingerprints.root();
        expect(compareTables(a, b, { turnBytes }).isOver).toBe(true);
        expectEqual(a, b);
        expect(compareTables(b, a).messages).toBe(2);
      }),
      { numRuns: 200 },
    );
  });

  test("[SYNC-074] tables that are written to meanwhile are equal after another one", () => {
    const [a, b] = pair(3_000);
    for (let index = 0; index < 1_000; index++) {
      write(a, `a/${index}`, index, startUs + 10_000 + index);
      write(b, `b/${index}`, index, startUs + 20_000 + index);
    }
    let written = 0;
    const meanwhile = (message: number): void => {
      for (let count = 0; count < 50; count++) {
        write(message % 2 === 0 ? a : b, `c/${written}`, written, startUs + 30_000 + written);
        written++;
      }
    };
    expect(compareTables(a, b, { hasLeases: true, turnBytes: 4_096, meanwhile }).isOver).toBe(true);
    expect(compareTables(a, b, { hasLeases: true }).isOver).toBe(true);
    expectEqual(a, b);
  });

  test("[SYNC-085] a record with more fields than a message takes is told in parts", () => {
    const [a, b] = [testReplica(ada, startUs), testReplica(bob, startUs)];
    a.table.merge("k", wholeRecord({ timeUs: startUs, origin: ada }, { kept: 1 }, undefined), startUs);
    for (let index = 0; index < 40; index++) {
      const stamp = { timeUs: startUs + 1 + index, origin: bob };
      a.table.merge("k", deltaRecord(stamp, [[`f${index}`, "x".repeat(60_000)]], undefined), startUs);
    }
    const comparison = compareTables(a, b);
    expect(comparison.isOver).toBe(true);
    expect(comparison.records).toBeGreaterThan(10);
    expectEqual(a, b);
  });
});
