import { expect, test } from "vitest";
import { seededRandom } from "../testing/index.js";
import { systemRandom } from "./random.js";

for (const [name, random] of [
  ["system", systemRandom],
  ["seeded", seededRandom(7)],
] as const) {
  test(`[BASE-109] ${name} random gives bytes of any length and floats in [0, 1)`, () => {
    for (const length of [0, 1, 31, 70_000]) expect(random.bytes(length)).toHaveLength(length);
    expect(new Set(random.bytes(10_000)).size).toBe(256);
    const floats = Array.from({ length: 10_000 }, () => random.float());
    expect(floats.every((float) => float >= 0 && float < 1)).toBe(true);
    expect(new Set(floats).size).toBeGreaterThan(9_990);
    const mean = floats.reduce((sum, float) => sum + float, 0) / floats.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  });
}

test("a seed decides the sequence", () => {
  expect(seededRandom(1).bytes(32)).toEqual(seededRandom(1).bytes(32));
  expect(seededRandom(1).bytes(32)).not.toEqual(seededRandom(2).bytes(32));
});
