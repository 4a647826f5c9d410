import { describe, expect, it } from "vitest";
import { compare, type Measurement, median } from "./result.js";

function measured(side: string, samples: readonly number[]): Measurement {
  return { scenario: "64 B", side, unit: "msg/s", samples };
}

describe("median", () => {
  it("is the middle sample, or the mean of the two middle ones", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 100])).toBe(3);
    expect(median([])).toBeNaN();
  });
});

describe("compare", () => {
  it("takes the median of the ratios of each round, so that a slow minute of the machine cancels out", () => {
    // The machine was three times slower in the second round, for both.
    const found = compare(measured("ours", [30, 10, 31]), measured("theirs", [10, 3.4, 10]));
    expect(found.ratio).toBeCloseTo(3);
    expect(found.ratioMin).toBeCloseTo(2.94, 2);
    expect(found.ratioMax).toBeCloseTo(3.1);
    expect(found).not.toHaveProperty("isMet");
  });

  it("tells whether the target was met, from above and from below", () => {
    const ours = measured("ours", [30]);
    const theirs = measured("theirs", [10]);
    expect(compare(ours, theirs, { bound: "at-least", ratio: 3 }).isMet).toBe(true);
    expect(compare(ours, theirs, { bound: "at-least", ratio: 3.1 }).isMet).toBe(false);
    expect(compare(ours, theirs, { bound: "at-most", ratio: 3 }).isMet).toBe(true);
    expect(compare(ours, theirs, { bound: "at-most", ratio: 2.9 }).isMet).toBe(false);
  });

  it("refuses to compare with nothing", () => {
    expect(() => compare(measured("ours", [1]), measured("theirs", []))).toThrow(RangeError);
  });
});
