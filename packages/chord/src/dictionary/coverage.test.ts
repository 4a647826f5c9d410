import { describe, expect, test } from "vitest";
import type { PositionRange } from "../ring-access.js";
import { Coverage } from "./coverage.js";

const abandonMs = 1_000;
const at = (first: number) => Uint8Array.from({ length: 48 }, (_, n) => (n === 0 ? first : 0));
const range = (after: number, upTo: number): PositionRange => ({ after: at(after), upTo: at(upTo) });

/** A node at 100 whose range began at 50, and was fetched. */
function settled(): Coverage {
  const coverage = new Coverage(abandonMs);
  coverage.moved(range(50, 100), 0);
  coverage.fetched();
  return coverage;
}

const isSure = (coverage: Coverage, position: number, nowMs = 0) => coverage.sureOf([at(position)], nowMs) === 1;

describe("[CHORD-218] a node knows", () => {
  test("nothing before it has fetched its range, or when it is no member", () => {
    const coverage = new Coverage(abandonMs);
    coverage.moved(range(50, 100), 0);
    expect(isSure(coverage, 60)).toBe(false);
    coverage.fetched();
    expect(isSure(coverage, 60)).toBe(true);
    coverage.moved(undefined, 0);
    coverage.moved(range(50, 100), 0);
    expect(isSure(coverage, 60)).toBe(false);
  });

  test("its range, and no position of others", () => {
    const coverage = settled();
    expect([51, 100, 50, 101].map((each) => isSure(coverage, each))).toEqual([true, true, false, false]);
    expect(coverage.sureOf([10, 60, 70, 110, 100].map(at), 0)).toBe(0b10110);
  });

  test("what it took over from a member that compared with it", () => {
    const coverage = settled();
    coverage.told(range(30, 50));
    coverage.moved(range(30, 100), 0);
    expect(isSure(coverage, 40)).toBe(true);
    coverage.moved(range(20, 100), 0);
    expect([60, 40, 25].map((each) => isSure(coverage, each))).toEqual([true, true, false]);
  });

  test("nothing of what a member told that has had others between since", () => {
    const coverage = settled();
    coverage.told(range(30, 50));
    coverage.moved(range(70, 100), 0);
    coverage.moved(range(50, 100), 0);
    coverage.moved(range(30, 100), 0);
    expect(isSure(coverage, 40)).toBe(false);
  });

  test("what it took over from others only after they were away for so long", () => {
    const coverage = settled();
    coverage.moved(range(20, 100), 5);
    expect(isSure(coverage, 40, 5)).toBe(false);
    expect(isSure(coverage, 60, 5)).toBe(true);
    expect(isSure(coverage, 40, 1_004)).toBe(false);
    expect(isSure(coverage, 40, 1_005)).toBe(true);
  });

  test("its range at once when those who vanished are back", () => {
    const coverage = settled();
    coverage.moved(range(20, 100), 5);
    coverage.moved(range(50, 100), 6);
    expect(isSure(coverage, 60, 6)).toBe(true);
    coverage.moved(range(70, 100), 6);
    coverage.moved(range(50, 100), 6);
    expect(isSure(coverage, 60, 6)).toBe(false);
  });

  test("not all of the circle because all others vanished, but because it founded it", () => {
    const coverage = settled();
    coverage.moved(range(100, 100), 5);
    expect([60, 40, 200].map((each) => isSure(coverage, each, 5))).toEqual([true, false, false]);
    const founder = new Coverage(abandonMs);
    founder.moved(range(100, 100), 0);
    founder.fetched();
    expect([60, 40, 200].map((each) => isSure(founder, each))).toEqual([true, true, true]);
  });

  test("all of the circle when the one other member, that vanished, compared all of its part", () => {
    const coverage = settled();
    coverage.told(range(100, 50));
    coverage.moved(range(100, 100), 5);
    expect([60, 40, 200].map((each) => isSure(coverage, each, 5))).toEqual([true, true, true]);
  });
});
