import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arcFraction, comparePositions, isBetween, isOnArc, plusPowerOfTwo } from "./arc.js";

const circle = 1n << 384n;

function number(position: Uint8Array): bigint {
  return position.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** Positions that are often near one another, so that wrapping and equality occur. */
const position = fc.oneof(
  fc.uint8Array({ minLength: 48, maxLength: 48 }),
  fc.integer({ min: 0, max: 3 }).map((last) => new Uint8Array(48).fill(last, 47)),
  fc.integer({ min: 253, max: 255 }).map((last) => new Uint8Array(48).fill(255).fill(last, 47)),
);

describe("[CHORD-002] arithmetic on the circle is that of 384-bit numbers", () => {
  test("order", () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const [x, y] = [number(a), number(b)];
        expect(Math.sign(comparePositions(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
    );
  });

  test("between, by the way clockwise", () => {
    fc.assert(
      fc.property(position, position, position, (a, x, b) => {
        const way = (number(b) - number(a) + circle) % circle || circle;
        const part = (number(x) - number(a) + circle) % circle;
        expect(isBetween(a, x, b)).toBe(part > 0n && part < way);
        expect(isOnArc(a, x, b)).toBe((part > 0n && part < way) || number(x) === number(b));
      }),
    );
  });

  test("distance as a part of the circle", () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const part = (number(b) - number(a) + circle) % circle;
        expect(arcFraction(a, b)).toBeCloseTo(Number(part >> 331n) / 2 ** 53, 12);
      }),
    );
  });

  test("powers of two", () => {
    fc.assert(
      fc.property(position, fc.integer({ min: 0, max: 383 }), (a, exponent) => {
        expect(number(plusPowerOfTwo(a, exponent))).toBe((number(a) + (1n << BigInt(exponent))) % circle);
      }),
    );
  });
});
