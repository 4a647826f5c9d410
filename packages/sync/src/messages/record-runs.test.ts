import { decodeBody, encodeBody, flags, nodeIdToBytes, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isSameRecord } from "../record/join.js";
import { freeRecord, leasedRecord, origins } from "../testing/arbitrary-records.js";
import { type FullRecord, OriginList } from "./full-record.js";
import type { Items } from "./read.js";
import { decodeRecords, encodeRecords } from "./record-runs.js";

function overTheWire(items: readonly WireValue[]): Items {
  // The ids of the tests are there.
  const sender = nodeIdToBytes(origins[0] as (typeof origins)[number]);
  return decodeBody(encodeBody({ type: 2, sender, time: 1, items: [flags.subtypes.tableTurn, ...items] })).items;
}

function roundTrip(records: readonly FullRecord[], hasLeases: boolean): FullRecord[] {
  const list = new OriginList();
  const encoded = encodeRecords(records, list);
  const [, ids, items] = overTheWire([list.toBytes(), encoded]);
  return decodeRecords(items as Items, OriginList.read(ids), hasLeases);
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

test("[SYNC-080] a run that cannot be is refused", () => {
  const now = 1_795_000_000_000_000;
  const list = new OriginList();
  list.indexOf(origins[0] as (typeof origins)[number]);
  const ids = OriginList.read(list.toBytes());
  const run = ["a", 0, 1, "b", -5, 2];
  expect(decodeRecords([[null, 0, 1_000, now, run]], ids, true)).toHaveLength(2);
  const bad: WireValue[][] = [
    [null, 1, 1_000, now, run],
    [null, 0, null, now, run],
    [null, 0, -1, now, run],
    [null, 0, 90_000_000_000, now, run],
    [null, 0, 1_000, 0, run],
    [null, 0, 1_000, now],
    [null, 0, 1_000, now, []],
    [null, 0, 1_000, now, ["a", 0]],
    [null, 0, 1_000, now, ["", 0, 1]],
    [null, 0, 1_000, now, ["a", -now, 1]],
    [null, 0, 1_000, now, ["a", 0.5, 1]],
    [null, 0, 1_000, now, ["a", "0", 1]],
    [null, 0, 1_000, Number.MAX_SAFE_INTEGER, ["a", 1, 1]],
    [null, 0, 1_000, now, ["a", 0, "x".repeat(70_000)]],
  ];
  for (const items of bad) {
    expect(() => decodeRecords([items], ids, true)).toThrow(expect.objectContaining({ code: "bad-message" }));
  }
});
