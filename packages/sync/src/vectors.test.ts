// The committed vectors of the table are what its encoders make, and its decoders read them. `UPDATE_VECTORS=1` writes them.
import { readFileSync, writeFileSync } from "node:fs";
import { ownedKey } from "@p2p/base";
import {
  type Body,
  decodeBody,
  encodeBody,
  flags,
  nodeIdFromBytes,
  nodeIdToBytes,
  sha256,
  type WireValue,
} from "@p2p/wire";
import { expect, test } from "vitest";
import { freshTerms } from "./lease/lease.js";
import {
  decodeTableAccept,
  decodeTableOpen,
  decodeTableTurn,
  encodeTableAccept,
  encodeTableOpen,
  encodeTableTurn,
  modes,
  type OutgoingTurn,
} from "./messages/comparison.js";
import { decodeClockAhead, decodeContender, encodeClockAhead, encodeContender } from "./messages/notices.js";
import type { Items } from "./messages/read.js";
import { decodeUpdate, encodeUpdate } from "./messages/update.js";
import { ownedRecord } from "./owned/owned-record.js";
import { tableDigest } from "./reconcile/digest.js";
import { canonicalRecord } from "./record/canonical.js";
import { join } from "./record/join.js";
import type { TableRecord } from "./record/record.js";
import { deltaRecord, renewalRecord, wholeRecord } from "./record/write.js";
import { testReplica } from "./testing/comparing.js";
import { listOf, writerOf } from "./testing/turn-records.js";

const file = new URL("../../../spec/vectors/sync/1.0/messages.json", import.meta.url);
const id = (first: number) => nodeIdFromBytes(Uint8Array.from({ length: 48 }, (_, n) => first + n));
const [ada, bob] = [id(1), id(51)];
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const stampUs = 1_795_000_000_000_000;
const stamp = { timeUs: stampUs, origin: ada };
const fresh = freshTerms(0, 3_600_000);
const claimed = { ...fresh, claimUs: stampUs - 60_000_000 };
const beforeUs = stampUs - 1_000_000;
let lastTime = stampUs;

function body(type: number, items: readonly WireValue[]): Body {
  lastTime += 1;
  return { type, sender: nodeIdToBytes(ada), time: lastTime, items };
}

/** The form alone: `vectors/securenode` has proofs that hold. */
const proof = Uint8Array.from({ length: 96 }, (_, n) => n);
const owned: readonly (readonly [string, TableRecord])[] = [
  [ownedKey(bob, "profile"), ownedRecord(bob, stampUs - 7, { name: "Bob" }, proof)],
  [ownedKey(bob, "removed"), ownedRecord(bob, stampUs - 6, undefined, proof)],
];
const print = Uint8Array.from({ length: 16 }, (_, n) => n);
const fields = join(
  wholeRecord({ ...stamp, timeUs: stampUs - 9 }, { a: 1 }, undefined),
  deltaRecord(
    stamp,
    [
      ["b", 2],
      ["a", undefined],
    ],
    undefined,
  ),
);
const turn: OutgoingTurn = {
  session: 7,
  number: 4,
  hasMore: false,
  ranges: [
    { kind: "prints", path: 0x1c, bytes: Uint8Array.from({ length: 256 }, (_, n) => n) },
    { kind: "list", path: 0x1a5, bytes: print },
  ],
  records: writerOf([
    ["one", wholeRecord(stamp, "text", fresh)],
    ["two", wholeRecord({ ...stamp, timeUs: stampUs + 5 }, [1, null], fresh)],
    ["renewed", wholeRecord(stamp, 1, { ...claimed, renewedUs: stampUs + 7, rise: 2, freedUs: stampUs - 70_000_000 })],
    ["deleted", wholeRecord({ timeUs: stampUs, origin: bob }, undefined, freshTerms(0, 0))],
  ]),
  wants: [{ path: 0x1b, indexes: [0, 3] }],
  gone: ["old"],
  seen: [[bob, stampUs]],
};

