import { expect, test } from "vitest";
import { ManualClock } from "../testing/index.js";
import { systemClock } from "./clock.js";

test("[BASE-108] the system clock tells the wall time to parts of a millisecond, and never goes back monotonically", () => {
  const wall = Array.from({ length: 1_000 }, () => systemClock.now());
  expect(Math.abs((wall[0] ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(wall.some((ms) => !Number.isInteger(ms))).toBe(true);
  const monotonic = Array.from({ length: 1_000 }, () => systemClock.monotonic());
  expect(monotonic).toEqual(monotonic.toSorted((a, b) => a - b));
});

test("[BASE-108] queued jobs run in order, after microtasks", async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    systemClock.queue(() => order.push("first"));
    systemClock.queue(() => {
      order.push("second");
      resolve();
    });
    queueMicrotask(() => order.push("microtask"));
    order.push("turn");
  });
  expect(order).toEqual(["turn", "microtask", "first", "second"]);
});

test("[BASE-108] a cleared timer does not run", async () => {
  const order: string[] = [];
  const cleared = systemClock.setTimeout(() => order.push("cleared"), 0);
  systemClock.clearTimeout(cleared);
  await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 1));
  expect(order).toEqual([]);
});

test("the manual clock runs timers in time order, and what each causes before the next", async () => {
  const clock = new ManualClock(1_000);
  const order: string[] = [];
  clock.setTimeout(() => order.push(`late ${clock.monotonic()}`), 20);
  clock.setTimeout(() => {
    order.push(`early ${clock.now()}`);
    clock.queue(() => order.push("job"));
    clock.setTimeout(() => order.push(`nested ${clock.monotonic()}`), 5);
    void Promise.resolve().then(() => order.push("promise"));
  }, 10);
  const cleared = clock.setTimeout(() => order.push("cleared"), 1);
  clock.clearTimeout(cleared);
  expect(clock.pendingTimers).toBe(2);
  await clock.advance(19);
  expect(order).toEqual(["early 1010", "promise", "job", "nested 15"]);
  await clock.advance(1);
  expect(order.at(-1)).toBe("late 20");
  clock.jumpWall(-500);
  expect([clock.now(), clock.monotonic()]).toEqual([520, 20]);
});
