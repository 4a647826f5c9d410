// The hybrid clock. [SYNC-010 to SYNC-016]
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HybridClock } from "./clock.js";

const maxAheadMs = 1_800_000;
const startMs = 1_795_000_000_000;

function clockAt(readings: { nowMs: number }, lastUs = 0): HybridClock {
  return new HybridClock({ nowMs: () => readings.nowMs, maxAheadMs, lastUs });
}

describe("stamps", () => {
  test("[SYNC-010] [SYNC-012] they grow, whatever the wall clock does and whatever is seen", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("jump"), ms: fc.integer({ min: -maxAheadMs, max: 10_000 }) }),
      fc.record({ kind: fc.constant("see"), ms: fc.integer({ min: -1_000, max: 1_000 }) }),
      fc.record({ kind: fc.constant("next"), ms: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const wall = { nowMs: startMs };
        const clock = clockAt(wall);
        let lastUs = clock.next();
        for (const { kind, ms } of steps) {
          // Together the jumps stay within the bound, beyond which SYNC-016 is about.
          if (kind === "jump") wall.nowMs = Math.max(startMs - 1_000, wall.nowMs + ms);
          else if (kind === "see") clock.observe(clock.physicalUs() + ms * 1_000);
          const highestUs = Math.max(lastUs, clock.lastUs);
          const nextUs = clock.next();
          if (highestUs <= clock.physicalUs() + maxAheadMs * 1_000) expect(nextUs).toBeGreaterThan(highestUs);
          expect(nextUs).toBeGreaterThanOrEqual(clock.physicalUs());
          lastUs = nextUs;
        }
      }),
    );
  });

  test("[SYNC-010] after a restart they go on above what was reserved", () => {
    const wall = { nowMs: startMs };
    expect(clockAt(wall, startMs * 1_000 + 700).next()).toBe(startMs * 1_000 + 701);
  });

  test("[SYNC-016] a clock that was far ahead and is right again goes on from the right time", () => {
    const wall = { nowMs: startMs + 86_400_000 };
    const clock = clockAt(wall);
    clock.next();
    wall.nowMs = startMs;
    expect(clock.next()).toBe(startMs * 1_000);
    expect(clock.next()).toBe(startMs * 1_000 + 1);
  });

  test("a reading that is no time makes nothing lapse, and stamps go on", () => {
    const wall = { nowMs: startMs };
    const clock = clockAt(wall);
    const first = clock.next();
    for (const reading of [Number.NaN, Number.POSITIVE_INFINITY, -5]) {
      wall.nowMs = reading;
      expect(clock.physicalUs()).toBe(0);
    }
    expect(clock.next()).toBe(first + 1);
  });
});

describe("the future", () => {
  test("[SYNC-014] up to 30 minutes ahead is taken", () => {
    const clock = clockAt({ nowMs: startMs });
    expect(clock.isAhead((startMs + maxAheadMs) * 1_000)).toBe(false);
    expect(clock.isAhead((startMs + maxAheadMs) * 1_000 + 1)).toBe(true);
  });

  test.each([
    ["no neighbours", [], 0],
    ["[SYNC-015] less than half the bound is left", [600_000, 800_000, 899_999], 0],
    ["[SYNC-015] the median with the own clock corrects more", [900_001, 5_000_000, 1_000_000, 1_200_000], 1_000_000],
    ["[SYNC-015] of two clocks none is moved", [-3_000_000], 0],
    ["[SYNC-015] of three one alone moves no other", [0, -3_000_000], 0],
    ["[SYNC-015] of three the one that is wrong is moved", [-1_000_000, -3_000_000], -1_000_000],
    [
      "[SYNC-015] of an even number the middle that is nearer to the own one",
      [2_000_000, 1_000_000, 3_000_000],
      1_000_000,
    ],
    ["what is no number does not count", [Number.NaN, 2_000_000, Number.POSITIVE_INFINITY, 2_000_000], 2_000_000],
  ])("%s", (_name, offsetsMs, correctionMs) => {
    const clock = clockAt({ nowMs: startMs });
    clock.correct(offsetsMs);
    expect(clock.physicalUs()).toBe((startMs + correctionMs) * 1_000);
  });
});
