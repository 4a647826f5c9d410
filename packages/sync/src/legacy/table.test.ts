import { describe, expect, it } from "vitest";
import { LegacyTable, type LegacyWrite, leaseSeconds } from "./table.js";

const limits = { maxKeys: 3, maxTableBytes: 1_000 };
const now = 1_800_000_000;

function by(owner: string, time: number, key = "k"): LegacyWrite {
  return { key, owner, ownerOnWire: owner, time, bytes: 10 };
}

describe("LegacyTable", () => {
  it("[SYNC-305] with leases, keeps a key for its owner, who may write again at any time", () => {
    const table = new LegacyTable(true, limits);
    expect(table.store(by("5", now), "first", now)).toBe("written");
    expect(table.store(by("6", now + 1), "later", now + 1)).toBe("leased");
    expect(table.store(by("5", now - 1), "of the owner, late", now + 1)).toBe("written");
    expect(table.get("k")?.value).toBe("of the owner, late");
  });

  it("[SYNC-305] gives a key to whoever writes more than an hour after its last write", () => {
    const table = new LegacyTable(true, limits);
    table.store(by("5", now), "old", now);
    expect(table.store(by("6", now + leaseSeconds), "still", now + leaseSeconds)).toBe("leased");
    expect(table.store(by("6", now + leaseSeconds + 1), "new", now + leaseSeconds + 1)).toBe("written");
  });

  it.each([true, false])("[SYNC-305] of two writes of one second takes the lower id's, leases %s", (leases) => {
    const table = new LegacyTable(leases, limits);
    table.store(by("5", now), "five", now);
    expect(table.store(by("6", now), "six", now)).toBe("leased");
    expect(table.store(by("4", now), "four", now)).toBe("written");
  });

  it("[SYNC-305] without leases, takes what is later", () => {
    const table = new LegacyTable(false, limits);
    table.store(by("5", now), "first", now);
    expect(table.store(by("6", now - 1), "earlier", now)).toBe("leased");
    expect(table.store(by("6", now + 1), "later", now)).toBe("written");
  });

  it("[SYNC-305] deletes with null, and forgets all of the key", () => {
    const table = new LegacyTable(true, limits);
    table.store(by("5", now), "first", now);
    expect(table.store(by("5", now), null, now)).toBe("deleted");
    expect(table.store(by("5", now), null, now)).toBe("absent");
    expect(table.store(by("6", now), "another's", now)).toBe("written");
  });

  it("[SYNC-306] merges fields, makes the map, and takes owner and time over", () => {
    const table = new LegacyTable(false, limits);
    expect(table.merge(by("5", now), { a: 1, b: 1 }, now)).toBe("written");
    const fields = JSON.parse('{"b": 2, "__proto__": 3}') as Record<string, number>;
    expect(table.merge(by("6", now - 5), fields, now)).toBe("written");
    expect(table.get("k")).toMatchObject({ owner: "6", time: now - 5 });
    expect(JSON.stringify(table.get("k")?.value)).toBe('{"a":1,"b":2,"__proto__":3}');
  });

  it("[SYNC-306] with leases, merges no fields of another's, and never into what is no map", () => {
    const table = new LegacyTable(true, limits);
    table.store(by("5", now), [1], now);
    expect(table.merge(by("5", now), { a: 1 }, now)).toBe("not-a-map");
    expect(table.merge(by("6", now), { a: 1 }, now)).toBe("leased");
    expect(table.get("k")?.value).toEqual([1]);
  });

  it("[SYNC-307] takes what a late joiner is told only for keys that it lacks", () => {
    const table = new LegacyTable(true, limits);
    expect(table.adopt(by("5", now), "told")).toBe("written");
    expect(table.adopt(by("4", now), "told again")).toBe("leased");
    expect(table.adopt(by("5", now, "other"), null)).toBe("absent");
  });

  it("[SYNC-312] holds no more keys and bytes than it may", () => {
    const table = new LegacyTable(true, limits);
    for (const key of ["a", "b", "c"]) expect(table.store(by("5", now, key), 1, now)).toBe("written");
    expect(table.store(by("5", now, "d"), 1, now)).toBe("full");
    expect(table.store({ ...by("5", now, "a"), bytes: 981 }, 1, now)).toBe("full");
    expect(table.store({ ...by("5", now, "a"), bytes: 980 }, 1, now)).toBe("written");
    table.store(by("5", now, "a"), null, now);
    expect(table.merge(by("5", now, "a"), { text: "x".repeat(1_000) }, now)).toBe("full");
    expect(table.get("a")).toBeUndefined();
  });
});
