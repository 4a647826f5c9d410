import { decodeBody, encodeBody, encodeValues, flags, nodeIdToBytes, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freeRecord, leasedRecord, origins } from "../testing/arbitrary-records.js";
import { isSameRecord } from "../testing/same-record.js";
import { listOf, writerOf } from "../testing/turn-records.js";
import { type FullRecord, OriginList } from "./full-record.js";
import { PlainRun } from "./plain-run.js";
import type { Items } from "./read.js";
import { decodeRecords } from "./record-runs.js";

/** Lengths of so many keys of three bytes. */
function threes(count: number): Uint8Array {
  return Uint8Array.from({ length: 2 * count }, (_, at) => (at % 2) * 3);
}

function nested(depth: number): WireValue {
  return depth === 1 ? [] : [nested(depth - 1)];
}

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
  const good: WireValue[] = [null, 0, 1_000, now, keys, lengths, times, encodeValues([1, "two"])];

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
    ["no keys", 5, new Uint8Array(0)],
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
    ["a count of no record", 6, [1, 0, 0, 7, 1, 0]],
    ["a value less", 7, encodeValues([1])],
    ["a value more", 7, encodeValues([1, "two", 3])],
    ["no values", 7, new Uint8Array(0)],
    ["values as list", 7, [1, "two"]],
    ["a value that ends too early", 7, encodeValues([1, "two"]).subarray(0, 4)],
    ["a value that is none", 7, new Uint8Array([1, 0xc1])],
    ["a text in a value that is no UTF-8", 7, new Uint8Array([1, 0x91, 0xa1, 0xff])],
    ["a value that is too long", 7, encodeValues([1, "x".repeat(70_000)])],
    ["a value of 25 containers", 7, encodeValues([1, nested(25)])],
  ])("with %s are refused", (_name, at, item) => {
    const items = good.with(at, item);
    expect(() => decodeRecords([items], ids, true)).toThrow(expect.objectContaining({ code: "bad-message" }));
  });

  test("with a key of 1,025 bytes are refused, and with one of 1,024 taken", () => {
    const runOf = (length: number): WireValue[] => {
      const [keys, values] = [new Uint8Array(length).fill(97), encodeValues([1])];
      return [null, 0, 1_000, now, keys, new Uint8Array([4, length - 1_024]), [1, 0], values];
    };
    expect(listOf(decodeRecords([runOf(1_024)], ids, true))).toHaveLength(1);
    expect(() => decodeRecords([runOf(1_025)], ids, true)).toThrow(expect.objectContaining({ code: "bad-message" }));
  });

  test("keep no more of the message that they came in than twice what they need", () => {
    const column = encodeValues(Array.from({ length: 100 }, (_, n) => n * 1_000));
    const names = new Uint8Array(300).fill(97);
    for (const spare of [0, 10_000]) {
      const message = new Uint8Array(spare + names.length + column.length);
      message.set(names, spare);
      message.set(column, spare + names.length);
      const within = message.subarray(spare);
      const [run] = decodeRecords(
        [[null, 0, 1_000, now, within.subarray(0, 300), threes(100), [100, 0], within.subarray(300)]],
        ids,
        true,
      );
      if (!(run instanceof PlainRun)) throw new Error("no run");
      expect(run.keys.buffer === message.buffer).toBe(spare === 0);
      if (spare > 0) message.fill(0xc1);
      expect(listOf([run]).map(([key, { value }]) => [key, value])).toEqual(
        Array.from({ length: 100 }, (_, n) => ["aaa", n * 1_000]),
      );
    }
  });

  test("give each value bytes of its own", () => {
    const values = encodeValues([new Uint8Array([1, 2]), [new Uint8Array([3])]]);
    const [run] = decodeRecords([good.with(7, values)], ids, true);
    const before = listOf(run === undefined ? [] : [run]).map(([, { value }]) => value);
    values.fill(0xc0);
    expect(before).toEqual([new Uint8Array([1, 2]), [new Uint8Array([3])]]);
  });

  test("find the time of each record", () => {
    const pairs = [3, 0, 1, 7, 5, -2, 1, 0];
    const columns = [new Uint8Array(30).fill(97), threes(10), pairs, encodeValues(new Array(10).fill(null))];
    const [run] = decodeRecords([[null, 0, 1_000, now, ...columns]], ids, true);
    const found = listOf(run === undefined ? [] : [run]).map(([, { timeUs }]) => timeUs - now);
    expect(found).toEqual([0, 0, 0, 7, -2, -2, -2, -2, -2, 0]);
  });

  test("are one for each origin, however the writes of several are mixed", () => {
    const records = Array.from({ length: 100 }, (_, n): FullRecord => {
      const origin = origins[n % 2] as (typeof origins)[number]; // two are there
      return [`key ${n}`, { timeUs: now + n, origin, value: n, terms: undefined, fields: undefined }];
    });
    expect(writerOf(records).encode(new OriginList())).toHaveLength(2);
  });
});
