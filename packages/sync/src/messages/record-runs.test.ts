import { decodeBody, encodeBody, flags, nodeIdToBytes, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freeRecord, leasedRecord, origins } from "../testing/arbitrary-records.js";
import { isSameRecord } from "../testing/same-record.js";
import { listOf, writerOf } from "../testing/turn-records.js";
import { type FullRecord, OriginList } from "./full-record.js";
import type { Items } from "./read.js";
import { decodeRecords } from "./record-runs.js";

function overTheWire(items: readonly WireValue[]): Items {
  // The ids of the tests are there.
  const sender = nodeIdToBytes(origins[0] as (typeof origins)[number]);
  return decodeBody(encodeBody({ type: 2, sender, time: 1, items: [flags.subtypes.tableTurn, ...items] })).items;
}

function roundTrip(records: readonly FullRecord[], hasLeases: boolean): FullRecord[] {
  const list = new OriginList();
  const encoded = writerOf(records).encode(list);
  const [, ids, items] = overTheWire([list.toBytes(), encoded]);
  return listOf(decodeRecords(items as Items, OriginList.read(ids), hasLeases));
}

test.each([true, false])("[SYNC-089] records are the same after the wire, in runs or not (leases: %s)", (hasLeases) => {
  // A record of no write is told to nobody.
  const written = freeRecord.filter(({ timeUs, fields }) => timeUs > 0 || fields !== undefined);
  const records = fc.array(hasLeases ? leasedRecord : written, { maxLength: 20 });
  fc.assert(
    fc.property(records, (all) => {
      const named = all.map((record, index): FullRecord => [`key ${index}`, record]);
      const after = new Map(roundTrip(named, hasLeases));
      expect(after.size).toBe(named.length);
      for (const [key, record] of named) {
        const other = after.get(key);
        expect(other !== undefined && isSameRecord(record, other)).toBe(true);
      }
    }),
  );
});

describe("[SYNC-080] [SYNC-089] runs", () => {
  const now = 1_795_000_000_000_000;
  const list = new OriginList();
  list.indexOf(origins[0] as (typeof origins)[number]);
  const ids = OriginList.read(list.toBytes());
  const keys = new Uint8Array([97, 98, 0xc3, 0xa9]);
  const lengths = new Uint8Array([0, 1, 0, 3]);
  const times = [1, 0, 1, -5];
  const good: WireValue[] = [null, 0, 1_000, now, keys, lengths, times, [1, "two"]];

  test("are read", () => {
    const [run] = decodeRecords([good], ids, true);
    expect(listOf(run === undefined ? [] : [run])).toEqual([
      ["a", expect.objectContaining({ timeUs: now, value: 1, origin: origins[0] })],
      ["bé", expect.objectContaining({ timeUs: now - 5, value: "two" })],
    ]);
  });

  test.each<[string, number, WireValue]>([
    ["an origin that is not listed", 1, 1],
    ["no lease, where there are leases", 2, null],
    ["a lease below 0", 2, -1],
    ["a lease of years", 2, 90_000_000_000],
    ["a base of 0", 3, 0],
    ["a base so late that a time is no integer", 3, Number.MAX_SAFE_INTEGER + 1],
    ["keys as text", 4, "abé"],
    ["keys that are longer than told", 4, new Uint8Array([97, 98, 0xc3, 0xa9, 99])],
    ["keys that are shorter than told", 4, new Uint8Array([97, 98, 99])],
    ["keys that are no UTF-8", 4, new Uint8Array([97, 98, 0xc3, 0x28])],
    ["a key cut within a character", 5, new Uint8Array([0, 3, 0, 1])],
    ["an empty key", 5, new Uint8Array([0, 0, 0, 4])],
    ["lengths of half a key", 5, new Uint8Array([0, 1, 0])],
    ["lengths of one key more", 5, new Uint8Array([0, 1, 0, 1, 0, 2])],
    ["lengths as list", 5, [1, 3]],
    ["times of one record less", 6, [1, 0]],
    ["times of one record more", 6, [3, 0]],
    ["a time without count", 6, [2]],
    ["a count that is no integer", 6, [1.5, 0, 0.5, 0]],
    ["a time before 1970", 6, [2, -now]],
    ["a time that is no integer", 6, [2, 0.5]],
    ["a time as text", 6, [2, "0"]],
    ["a value less", 7, [1]],
    ["no values", 7, []],
    ["values as map", 7, { a: 1 }],
    ["a value that is too long", 7, [1, "x".repeat(70_000)]],
  ])("with %s are refused", (_name, at, item) => {
    const items = good.with(at, item);
    expect(() => decodeRecords([items], ids, true)).toThrow(expect.objectContaining({ code: "bad-message" }));
  });

  test("with a key of 1,025 bytes are refused, and with one of 1,024 taken", () => {
    const runOf = (length: number): WireValue[] => {
      return [null, 0, 1_000, now, new Uint8Array(length).fill(97), new Uint8Array([4, length - 1_024]), [1, 0], [1]];
    };
    expect(listOf(decodeRecords([runOf(1_024)], ids, true))).toHaveLength(1);
    expect(() => decodeRecords([runOf(1_025)], ids, true)).toThrow(expect.objectContaining({ code: "bad-message" }));
  });

  test("keep nothing of the message that they came in", () => {
    const [run] = decodeRecords([good], ids, true);
    keys.fill(120);
    expect(listOf(run === undefined ? [] : [run]).map(([key]) => key)).toEqual(["a", "bé"]);
    keys.set([97, 98, 0xc3, 0xa9]);
  });

  test("are one for each origin, however the writes of several are mixed", () => {
    const records = Array.from({ length: 100 }, (_, n): FullRecord => {
      const origin = origins[n % 2] as (typeof origins)[number]; // two are there
      return [`key ${n}`, { timeUs: now + n, origin, value: n, terms: undefined, fields: undefined }];
    });
    expect(writerOf(records).encode(new OriginList())).toHaveLength(2);
  });
});
