import { describe, expect, it } from "vitest";
import { bestLinked, isWhole, linksOf, type Neighbours, newLinks } from "./links.js";

function neighbours(table: Record<string, string>): Neighbours {
  return new Map(Object.entries(table).map(([name, others]) => [name, new Set(others)]));
}

describe("isWhole", () => {
  it("holds for a chain, a single node and nobody", () => {
    expect(isWhole(neighbours({ A: "B", B: "AC", C: "B" }))).toBe(true);
    expect(isWhole(neighbours({ A: "" }))).toBe(true);
    expect(isWhole(neighbours({}))).toBe(true);
  });

  it("fails for two islands", () => {
    expect(isWhole(neighbours({ A: "B", B: "A", C: "D", D: "C" }))).toBe(false);
  });

  it("fails while one end of a link does not know it yet, or still names someone gone", () => {
    expect(isWhole(neighbours({ A: "B", B: "" }))).toBe(false);
    expect(isWhole(neighbours({ A: "BX", B: "A" }))).toBe(false);
  });
});

describe("linksOf and newLinks", () => {
  it("name each link once, and what was added", () => {
    const before = linksOf(neighbours({ A: "B", B: "A", C: "" }));
    const after = linksOf(neighbours({ A: "BC", B: "A", C: "A" }));
    expect(before).toEqual([["A", "B"]]);
    expect(newLinks(before, after)).toEqual([["A", "C"]]);
  });
});

describe("bestLinked", () => {
  it("is the one with most links", () => {
    expect(bestLinked(neighbours({ A: "B", B: "AC", C: "B" }))).toBe("B");
    expect(bestLinked(neighbours({}))).toBeUndefined();
  });
});