const update = (...entries: Parameters<typeof encodeUpdate>[0]["entries"]): Body =>
  body(0, encodeUpdate({ stampUs, prevUs: beforeUs, entries }));

const messages: readonly [name: string, requirement: string, body: Body][] = [
  [
    "update-claims",
    "SYNC-042",
    update(
      ["fresh", wholeRecord(stamp, "value", fresh)],
      ["again", wholeRecord(stamp, null, freshTerms(3, 3_600_000))],
    ),
  ],
  [
    "update-renews",
    "SYNC-043",
    update(
      ["own", wholeRecord(stamp, { n: 1.5 }, claimed)],
      ["kept", renewalRecord(stamp, { ...claimed, leaseMs: 5_000 })],
    ),
  ],
  [
    "update-claims-released",
    "SYNC-055",
    update(["freed", wholeRecord(stamp, 1, freshTerms(0, 3_600_000, stampUs - 5))]),
  ],
  ["update-deletes", "SYNC-051", update(["own", wholeRecord(stamp, undefined, { ...claimed, leaseMs: 0 })])],
  [
    "update-delta",
    "SYNC-026",
    update([
      "map",
      deltaRecord(
        stamp,
        [
          ["x", 1],
          ["y", undefined],
        ],
        claimed,
      ),
    ]),
  ],
  [
    "update-without-leases",
    "SYNC-024",
    update(
      ["set", wholeRecord(stamp, Uint8Array.of(1, 2), undefined)],
      ["deleted", wholeRecord(stamp, undefined, undefined)],
      ["map", deltaRecord(stamp, [["x", 1]], undefined)],
    ),
  ],
  ["open", "SYNC-074", body(2, encodeTableOpen({ session: 7, count: 100, root: print, seen: [[bob, stampUs]] }))],
  ["open-not-computed", "SYNC-074", body(2, encodeTableOpen({ session: 7, count: 0, root: undefined, seen: [] }))],
  [
    "open-many-origins",
    "SYNC-086",
    body(2, encodeTableOpen({ session: 7, count: 9, root: undefined, seen: new Uint8Array(2_048).fill(5, 8, 16) })),
  ],
  ["accept", "SYNC-072", body(2, encodeTableAccept({ session: 7, mode: modes.compare, count: 99, seen: [] }))],
  ["turn", "SYNC-075", body(2, encodeTableTurn(turn))],
  [
    "turn-without-leases",
    "SYNC-075",
    body(
      2,
      encodeTableTurn({ ...turn, ranges: [], records: writerOf([["map", fields]]), wants: [], gone: [], seen: [] }),
    ),
  ],
  [
    "turn-empty",
    "SYNC-087",
    body(2, encodeTableTurn({ ...turn, ranges: [], records: writerOf([]), wants: [], gone: [], seen: [] })),
  ],
  ["contender", "SYNC-049", body(2, encodeContender(["k", wholeRecord({ timeUs: stampUs, origin: bob }, 1, fresh)]))],
  [
    "clock-ahead",
    "SYNC-013",
    body(2, encodeClockAhead({ origin: bob, stampUs: stampUs + 1_900_000_000, nowUs: stampUs })),
  ],
  ["update-owned", "SYNC-110", update(...owned)],
  [
    "turn-owned",
    "SYNC-110",
    body(2, encodeTableTurn({ ...turn, ranges: [], records: writerOf(owned), wants: [], gone: [], seen: [] })),
  ],
];

function notation(value: WireValue): unknown {
  if (value instanceof Uint8Array) return { bin: hex(value) };
  if (Array.isArray(value)) return value.map(notation);
  if (typeof value !== "object" || value === null) return value;
  return { map: Object.entries(value).map(([key, each]) => [key, notation(each as WireValue)]) };
}

const vectors = messages.map(([name, requirement, made]) => ({
  id: name,
  requirements: [requirement],
  bytes: hex(encodeBody(made)),
  body: { type: made.type, sender: hex(made.sender), time: made.time, items: made.items.map(notation) },
}));

