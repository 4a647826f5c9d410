import { type NodeId, nodeIdFromBytes } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { firstGroup, type Holders } from "./holders.js";
import { isBuiltOn, lineageOn, maxLineageBytes } from "./lineage.js";
import { type DictionaryRecord, noLineage, plainWrite, type Write } from "./record.js";
import { newestOf, newestWrite, promise, takeWrite } from "./register.js";
import { compareVersions, type Version } from "./version.js";

const id = (number: number): NodeId => nodeIdFromBytes(new Uint8Array(48).fill(number));
const [ada, bob] = [id(1), id(2)];
const key = new TextEncoder().encode("key");
const holders: Holders = [firstGroup([ada, bob])];
const at = (timeUs: number, origin = ada): Version => ({ timeUs, origin });
const plain = (timeUs: number, origin = ada): Write => plainWrite(at(timeUs, origin), Uint8Array.of(timeUs));
const atomic = (timeUs: number): Write => ({ ...plain(timeUs), holders });

function taken(verdict: ReturnType<typeof takeWrite>): DictionaryRecord {
  if (verdict.kind !== "taken") throw new Error(`the verdict is ${verdict.kind}`);
  return verdict.record;
}

const version = fc.record({
  timeUs: fc.integer({ min: 1, max: 6 }),
  origin: fc.constantFrom(ada, bob, id(3), id(200)),
});

test("[CHORD-204] versions are in one total order, by time and then by the bytes of the writer", () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
      expect(compareVersions(a, b) === 0).toBe(a.timeUs === b.timeUs && a.origin === b.origin);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
        expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      expect(compareVersions(a, undefined)).toBeGreaterThan(0);
    }),
  );
  expect(compareVersions(at(1, id(200)), at(1, id(3)))).toBeGreaterThan(0);
});

describe("plain writes", () => {
  test("[CHORD-203] replicas that took the same writes in any order, repeated or not, hold the same", () => {
    // A version stands for one write: what it says follows from it.
    const write = version.map((each) => plainWrite(each, Uint8Array.of(each.timeUs, each.origin.charCodeAt(3))));
    fc.assert(
      fc.property(fc.array(write, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), (writes, shuffle) => {
        const merged = (order: readonly Write[]) => {
          let record: DictionaryRecord | undefined;
          for (const each of order) {
            const verdict = takeWrite(record, key, each);
            if (verdict.kind === "taken") record = verdict.record;
          }
          return record?.write;
        };
        const order = [...writes, ...writes]
          .map((each) => ({ each, rank: shuffle.next().value }))
          .sort((a, b) => a.rank - b.rank);
        expect(merged(order.map(({ each }) => each))).toEqual(newestWrite(writes));
        expect(merged(writes)).toEqual(newestWrite(writes));
      }),
    );
  });

  test("[CHORD-203] an older one is refused with what is newer, one seen before is taken again", () => {
    const record = taken(takeWrite(undefined, key, plain(5)));
    expect(takeWrite(record, key, plain(4))).toEqual({ kind: "stale", newest: at(5) });
    expect(taken(takeWrite(record, key, plain(5)))).toBe(record);
    expect(taken(takeWrite(record, key, plain(5, bob))).write?.version).toEqual(at(5, bob));
  });

  test("[CHORD-223] one older than a promise is refused, a newer one taken", () => {
    const record = taken(promise(undefined, key, at(5)));
    expect(takeWrite(record, key, plain(4))).toEqual({ kind: "stale", newest: at(5) });
    expect(taken(takeWrite(record, key, plain(6))).promised).toEqual(at(5));
  });

  test("[CHORD-224] none is taken by a key that has holders, however new it is", () => {
    const record = taken(takeWrite(undefined, key, atomic(5)));
    expect(takeWrite(record, key, plain(9))).toEqual({ kind: "atomic" });
    expect(takeWrite(record, key, plain(1))).toEqual({ kind: "atomic" });
  });
});

describe("ballots", () => {
  test("[CHORD-221] a ballot is promised once it is newer than all that was promised or written", () => {
    const record = taken(promise(undefined, key, at(5)));
    expect(promise(record, key, at(4))).toEqual({ kind: "stale", newest: at(5) });
    expect(taken(promise(record, key, at(5)))).toEqual(record);
    expect(taken(promise(record, key, at(5, bob))).promised).toEqual(at(5, bob));
    const written = taken(takeWrite(record, key, atomic(5)));
    expect(promise(written, key, at(5))).toEqual({ kind: "stale", newest: at(5) });
  });

  test("[CHORD-222] the write of a ballot is taken unless something newer was promised or written", () => {
    const record = taken(promise(undefined, key, at(5)));
    expect(taken(takeWrite(record, key, atomic(5))).write).toEqual(atomic(5));
    expect(takeWrite(record, key, atomic(4))).toEqual({ kind: "stale", newest: at(5) });
    expect(taken(takeWrite(record, key, atomic(7))).write).toEqual(atomic(7));
  });

  test("[CHORD-221] [CHORD-222] after any sequence, nothing that a record stored or promised was taken back", () => {
    const step = fc.record({ kind: fc.constantFrom("promise", "plain", "atomic"), version });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let record: DictionaryRecord | undefined;
        for (const { kind, version: next } of steps) {
          const before = newestOf(record);
          const write = {
            version: next,
            value: Uint8Array.of(1),
            holders: kind === "plain" ? undefined : holders,
            lineage: noLineage,
          };
          const verdict = kind === "promise" ? promise(record, key, next) : takeWrite(record, key, write);
          if (verdict.kind !== "taken") continue;
          if (verdict.record !== record) expect(compareVersions(next, before)).toBeGreaterThanOrEqual(0);
          expect(compareVersions(newestOf(verdict.record), before)).toBeGreaterThanOrEqual(0);
          record = verdict.record;
        }
      }),
    );
  });
});

test("[CHORD-226] a lineage tells what a write was built on, and admits what it cannot tell", () => {
  let last: Write | undefined;
  for (let timeUs = 10; timeUs <= 1_000; timeUs += 10) last = { ...atomic(timeUs), lineage: lineageOn(last, timeUs) };
  expect(last?.lineage.length).toBe(maxLineageBytes);
  expect(isBuiltOn(last, at(1_000))).toBe(true);
  expect(isBuiltOn(last, at(990))).toBe(true);
  expect(isBuiltOn(last, at(990, bob))).toBe(false);
  expect(isBuiltOn(last, at(995))).toBe(false);
  expect(isBuiltOn(last, at(1_010))).toBe(false);
  expect(isBuiltOn(last, at(20))).toBeUndefined();
  expect(isBuiltOn({ ...atomic(7), lineage: lineageOn(undefined, 7) }, at(3))).toBe(false);
  expect(isBuiltOn({ ...atomic(7), lineage: lineageOn(plain(6), 7) }, at(3))).toBeUndefined();
  expect(isBuiltOn(undefined, at(3))).toBe(false);
  const hour = 3_600_000_000;
  const late = { ...atomic(hour), lineage: lineageOn(last, hour) };
  expect(isBuiltOn(late, at(1_000))).toBe(true);
  expect(isBuiltOn(late, at(1_001))).toBe(false);
  expect(isBuiltOn(late, at(990))).toBeUndefined();
});
