import fc from "fast-check";
import { expect, test } from "vitest";
import { SeenCache } from "./seen.js";

const salt = [0x1234_5678, 0x9abc_def0] as const;

/** An id that differs for each number; the first lanes may be equal, as an attacker would choose them. */
function id(number: number, lane = 0): string {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(number, lane * 4);
  return bytes.toString("latin1");
}

test("[MESH-010] an id is new once, in whichever lane it differs", () => {
  const seen = new SeenCache({ capacity: 1024, lifetimeMs: 120_000, salt }, 0);
  for (const expected of [true, false]) {
    for (let lane = 0; lane < 4; lane += 1) {
      for (let number = 1; number <= 100; number += 1) expect(seen.add(id(number, lane), 0)).toBe(expected);
    }
    expect(seen.size).toBe(400);
  }
});

test("[MESH-010] the id of nothing but zeros is an id too", () => {
  const seen = new SeenCache({ capacity: 1024, lifetimeMs: 120_000, salt }, 0);
  expect(seen.add(id(0), 0)).toBe(true);
  expect(seen.has(id(0), 0)).toBe(true);
  expect(seen.add(id(0), 0)).toBe(false);
});

test("[MESH-011] an id is remembered for at least 120 s and at most 180 s of the monotonic clock", () => {
  for (const startMs of [0, 1, 30_000, 59_999]) {
    const seen = new SeenCache({ capacity: 1024, lifetimeMs: 120_000, salt }, 0);
    seen.add(id(7), startMs);
    for (let at = startMs; at < startMs + 120_000; at += 5_000) {
      seen.add(id(1_000 + at), at);
      expect(seen.has(id(7), at)).toBe(true);
    }
    for (let at = startMs + 120_000; at <= startMs + 185_000; at += 5_000) seen.add(id(1_000 + at), at);
    expect(seen.has(id(7), startMs + 185_000)).toBe(false);
  }
});

test("[MESH-011] a quiet node forgets too, and gives its memory back", () => {
  const seen = new SeenCache({ capacity: 2 ** 17, lifetimeMs: 120_000, salt }, 0);
  for (let number = 1; number <= 50_000; number += 1) seen.add(id(number), 0);
  const busy = seen.byteLength;
  expect(seen.has(id(1), 119_999)).toBe(true);
  expect(seen.has(id(1), 400_000)).toBe(false);
  for (let at = 400_000; at < 1_000_000; at += 10_000) seen.has(id(1), at);
  seen.add(id(1), 1_000_000);
  expect(seen.size).toBe(1);
  expect(seen.byteLength).toBeLessThanOrEqual(busy);
});

test("[MESH-012] at least the last `capacity` ids are remembered, and never more than one and a half times that", () => {
  const capacity = 4_096;
  const seen = new SeenCache({ capacity, lifetimeMs: 120_000, salt }, 0);
  const total = 50_000;
  for (let number = 1; number <= total; number += 1) {
    expect(seen.add(id(number), 0)).toBe(true);
    if (number > capacity && number % 97 === 0) expect(seen.has(id(number - capacity + 1), 0)).toBe(true);
    expect(seen.size).toBeLessThanOrEqual(capacity * 1.5);
  }
  expect(seen.has(id(total - Math.ceil(capacity * 1.5) - 1), 0)).toBe(false);
});

test("[MESH-012] memory starts small and is bounded by the capacity", () => {
  const seen = new SeenCache({ capacity: 65_536, lifetimeMs: 120_000, salt }, 0);
  expect(seen.byteLength).toBeLessThanOrEqual(4_608);
  for (let number = 1; number <= 400_000; number += 1) seen.add(id(number), 0);
  expect(seen.byteLength).toBeLessThanOrEqual(3 * 32_768 * 2 * 18);
});

test("[MESH-010] behaves as a set, for any ids in any order (property)", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 16, maxLength: 32 }), { maxLength: 300 }), (ids) => {
      const seen = new SeenCache({ capacity: 1_024, lifetimeMs: 120_000, salt }, 0);
      const model = new Set<string>();
      for (const bytes of ids) {
        const text = Buffer.from(bytes).toString("latin1");
        const key = Buffer.from(bytes.subarray(0, 16))
          .toString("hex")
          .replace(/^0{32}$/, `01${"0".repeat(30)}`);
        expect(seen.add(text, 0)).toBe(!model.has(key));
        model.add(key);
      }
    }),
  );
});

test("[MESH-010] ids that agree in their low bits do not make lookups slow", () => {
  const seen = new SeenCache({ capacity: 65_536, lifetimeMs: 120_000, salt }, 0);
  // Without the salt these would all want one slot, and 30,000 adds would take 4.5e8 probes.
  for (let number = 1; number <= 30_000; number += 1)
    expect(seen.add(id(number << 16 || 1, number & 1), 0)).toBeTypeOf("boolean");
  expect(seen.size).toBeGreaterThan(20_000);
});

test("[MESH-012] refuses senseless options", () => {
  expect(() => new SeenCache({ capacity: 1, lifetimeMs: 1, salt }, 0)).toThrow(RangeError);
  expect(() => new SeenCache({ capacity: 2 ** 25, lifetimeMs: 1, salt }, 0)).toThrow(RangeError);
  expect(() => new SeenCache({ capacity: 64, lifetimeMs: 0, salt }, 0)).toThrow(RangeError);
});

test("[MESH-012] tables grow only with memory that was granted; without it the oldest ids go first", () => {
  let left = 100_000;
  let most = 0;
  const memory = {
    reserve(bytes: number): boolean {
      if (bytes > left) return false;
      left -= bytes;
      most = Math.max(most, 100_000 - left);
      return true;
    },
    release(bytes: number): void {
      left += bytes;
    },
  };
  const seen = new SeenCache({ capacity: 65_536, lifetimeMs: 120_000, salt, memory }, 0);
  for (let number = 1; number <= 50_000; number += 1) expect(seen.add(id(number), 0)).toBe(true);
  for (let number = 49_000; number <= 50_000; number += 1) expect(seen.add(id(number), 0)).toBe(false);
  expect(seen.has(id(1), 0)).toBe(false);
  expect(seen.byteLength).toBeLessThanOrEqual(100_000 + 3 * 4_608);
  expect(most).toBeGreaterThan(50_000);
  for (let at = 60_000; at <= 600_000; at += 60_000) seen.add(id(60_000 + at), at);
  expect(left).toBeGreaterThan(85_000);
  expect(left).toBeLessThanOrEqual(100_000);
});
