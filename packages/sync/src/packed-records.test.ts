import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyHash } from "./key-hash.js";
import { freshTerms } from "./lease/lease.js";
import type { FullRecord } from "./messages/full-record.js";
import { OriginList } from "./messages/full-record.js";
import { PlainRun } from "./messages/plain-run.js";
import { decodeRecords } from "./messages/record-runs.js";
import { tableDigest } from "./reconcile/digest.js";
import { wholeRecord } from "./record/write.js";
import { Table } from "./table.js";
import { origins } from "./testing/arbitrary-records.js";
import { testReplica } from "./testing/comparing.js";
import { writerOf } from "./testing/turn-records.js";

const nowUs = 1_795_000_000_000_000;
const terms = freshTerms(0, 3_600_000);
const [ada = "", bob = ""] = origins;

function recordOf(value: number, timeUs = nowUs - 1_000, origin = ada): FullRecord[1] {
  return wholeRecord({ timeUs, origin: origin as (typeof origins)[number] }, value, terms);
}

/** What comes over the wire of records of one origin. */
function runOf(records: readonly FullRecord[]): PlainRun {
  const list = new OriginList();
  const items = writerOf(records).encode(list);
  const [run] = decodeRecords(items as never[], OriginList.read(list.toBytes()), true);
  if (!(run instanceof PlainRun)) throw new Error("these records make no run");
  return run;
}

function take(table: Table, records: readonly FullRecord[]): void {
  for (const left of table.takeRun(runOf(records), nowUs)) table.merge(...left, nowUs);
}

function numbered(from: number, to: number, prefix = "key"): FullRecord[] {
  return Array.from({ length: to - from }, (_, n): FullRecord => [`${prefix} ${from + n}`, recordOf(from + n)]);
}

