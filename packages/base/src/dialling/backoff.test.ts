import { expect, test } from "vitest";
import { seededRandom } from "../testing/index.js";
import { Backoff, reconnectDelaysMs } from "./backoff.js";

const middle = { bytes: () => new Uint8Array(0), float: () => 0.5 };

test("[BASE-150] delays grow to 1, 5, 15, 60, 600 s, and the last repeats", () => {
  const backoff = new Backoff(middle);
  const delays = Array.from({ length: 7 }, () => backoff.failed(0));
  expect(delays).toEqual([1_000, 5_000, 15_000, 60_000, 600_000, 600_000, 600_000]);
});

test("[BASE-151] jitter spreads each delay by half, both ways", () => {
  const random = seededRandom(1);
  const firsts = Array.from({ length: 1_000 }, () => new Backoff(random).failed(0) ?? 0);
  expect(Math.min(...firsts)).toBeGreaterThanOrEqual(500);
  expect(Math.min(...firsts)).toBeLessThan(550);
  expect(Math.max(...firsts)).toBeLessThan(1_500);
  expect(Math.max(...firsts)).toBeGreaterThan(1_450);
});

test("[BASE-152] only a connection that was up for 60 s starts the delays anew", () => {
  const backoff = new Backoff(middle);
  backoff.failed(0);
  backoff.connected(1_000);
  expect(backoff.failed(60_999)).toBe(5_000);
  backoff.connected(70_000);
  expect(backoff.failed(130_000)).toBe(1_000);
  expect(backoff.attempts).toBe(1);
});

test("[BASE-153] after the last attempt it gives up, until a success", () => {
  const backoff = new Backoff(middle, { maxAttempts: 2 });
  expect([backoff.failed(0), backoff.failed(0), backoff.failed(0), backoff.failed(0)]).toEqual([
    1_000,
    5_000,
    undefined,
    undefined,
  ]);
  backoff.connected(0);
  expect(backoff.failed(60_000)).toBe(1_000);
  expect(new Backoff(middle, { maxAttempts: 0 }).failed(0)).toBeUndefined();
});

test("options out of bounds are the caller's mistake", () => {
  expect(() => new Backoff(middle, { delaysMs: [] })).toThrow(RangeError);
  expect(() => new Backoff(middle, { jitter: 2 })).toThrow(RangeError);
  expect(Object.isFrozen(reconnectDelaysMs)).toBe(true);
});
