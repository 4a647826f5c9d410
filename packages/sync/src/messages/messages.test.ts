// Messages there and back, and with everything wrong in them that can be. [SYNC-080] [SYNC-084] [SYNC-085] [SYNC-088] [SYNC-090]
import { ownedKey } from "@p2p/base";
import { decodeBody, encodeBody, flags, type NodeId, nodeIdToBytes, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SyncError } from "../errors.js";
import { freshTerms } from "../lease/lease.js";
import { join } from "../record/join.js";
import type { TableRecord } from "../record/record.js";
import { deltaRecord, renewalRecord, wholeRecord } from "../record/write.js";
import { freeRecord, leasedRecord, origins, ownedRecords } from "../testing/arbitrary-records.js";
import { isSameRecord } from "../testing/same-record.js";
import { ownerId, signedRecord } from "../testing/toy-proofs.js";
import { listOf, writerOf } from "../testing/turn-records.js";
import {
  decodeTableAccept,
  decodeTableOpen,
  decodeTableTurn,
  encodeTableAccept,
  encodeTableOpen,
  encodeTableTurn,
  type OutgoingTurn,
} from "./comparison.js";
import { decodeFullRecord, encodeFullRecord, type FullRecord, OriginList, partsOf } from "./full-record.js";
import { decodeClockAhead, decodeContender, encodeClockAhead, encodeContender } from "./notices.js";
import type { Items } from "./read.js";
import { decodeUpdate, encodeUpdate } from "./update.js";

const [ada, bob] = origins as [NodeId, NodeId];
const stampUs = 1_795_000_000_000_000;
const stamp = { timeUs: stampUs, origin: ada };

function overTheWire(items: readonly WireValue[]): Items {
  return decodeBody(encodeBody({ type: 2, sender: nodeIdToBytes(ada), time: 1, items })).items;
}

function roundTrip(key: string, record: TableRecord, hasLeases: boolean): TableRecord {
  const list = new OriginList();
  const encoded = encodeFullRecord(key, record, list);
  const [, ids, item] = overTheWire([flags.subtypes.contender, list.toBytes(), encoded]);
  return decodeFullRecord(item, OriginList.read(ids), hasLeases)[1];
}

const bytes = Uint8Array.of(1, 2, 3);
const leasedUpdate = {
  stampUs,
  prevUs: stampUs - 5,
  entries: [
    ["fresh", wholeRecord(stamp, { a: [1, "x", null, bytes] }, freshTerms(0, 3_600_000))],
    ["freed", wholeRecord(stamp, 1, freshTerms(2, 3_600_000, stampUs - 9))],
    ["brief", wholeRecord(stamp, true, { ...freshTerms(1, 500), claimUs: stampUs - 1_000_000 })],
    ["deleted", wholeRecord(stamp, undefined, freshTerms(0, 0))],
    [
      "delta",
      deltaRecord(
        stamp,
        [
          ["x", 1],
          ["y", undefined],
          ["__proto__", 3],
        ],
        freshTerms(0, 3_600_000),
      ),
    ],
    ["renewed", renewalRecord(stamp, { ...freshTerms(0, 3_600_000), claimUs: stampUs - 7 })],
  ] as const,
};
const freeUpdate = {
  stampUs,
  prevUs: 0,
  entries: [
    ["set", wholeRecord(stamp, "text", undefined)],
    ["deleted", wholeRecord(stamp, undefined, undefined)],
    [
      "delta",
      deltaRecord(
        stamp,
        [
          ["x", 1],
          ["y", undefined],
        ],
        undefined,
      ),
    ],
  ] as const,
};
const sent: readonly FullRecord[] = [
  ["whole", wholeRecord(stamp, { a: 1 }, freshTerms(0, 3_600_000))],
  [
    "terms",
    wholeRecord(stamp, 1, {
      rise: 2,
      claimUs: stampUs - 5,
      renewedUs: stampUs + 5,
      leaseMs: 7,
      freedUs: stampUs - 50,
    }),
  ],
  ["none", wholeRecord(stamp, undefined, freshTerms(0, 0))],
  [
    "fields",
    deltaRecord(
      stamp,
      [
        ["x", 1],
        ["y", undefined],
      ],
      freshTerms(0, 3_600_000),
    ),
  ],
];
const turn: OutgoingTurn = {
  session: 5,
  number: 3,
  hasMore: true,
  ranges: [
    { kind: "prints", path: 0x1f, bytes: new Uint8Array(256).fill(7) },
    { kind: "list", path: 1, bytes: new Uint8Array(32).fill(8) },
  ],
  records: writerOf(sent),
  wants: [{ path: 0x12, indexes: [0, 5] }],
  gone: ["g"],
  seen: [[bob, stampUs]],
};
const listed = [
  [ada, stampUs],
  [bob, 5],
] as const;