describe("a table filled by runs", () => {
  test("[SYNC-089] reads, counts and lists what came, in the order of its coming", () => {
    const { table } = testReplica(ada as never, nowUs);
    take(table, numbered(0, 3_000));
    take(table, numbered(3_000, 10_000));
    expect([table.size, table.recordCount]).toEqual([10_000, 10_000]);
    expect([table.get("key 0")?.value, table.get("key 9999")?.value, table.get("key 10000")]).toEqual([
      0,
      9_999,
      undefined,
    ]);
    expect(table.get("x".repeat(5_000))).toBeUndefined();
    expect([...table.entries()].map(({ key }) => key)).toEqual(numbered(0, 10_000).map(([key]) => key));
    expect(table.size).toBe(10_000);
  });

  test("[SYNC-020] is the same as one that took its records one by one, whatever happens to them", () => {
    const key = fc.constantFrom(
      "a",
      "b",
      "é",
      "日本",
      "𐍈",
      "__proto__",
      "constructor",
      ...numbered(0, 30).map(([name]) => name),
    );
    const write = fc.tuple(key, fc.nat(5), fc.nat(9), fc.constantFrom(ada, bob));
    const step = fc.oneof(
      fc.record({ kind: fc.constant("run" as const), writes: fc.array(write, { minLength: 1, maxLength: 20 }) }),
      fc.record({ kind: fc.constant("one" as const), write }),
      fc.record({ kind: fc.constantFrom("drop" as const, "get" as const), key }),
      fc.record({ kind: fc.constantFrom("prepare" as const, "list" as const), count: fc.nat(10) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const [packed, plain] = [testReplica(ada as never, nowUs).table, testReplica(ada as never, nowUs).table];
        for (const one of steps) {
          if (one.kind === "run") {
            const records = one.writes.map(([name, value, late]): FullRecord => [name, recordOf(value, nowUs - late)]);
            take(packed, records);
            for (const each of records) plain.merge(...each, nowUs);
          } else if (one.kind === "one") {
            const [name, value, late, origin] = one.write;
            for (const table of [packed, plain])
              table.merge(name, recordOf(value, nowUs - late, origin as never), nowUs);
          } else if (one.kind === "drop") for (const table of [packed, plain]) table.drop(one.key);
          else if (one.kind === "get") expect(packed.get(one.key)).toEqual(plain.get(one.key));
          else if (one.kind === "prepare") packed.prepare(one.count);
          else
            expect([...packed.entries()].map(({ key: name }) => name).sort()).toEqual(
              [...plain.entries()].map(({ key: name }) => name).sort(),
            );
          expect([packed.size, packed.recordCount, packed.bytes]).toEqual([plain.size, plain.recordCount, plain.bytes]);
        }
        expect(packed.fingerprints.root()).toEqual(plain.fingerprints.root());
        expect(tableDigest(packed)).toEqual(tableDigest(plain));
      }),
      { numRuns: 300 },
    );
  });

  test("is listed to the end whatever happens meanwhile: each key that stays is met once", () => {
    const key = fc.nat(59).map((number) => `key ${number}`);
    const step = fc.record({ at: fc.nat(70), kind: fc.constantFrom("write", "drop", "run", "get", "prepare"), key });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(10), (steps, beside) => {
        const { table } = testReplica(ada as never, nowUs);
        for (const each of numbered(50, 50 + beside)) table.merge(...each, nowUs);
        const objects = numbered(0, 50).map(([name, record]): FullRecord => {
          return record.timeUs % 2 === 0 ? [name, wholeRecord({ ...record }, [1], terms)] : [name, record];
        });
        take(table, objects.slice(0, 20));
        take(table, objects.slice(20));
        const here = new Set([...numbered(0, 50 + beside)].map(([name]) => name));
        const stayed = new Set(here);
        const met: string[] = [];
        let at = 0;
        for (const one of table.entries()) {
          expect(one.record).toBeDefined();
          met.push(one.key);
          for (const { kind, key: name } of steps.filter((each) => each.at === at)) {
            if (kind === "write") table.merge(name, recordOf(7, nowUs - 1), nowUs);
            else if (kind === "drop") {
              table.drop(name);
              stayed.delete(name);
            } else if (kind === "run") take(table, numbered(0, 60, `new ${at}`));
            else if (kind === "get") table.get(name);
            else table.prepare(5);
          }
          if (at++ > 5_000) throw new Error("it does not end");
        }
        for (const name of stayed) expect(met.filter((each) => each === name)).toEqual([name]);
      }),
      { numRuns: 300 },
    );
  });

  test("takes keys of one hash, and of many runs, one by one where it has to", () => {
    const { table } = testReplica(ada as never, nowUs);
    // The low bits of the hash choose the slot: keys that share them lie in one row.
    const run = runOf(numbered(0, 60_000));
    const hashes = new KeyHash(0).ofRun(run);
    const row = [...run.entries()].filter((_, index) => ((hashes[index] ?? 0) & 0xff) === 7);
    expect(row.length).toBeGreaterThan(150);
    for (const record of row) take(table, [record]);
    expect(table.size).toBe(row.length);
    for (const [key, { value }] of row) expect(table.get(key)?.value).toBe(value);
  });

  test("keys that fill one quarter of the slots are kept elsewhere, none is looked for in more than 64 slots", () => {
    const { table } = testReplica(ada as never, nowUs);
    const run = runOf(numbered(0, 60_000));
    const hashes = new KeyHash(0).ofRun(run);
    // Home slots in the first quarter, whatever the number of slots is.
    const row = [...run.entries()].filter((_, index) => (((hashes[index] ?? 0) & 0xffff) >>> 0) % 0x4000 < 0x400);
    for (let at = 0; at < row.length; at += 500) take(table, row.slice(at, at + 500));
    expect(table.size).toBe(row.length);
    for (const [key, { value }] of row) expect(table.get(key)?.value).toBe(value);
    expect([...table.entries()]).toHaveLength(row.length);
  });

  test("[SYNC-014] [SYNC-091] leaves a run to be judged record by record that is ahead, or for which there is no room", () => {
    const { table } = testReplica(ada as never, nowUs);
    const ahead: FullRecord = ["ahead", recordOf(1, nowUs + 3_600_000_000)];
    expect([...table.takeRun(runOf([...numbered(0, 5), ahead]), nowUs)]).toHaveLength(6);
    const small = new Table({ maxAheadMs: 1_000, tombstoneMs: 86_400_000, maxTableBytes: 1_000 });
    expect([...small.takeRun(runOf(numbered(0, 5)), nowUs)]).toHaveLength(5);
    expect([table.size, small.size]).toEqual([0, 0]);
  });

  test("is listed to the end by who began before it was filled", () => {
    const { table } = testReplica(ada as never, nowUs);
    table.merge("first", recordOf(1), nowUs);
    table.merge("second", recordOf(2), nowUs);
    const met: string[] = [];
    for (const { key } of table.entries()) {
      if (met.push(key) === 1) take(table, [...numbered(0, 3), ["second", recordOf(3)]]);
    }
    expect(met.slice(0, 2)).toEqual(["first", "second"]);
    expect(table.size).toBe(5);
  });
});
