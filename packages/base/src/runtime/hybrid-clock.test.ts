import { expect, test } from "vitest";
import { HybridClock } from "./hybrid-clock.js";

test("times follow the wall clock in µs, and never repeat when it stands or goes back", () => {
  let nowMs = 1_000;
  const clock = new HybridClock(() => nowMs);
  expect([clock.next(), clock.next()]).toEqual([1_000_000, 1_000_001]);
  nowMs = 5;
  expect(clock.next()).toBe(1_000_002);
  expect(clock.wallUs).toBe(5_000);
  nowMs = 2_000.0005;
  expect(clock.next()).toBe(2_000_000);
});

test("times are above what was seen, and above what an earlier run may have given", () => {
  const clock = new HybridClock(() => 1_000, 7_000_000);
  expect(clock.next()).toBe(7_000_001);
  clock.observe(9_000_000);
  clock.observe(3);
  expect(clock.lastUs).toBe(9_000_000);
  expect(clock.next()).toBe(9_000_001);
});

test("a clock that shows no time still gives times that rise", () => {
  const clock = new HybridClock(() => Number.NaN);
  expect([clock.next(), clock.next()]).toEqual([1, 2]);
});
