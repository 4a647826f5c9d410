import fc from "fast-check";
import { expect, test } from "vitest";
import { Timestamper } from "./timestamper.js";

test("[WIRE-047] times increase whatever the clock does, and follow it when they can", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 4e12, noNaN: true }), { minLength: 1 }), (clock) => {
      let now = 0;
      const timestamper = new Timestamper(() => now);
      let last = 0;
      for (const reading of clock) {
        now = reading;
        const time = timestamper.next();
        expect(Number.isSafeInteger(time)).toBe(true);
        expect(time).toBe(Math.max(last + 1, Math.floor(reading * 1000)));
        last = time;
      }
    }),
  );
});

test("[WIRE-047] a clock that shows nonsense does not stop time", () => {
  const readings = [Number.NaN, Number.NEGATIVE_INFINITY, -5, 1, Number.POSITIVE_INFINITY, 2 ** 53];
  const timestamper = new Timestamper(() => readings.shift() ?? Number.NaN);
  expect([1, 2, 3, 4, 5, 6, 7].map(() => timestamper.next())).toEqual([1, 2, 3, 1000, 1001, 1002, 1003]);
});