const text = `{
  "$schema": "../../schema.json",
  "title": "Messages of the table",
  "profile": "1.0",
  "provenance": "Made by packages/sync/src/vectors.test.ts from a hand-written table and the encoders of @p2p/sync and @p2p/wire.",
  "operation": "body",
  "vectors": [
${vectors.map((vector) => `    ${JSON.stringify(vector)}`).join(",\n")}
  ]
}
`;
if (process.env.UPDATE_VECTORS === "1") writeFileSync(file, text);

test("the committed file is the one that is made", () => {
  expect(readFileSync(file, "utf8")).toBe(text);
  expect(vectors).toHaveLength(17);
});

test("[SYNC-110] [SYNC-042] [SYNC-072] [SYNC-074] [SYNC-075] the decoders read what the vectors hold", () => {
  const items = new Map(vectors.map((vector) => [vector.id, decodeBody(Buffer.from(vector.bytes, "hex")).items]));
  const of = (name: string): Items => items.get(name) ?? [];
  const entries = (name: string, hasLeases = true) => decodeUpdate(of(name), ada, hasLeases).entries;
  expect(entries("update-claims").map(([key, { value, terms }]) => [key, value, terms?.rise])).toEqual([
    ["fresh", "value", 0],
    ["again", null, 3],
  ]);
  expect(entries("update-renews").map(([, { terms }]) => terms?.leaseMs)).toEqual([3_600_000, 5_000]);
  expect(entries("update-claims-released")[0]?.[1].terms?.freedUs).toBe(stampUs - 5);
  expect(entries("update-deletes")[0]?.[1]).toMatchObject({ value: undefined, terms: { leaseMs: 0 } });
  expect(entries("update-delta")[0]?.[1].value).toEqual({ x: 1 });
  expect(entries("update-without-leases", false).map(([key]) => key)).toEqual(["set", "deleted", "map"]);
  expect(decodeTableOpen(of("open"))).toMatchObject({ count: 100, root: print, seen: [[bob, stampUs]] });
  expect(decodeTableOpen(of("open-not-computed"))).toMatchObject({ count: 0, root: undefined, seen: [] });
  expect(decodeTableOpen(of("open-many-origins")).seen).toHaveLength(2_048);
  expect(decodeTableAccept(of("accept"))).toMatchObject({ mode: modes.compare, count: 99 });
  expect(decodeTableTurn(of("turn"), true)).toMatchObject({ number: 4, ranges: turn.ranges, gone: ["old"] });
  expect(listOf(decodeTableTurn(of("turn"), true).records)).toHaveLength(4);
  expect(listOf(decodeTableTurn(of("turn-without-leases"), false).records)[0]?.[1].value).toEqual({ b: 2 });
  expect(decodeTableTurn(of("turn-empty"), true)).toMatchObject({ hasMore: false, records: [] });
  expect(decodeContender(of("contender"))[1].origin).toBe(bob);
  expect(decodeClockAhead(of("clock-ahead"))).toMatchObject({ origin: bob, nowUs: stampUs });
  expect(entries("update-owned")).toEqual(owned);
  expect(listOf(decodeTableTurn(of("turn-owned"), true).records)).toEqual(owned);
  expect(of("turn")[0]).toBe(flags.subtypes.tableTurn);
});

test("[SYNC-070] [SYNC-071] the example of spec/sync.md is what is computed", () => {
  const chapter = readFileSync(new URL("../../../spec/sync.md", import.meta.url), "utf8");
  const record = wholeRecord(stamp, { b: [1], a: null }, fresh);
  const { table } = testReplica(ada, stampUs);
  table.merge("key", record, stampUs);
  const canonical = canonicalRecord("key", record);
  expect(chapter).toContain(hex(canonical));
  expect(chapter).toContain(hex(sha256(canonical).slice(0, 16)));
  expect(chapter).toContain(hex(table.fingerprints.root()));
  expect(chapter).toContain(hex(tableDigest(table)));
});
