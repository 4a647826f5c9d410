import { describe, expect, it } from "vitest";
import { figure, reportLines, summaryLine } from "./report.js";
import { type BenchResult, compare } from "./result.js";

const ours = { scenario: "64 B", side: "ours", unit: "msg/s", samples: [300_000, 330_000, 310_000] };
const theirs = { scenario: "64 B", side: "theirs", unit: "msg/s", samples: [30_000, 30_000, 31_000] };
const result: BenchResult = {
  group: "mesh",
  measurements: [ours, theirs],
  comparisons: [
    compare(ours, theirs, { bound: "at-least", ratio: 10 }),
    compare(theirs, ours, { bound: "at-least", ratio: 1 }),
  ],
  notes: ["Two processes."],
};

describe("reportLines", () => {
  it("shows median, spread, ratio, target and verdict", () => {
    const text = reportLines(result).join("\n");
    expect(text).toMatch(/64 B +ours +310,000 +300,000 – 330,000 +msg\/s/);
    expect(text).toMatch(/64 B: ours \/ theirs +10 +10 – 11 +≥ 10 +met$/m);
    expect(text).toMatch(/64 B: theirs \/ ours .* NOT MET$/m);
    expect(text).toContain("note: Two processes.");
  });
});

describe("summaryLine", () => {
  it("counts the targets that were met", () => {
    expect(summaryLine([result, result])).toBe("2 of 4 targets met");
  });
});

describe("figure", () => {
  it.each([
    [12_345_678, "12,300,000"],
    [2.7654, "2.77"],
    [0.00123456, "0.00123"],
    [Number.NaN, "NaN"],
  ])("shows %d as %s", (value, text) => {
    expect(figure(value)).toBe(text);
  });
});
