// Streams of the portable deflate, taken by zlib and by our own inflate. [WIRE-012, WIRE-016]
import { randomBytes } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { deflateRaw } from "./deflate.js";
import { inflateRaw } from "./inflate.js";

function expectTaken(bytes: Uint8Array): Uint8Array {
  const stream = deflateRaw(bytes);
  expect(Buffer.compare(inflateRawSync(stream), bytes)).toBe(0);
  expect(inflateRaw(stream, bytes.length)).toEqual({ output: bytes, used: stream.length });
  expect(stream.length).toBeLessThanOrEqual((bytes.length * 9) / 8 + 16);
  return stream;
}

test("[WIRE-012] any bytes come back, whatever repeats in them and how far off", () => {
  const noise = fc.uint8Array({ maxLength: 40 });
  const run = fc.tuple(noise, fc.nat({ max: 700 })).map(([bytes, times]) => Array.from({ length: times }, () => bytes));
  fc.assert(
    fc.property(fc.array(fc.oneof(noise, run), { maxLength: 12 }), (parts) => {
      expectTaken(new Uint8Array(Buffer.concat(parts.flat())));
    }),
    { numRuns: 300 },
  );
});

test("[WIRE-012] distances and lengths to the last one are written as they are read", () => {
  const start = new Uint8Array(randomBytes(300));
  for (const distance of [300, 4_096, 4_097, 24_576, 24_577, 32_767, 32_768, 32_769]) {
    for (const length of [4, 10, 11, 12, 130, 131, 227, 257, 258, 259]) {
      const bytes = new Uint8Array(distance + length);
      bytes.set(start);
      bytes.set(start.subarray(0, length), distance);
      expectTaken(bytes);
    }
  }
});

test("[WIRE-012] bytes that repeat nothing fill many blocks, and grow by a little", () => {
  for (const size of [1, 255, 16_383, 16_384, 16_385, 200_000]) {
    expect(expectTaken(new Uint8Array(randomBytes(size))).length).toBeLessThan(size * 1.005 + 40);
    expectTaken(new Uint8Array(randomBytes(size)).map((byte) => byte | 0x90));
  }
});

test("[WIRE-012] what repeats itself gets as small as by zlib at its fastest, about", () => {
  const rows = Array.from({ length: 1_000 }, (_, id) => ({
    id: (id * 7_919) % 1_000,
    name: `name ${id}`,
    tags: ["a", "b"],
  }));
  const text = new TextEncoder().encode(JSON.stringify(rows));
  expect(text.length / expectTaken(text).length).toBeGreaterThan(7);
  const zeros = new Uint8Array(100_000);
  expect(zeros.length / expectTaken(zeros).length).toBeGreaterThan(200);
});
