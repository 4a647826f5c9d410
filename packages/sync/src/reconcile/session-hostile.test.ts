// A peer that lies, repeats itself or never ends: a typed error or an end, in bounded time. [SYNC-080] [SYNC-087] [SYNC-092]
import { decodeBody, encodeBody, flags, type NodeId, nodeIdToBytes, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { SyncError } from "../errors.js";
import { freshTerms } from "../lease/lease.js";
import { decodeTableTurn, type Mode, modes, type RangeItem, type TableTurn } from "../messages/comparison.js";
import { wholeRecord } from "../record/write.js";
import { origins } from "../testing/arbitrary-records.js";
import { type TestReplica, testReplica } from "../testing/comparing.js";
import { Session } from "./session.js";
import type { SessionResult } from "./session-parts.js";

const [ada, bob] = origins as [NodeId, NodeId];
const startUs = 1_795_000_000_000_000;

let replica: TestReplica;
let sent: (readonly WireValue[])[];
let results: SessionResult[];
let told: number;

beforeEach(() => {
  replica = testReplica(ada, startUs);
  sent = [];
  results = [];
  told = 0;
  for (let index = 0; index < 2_000; index++) put(replica, `k/${index}`, index);
});

function put({ table }: TestReplica, key: string, index: number): void {
  table.merge(key, wholeRecord({ timeUs: startUs + index, origin: bob }, index, freshTerms(0, 1_000)), startUs);
}

function newSession(): Session {
  const { table, seen } = replica;
  return new Session({
    table,
    seen,
    id: 5,
    nowUs: () => startUs,
    sink: {
      send: (items) => sent.push(decodeBody(encodeBody({ type: 2, sender: nodeIdToBytes(ada), time: 1, items })).items),
      merge: (key, record) => table.merge(key, record, startUs),
      gone: (key) => table.dropGone(key, startUs),
      told: () => {
        told = replica.table.recordCount;
      },
      over: (result) => results.push(result),
    },
  });
}

/** The session of who was asked: it has taken turn 0. */
function asked(count = 2_000): Session {
  const session = newSession();
  session.accept({ session: 5, count, root: new Uint8Array(16).fill(1), seen: [] });
  return session;
}

function lastTurn(): TableTurn {
  return decodeTableTurn(sent.at(-1) ?? [], true);
}

const nothing = { session: 5, hasMore: false, ranges: [], records: [], wants: [], gone: [], seen: [] } as const;
const prints = (path: number, fill: number): RangeItem => ({
  kind: "prints",
  path,
  bytes: new Uint8Array(256).fill(fill),
});

const list = (path: number): RangeItem => ({ kind: "list", path, bytes: new Uint8Array(0) });

describe("turns", () => {
  test.each([
    ["of another number", { ...nothing, number: 5 }],
    ["that say nothing but that there is more", { ...nothing, number: 1, hasMore: true }],
    ["with a range that was not told", { ...nothing, number: 1, ranges: [prints(0x1234, 1)] }],
    ["with a range twice", { ...nothing, number: 1, ranges: [prints(0x100, 1), prints(0x100, 1)] }],
    ["with a want of what was not told", { ...nothing, number: 1, wants: [{ path: 0x1_2345, indexes: [0] }] }],
    ["with a want of what was told by fingerprints", { ...nothing, number: 1, wants: [{ path: 0x10, indexes: [0] }] }],
  ])("[SYNC-092] %s are refused", (_name, turn) => {
    const session = asked();
    expect(lastTurn().ranges).toHaveLength(16);
    expect(() => session.turn(turn)).toThrow(SyncError);
  });

  test("[SYNC-080] a turn, or a second answer, out of place is refused", () => {
    const session = newSession();
    session.open();
    expect(() => session.turn({ ...nothing, number: 0 })).toThrow(SyncError);
    session.accepted({ session: 5, mode: modes.compare, count: 1, seen: [] });
    expect(() => session.accepted({ session: 5, mode: modes.compare, count: 1, seen: [] })).toThrow(SyncError);
  });

  test.each<[string, number, RangeItem[]]>([
    ["all positions twice", modes.compare, [list(1), list(1)]],
    ["all positions in both ways", modes.compare, [list(1), prints(1, 1)]],
    ["a part twice", modes.compare, [list(0x1f), list(0x10), list(0x1f)]],
    ["a part of what was told as a whole", modes.compare, [prints(1, 1), list(0x13)]],
    ["a whole of which a part was told", modes.compare, [list(0x13), prints(1, 1)]],
    ["a range two steps down", modes.compare, [list(0x100)]],
    ["any range, where all is told in full", modes.stream, [list(1)]],
  ])("[SYNC-092] a first turn that tells %s is refused", (_name, mode, ranges) => {
    const session = newSession();
    session.open();
    session.accepted({ session: 5, mode: mode as Mode, count: 2_000, seen: [] });
    expect(() => session.turn({ ...nothing, number: 0, ranges })).toThrow(SyncError);
  });

  test("[SYNC-078] a first turn tells the sixteen parts, each once", () => {
    const session = newSession();
    session.open();
    session.accepted({ session: 5, mode: modes.compare, count: 2_000, seen: [] });
    const ranges = Array.from({ length: 16 }, (_, nibble) => list(0x10 + nibble));
    session.turn({ ...nothing, number: 0, ranges });
    expect(lastTurn().records.length).toBeGreaterThan(0);
  });

  test("[SYNC-092] more records than were announced, and some, are refused", () => {
    const session = asked(5);
    const records = Array.from(
      { length: 33_000 },
      (_, index) => [`new/${index}`, wholeRecord({ timeUs: startUs, origin: bob }, 1, freshTerms(0, 1))] as const,
    );
    session.turn({ ...nothing, number: 1, hasMore: true, records });
    expect(() => session.turn({ ...nothing, number: 3, hasMore: true, records })).toThrow(SyncError);
  });

  test("[SYNC-067] keys that were not sent are not dropped for being called gone", () => {
    const session = asked();
    session.turn({ ...nothing, number: 1, gone: ["k/1", "k/2"] });
    expect(replica.table.recordCount).toBe(2_000);
  });
});

describe("a peer that always differs", () => {
  test("[SYNC-092] lies about every range come to an end", () => {
    const session = asked();
    let turns = 0;
    while (results.length === 0) {
      const { ranges, wants, number } = lastTurn();
      // It claims to have something else in every part, as deep as it goes.
      const answers = ranges
        .filter(({ kind }) => kind === "prints")
        .flatMap(({ path }) =>
          Array.from({ length: 16 }, (_, nibble) => prints(path * 16 + nibble, (turns % 250) + 1)),
        );
      session.turn({ ...nothing, number: number + 1, ranges: answers.slice(0, 4_096) });
      expect(wants.length + ranges.length).toBeLessThanOrEqual(4_096);
      expect(++turns).toBeLessThan(100);
    }
    expect(replica.table.recordCount).toBe(2_000);
  });

  test("[SYNC-092] whatever the turns are, each is taken, or refused by a typed error, and what is here stays", () => {
    const path = fc.oneof(fc.integer({ min: 0x10, max: 0x1f }), fc.integer({ min: 0x100, max: 0x1ff }), fc.constant(1));
    const content = fc.uint8Array({ minLength: 1, maxLength: 1 });
    const range = fc.tuple(path, content, fc.boolean()).map(([at, [byte = 0], isList]): RangeItem => {
      return isList ? { kind: "list", path: at, bytes: new Uint8Array(32).fill(byte) } : prints(at, byte);
    });
    const turn = fc.record({
      hasMore: fc.boolean(),
      ranges: fc.array(range, { maxLength: 5 }),
      wants: fc.array(fc.record({ path, indexes: fc.array(fc.nat(40), { maxLength: 3 }) }), { maxLength: 2 }),
      gone: fc.array(fc.constantFrom("k/1", "k/2"), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 6 }), (turns) => {
        sent = [];
        results = [];
        const session = asked();
        for (const each of turns) {
          if (results.length > 0) break;
          try {
            session.turn({ ...nothing, ...each, number: lastTurn().number + 1 });
          } catch (error) {
            expect(error).toMatchObject({ code: "bad-message" });
            break;
          }
          expect(sent.at(-1)?.[0]).toBe(flags.subtypes.tableTurn);
        }
        expect(replica.table.recordCount).toBe(2_000);
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});

test("[SYNC-075] with the last turn of a stream that has more, all is there; the end comes later", () => {
  const session = newSession();
  session.open();
  session.accepted({ session: 5, mode: modes.stream, count: 10, seen: [] });
  const records = [["new", wholeRecord({ timeUs: startUs, origin: bob }, 1, freshTerms(0, 1))]] as const;
  session.turn({ ...nothing, number: 0, hasMore: true, records });
  expect(told).toBe(0);
  session.turn({ ...nothing, number: 2, records: [["last", records[0][1]]] });
  expect([told, results.length]).toEqual([2_002, 0]);
});

describe("what was seen", () => {
  const stream = { session: 5, mode: modes.stream, count: 10 } as const;

  test("[SYNC-063] counts when all was taken, and never if it is ahead", () => {
    const session = newSession();
    session.open();
    session.accepted({
      ...stream,
      seen: [
        [bob, startUs],
        [ada, startUs + 2_000_000_000],
      ],
    });
    session.turn({ ...nothing, number: 0 });
    for (let number = 2; results.length === 0; number += 2) session.turn({ ...nothing, number });
    expect(results[0]?.seen).toEqual([[bob, startUs]]);
  });

  test("[SYNC-062] does not count when something was not taken", () => {
    const session = newSession();
    session.open();
    session.accepted({ ...stream, seen: [[bob, startUs]] });
    const ahead = wholeRecord({ timeUs: startUs + 2_000_000_000, origin: bob }, 1, freshTerms(0, 1));
    session.turn({ ...nothing, number: 0, records: [["ahead", ahead]] });
    for (let number = 2; results.length === 0; number += 2) session.turn({ ...nothing, number });
    expect(results[0]?.seen).toEqual([]);
    expect(replica.table.get("ahead")).toBeUndefined();
  });
});