describe("there and back", () => {
  test("[SYNC-080] updates", () => {
    const leased = decodeUpdate(overTheWire(encodeUpdate(leasedUpdate)), ada, true);
    expect(leased).toMatchObject({ stampUs, prevUs: stampUs - 5 });
    leasedUpdate.entries.forEach(([key, record], index) => {
      const [decodedKey, decoded] = leased.entries[index] ?? ["", record];
      expect(decodedKey).toBe(key);
      expect(isSameRecord(decoded, record)).toBe(true);
    });
    const free = decodeUpdate(overTheWire(encodeUpdate(freeUpdate)), ada, false);
    expect(free.entries.map(([, record]) => record.value)).toEqual(["text", undefined, { x: 1 }]);
  });

  test("[SYNC-092] values do not hold on to the message", () => {
    const items = overTheWire(encodeUpdate(leasedUpdate));
    const value = decodeUpdate(items, ada, true).entries[0]?.[1].value as { a: [number, string, null, Uint8Array] };
    expect(value.a[3]).toEqual(bytes);
    expect(value.a[3].buffer.byteLength).toBe(3);
  });

  test.each([
    ["without leases", freeRecord, false],
    ["with leases", leasedRecord, true],
  ])("[SYNC-085] records as they stand in a table %s", (_name, arbitrary, hasLeases) => {
    const isSaid = (record: TableRecord): boolean => hasLeases || record.timeUs > 0 || record.fields !== undefined;
    fc.assert(
      fc.property(arbitrary.filter(isSaid), (record) => {
        expect(isSameRecord(roundTrip("k", record, hasLeases), record)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test("[SYNC-110] owned records, among entries and among records, and without value when they were removed", () => {
    fc.assert(
      fc.property(ownedRecords, (record) => {
        const key = ownedKey(ownerId(0), "k");
        const [entry] = decodeUpdate(
          overTheWire(encodeUpdate({ stampUs, prevUs: 0, entries: [[key, record]] })),
          ada,
          true,
        ).entries;
        expect(entry).toEqual([key, record]);
        for (const hasLeases of [true, false]) expect(roundTrip(key, record, hasLeases)).toEqual(record);
      }),
    );
    const [key, record] = signedRecord(ownerId(0), "k", 1, bytes);
    const told = roundTrip(key, record, true);
    expect([told.proof?.length, (told.value as Uint8Array).buffer.byteLength]).toEqual([32, 3]);
  });

  test("[SYNC-085] parts of a long record are the record", () => {
    const fields = Array.from({ length: 20 }, (_, index) => [`f${index}`, "x".repeat(20_000)] as const);
    const terms = { rise: 0, claimUs: stampUs - 9, renewedUs: undefined, leaseMs: 9, freedUs: undefined };
    const whole = wholeRecord({ timeUs: stampUs - 1, origin: ada }, { a: 1 }, terms);
    const record = join(whole, deltaRecord(stamp, fields, terms));
    const parts = [...partsOf("k", record)];
    expect(parts.length).toBeGreaterThan(2);
    const joined = parts.map((part) => roundTrip("k", part, true)).reduce((a, b) => join(b, a));
    expect(isSameRecord(joined, record)).toBe(true);
  });

  test("[SYNC-074] [SYNC-075] comparisons", () => {
    const open = { session: 9, count: 5, root: new Uint8Array(16).fill(3), seen: listed };
    expect(decodeTableOpen(overTheWire(encodeTableOpen(open)))).toEqual(open);
    const unknown = { ...open, root: undefined, seen: new Uint8Array(2_048).fill(4) };
    expect(decodeTableOpen(overTheWire(encodeTableOpen(unknown)))).toEqual(unknown);
    const accept = { session: 9, mode: 1, count: 5, seen: listed } as const;
    expect(decodeTableAccept(overTheWire(encodeTableAccept(accept)))).toEqual(accept);
    const { records, ...rest } = decodeTableTurn(
      overTheWire(encodeTableTurn({ ...turn, records: writerOf(sent) })),
      true,
    );
    const { records: _, ...others } = turn;
    expect(rest).toEqual(others);
    const came = new Map(listOf(records));
    expect(came.size).toBe(sent.length);
    for (const [key, record] of sent) {
      const other = came.get(key);
      expect(other !== undefined && isSameRecord(other, record)).toBe(true);
    }
  });

  test("[SYNC-049] [SYNC-013] notices", () => {
    const record = wholeRecord(stamp, 1, freshTerms(3, 5));
    const [key, decoded] = decodeContender(overTheWire(encodeContender(["k", record])));
    expect(key).toBe("k");
    expect(isSameRecord(decoded, record)).toBe(true);
    const notice = { origin: bob, stampUs, nowUs: 5 };
    expect(decodeClockAhead(overTheWire(encodeClockAhead(notice)))).toEqual(notice);
  });
});

const ownedUpdate = {
  stampUs,
  prevUs: 0,
  entries: [signedRecord(ownerId(0), "k", 1, { a: 1 }), signedRecord(ownerId(0), "gone", 2, undefined)],
};

const wrong: readonly WireValue[] = [
  null,
  true,
  -1,
  0,
  1.5,
  2 ** 53,
  10n ** 18n,
  300,
  "",
  "x",
  "k".repeat(1_025),
  new Uint8Array(0),
  new Uint8Array(49),
  [],
  [[]],
  [null],
  [[1, 2]],
  {},
  { x: 1 },
  "v".repeat(70_000),
  stampUs * 2,
  [0, 0, 0, 0, 0, 0, 0],
];

/** All lists that differ from the given one in one place, at whatever depth: another value, none, or one more. */
function* broken(value: WireValue): Generator<WireValue> {
  yield* wrong;
  if (!Array.isArray(value)) return;
  for (let index = 0; index < value.length; index++) {
    yield value.toSpliced(index, 1);
    for (const other of broken(value[index] as WireValue)) yield value.with(index, other);
  }
  yield [...value, "more", { later: true }];
}

describe("[SYNC-080] everything wrong", () => {
  const messages: readonly [string, WireValue[], (items: Items) => unknown][] = [
    ["update with leases", encodeUpdate(leasedUpdate), (items) => decodeUpdate(items, ada, true)],
    ["update without", encodeUpdate(freeUpdate), (items) => decodeUpdate(items, ada, false)],
    ["update of owned keys", encodeUpdate(ownedUpdate), (items) => decodeUpdate(items, ada, true)],
    ["open", encodeTableOpen({ session: 1, count: 1, root: undefined, seen: listed }), decodeTableOpen],
    ["accept", encodeTableAccept({ session: 1, mode: 2, count: 1, seen: listed }), decodeTableAccept],
    ["turn", encodeTableTurn(turn), (items) => decodeTableTurn(items, true)],
    [
      "turn without leases",
      encodeTableTurn({ ...turn, records: writerOf(freeUpdate.entries) }),
      (items) => decodeTableTurn(items, false),
    ],
    ["contender", encodeContender(["k", wholeRecord(stamp, 1, freshTerms(0, 5))]), decodeContender],
    ["clock ahead", encodeClockAhead({ origin: ada, stampUs, nowUs: 1 }), decodeClockAhead],
  ];

  test.each(messages)("%s", (_name, items, decode) => {
    let refused = 0;
    for (const bad of broken(items.slice(1))) {
      if (!Array.isArray(bad)) continue;
      try {
        decode([items[0] as WireValue, ...bad]);
      } catch (error) {
        expect(error).toBeInstanceOf(SyncError);
        expect(error).toMatchObject({ code: "bad-message" });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(20);
  });

  test("[SYNC-084] what later versions add is ignored", () => {
    for (const [, items, decode] of messages) expect(() => decode([...items, "later", { more: 1 }])).not.toThrow();
  });

  test("[SYNC-044] epochs out of their range", () => {
    const update = (rise: number): Items => [flags.subtypes.store, stampUs, 0, [["k", 0, 1, rise]]];
    expect(() => decodeUpdate(update(stampUs - Math.floor(stampUs / 1e6)), ada, true)).not.toThrow();
    expect(() => decodeUpdate(update(stampUs - Math.floor(stampUs / 1e6) + 1), ada, true)).toThrow(SyncError);
    expect(() => decodeUpdate(update(-1), ada, true)).toThrow(SyncError);
  });

  test("[SYNC-088] fields of others, before the claim, after the renewal", () => {
    const ids = new OriginList();
    const places = [ids.indexOf(ada), ids.indexOf(bob)];
    const list = OriginList.read(ids.toBytes());
    const record = (time: number, place: number): WireValue => {
      const terms = [0, 9, stampUs - 10, stampUs + 10];
      return ["k", 0, places[0] as number, stampUs, {}, terms, [["x", time, places[place] as number, 1]]];
    };
    expect(decodeFullRecord(record(stampUs + 5, 0), list, true)[1].value).toEqual({ x: 1 });
    expect(() => decodeFullRecord(record(stampUs + 5, 1), list, true)).toThrow(SyncError);
    expect(() => decodeFullRecord(record(stampUs - 5, 0), list, true)).toThrow(SyncError);
    expect(() => decodeFullRecord(record(stampUs + 15, 0), list, true)).toThrow(SyncError);
  });

  test("[SYNC-090] keys and values over their limits", () => {
    const update = (key: string, value: WireValue): Items => [flags.subtypes.store, stampUs, 0, [[key, 0, value]]];
    const decode = (items: Items): unknown => decodeUpdate(items, ada, false);
    expect(decode(update("ü".repeat(512), "x".repeat(65_533)))).toBeDefined();
    expect(() => decode(update("ü".repeat(513), 1))).toThrow(SyncError);
    expect(() => decode(update("", 1))).toThrow(SyncError);
    expect(() => decode(update("k", "x".repeat(65_534)))).toThrow(SyncError);
    expect(() => decode(update("k", ["ü".repeat(32_768)]))).toThrow(SyncError);
  });
});

describe("[SYNC-090] what would fit into an update but not into a turn", () => {
  const nested = (depth: number): WireValue => (depth === 0 ? 1 : [nested(depth - 1)]);
  const decoded = (record: TableRecord): unknown =>
    decodeUpdate(overTheWire(encodeUpdate({ stampUs, prevUs: 0, entries: [["k", record]] })), ada, false);
  const full = (record: TableRecord): TableRecord => roundTrip("k", record, false);
  const delta = (name: string, value: WireValue | undefined): TableRecord =>
    deltaRecord(stamp, [[name, value]], undefined);

  test.each([decoded, full])("containers around each other", (read) => {
    read(wholeRecord(stamp, nested(24), undefined));
    read(delta("x", nested(23)));
    for (const record of [wholeRecord(stamp, nested(25), undefined), delta("x", nested(24))]) {
      expect(() => read(record)).toThrow(expect.objectContaining({ code: "bad-message" }));
    }
  });

  test.each([decoded, full])("names of fields, with their values", (read) => {
    read(delta("n".repeat(65_000), "v".repeat(500)));
    for (const value of ["v".repeat(600), undefined]) {
      const name = "n".repeat(value === undefined ? 65_600 : 65_000);
      expect(() => read(delta(name, value))).toThrow(expect.objectContaining({ code: "bad-message" }));
    }
  });
});

describe("[SYNC-110] [SYNC-080] [SYNC-090] an owned record that cannot be is refused", () => {
  const key = ownedKey(ownerId(0), "k");
  const proof = new Uint8Array(96);
  const bad: [string, WireValue[]][] = [
    ["of a key that nobody owns", ["plain", 4, proof, 1, "value"]],
    ["without proof", [key, 4]],
    ["with an empty proof", [key, 4, new Uint8Array(0), 1, "value"]],
    ["with a proof that is too long", [key, 4, new Uint8Array(129), 1, "value"]],
    ["with a text as proof", [key, 4, "proof", 1, "value"]],
    ["without number", [key, 4, proof]],
    ["with 0 as number", [key, 4, proof, 0, "value"]],
    ["with a number beyond 2^53", [key, 4, proof, 2n ** 53n, "value"]],
    ["with a value that is too long", [key, 4, proof, 1, "v".repeat(70_000)]],
  ];

  test.each(bad)("%s", (_name, items) => {
    const list = [flags.subtypes.store, stampUs, 0, [items]];
    expect(() => decodeUpdate(list, ada, true)).toThrow(expect.objectContaining({ code: "bad-message" }));
    const record = items.with(1, 2);
    expect(() => decodeFullRecord(record, [], false)).toThrow(expect.objectContaining({ code: "bad-message" }));
  });

  test("[SYNC-119] and so are more than 2,048 in an update, or in a turn", () => {
    const many = (count: number): FullRecord[] =>
      Array.from({ length: count }, (_, number) => signedRecord(ownerId(0), `k ${number}`, 1, 1));
    const update = (count: number): Items => encodeUpdate({ stampUs, prevUs: 0, entries: many(count) });
    const inTurn = (count: number): Items => encodeTableTurn({ ...turn, records: writerOf(many(count)) });
    expect(decodeUpdate(update(2_048), ada, true).entries).toHaveLength(2_048);
    expect(decodeTableTurn(inTurn(2_048), true).records).toHaveLength(2_048);
    const bad = expect.objectContaining({ code: "bad-message" });
    expect(() => decodeUpdate(update(2_049), ada, true)).toThrow(bad);
    expect(() => decodeTableTurn(inTurn(2_049), true)).toThrow(bad);
  });

  test("and so is one that is shown as contender", () => {
    const shown = encodeContender(signedRecord(ownerId(0), "k", 1, 1));
    expect(() => decodeContender(overTheWire(shown))).toThrow(expect.objectContaining({ code: "bad-message" }));
  });
});
