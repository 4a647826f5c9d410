import { expect, test } from "vitest";
import { EventQueue, type VirtualEvent } from "./event-queue.js";
import { SeededRandom } from "./seeded-random.js";
import { VirtualClock, worldStartMs } from "./virtual-clock.js";

function runAll(queue: EventQueue): void {
  for (let run = queue.take(); run !== undefined; run = queue.take()) run();
}

test("events happen in the order of time, equal ones as they were scheduled; the cancelled and the dead do not", () => {
  const queue = new EventQueue();
  const random = new SeededRandom("order");
  const life = { isOver: false };
  const happened: [number, number][] = [];
  const due: [number, number][] = [];
  const cancelled: VirtualEvent[] = [];
  for (let number = 0; number < 10_000; number++) {
    const atUs = random.integer(500);
    const kind = random.integer(4);
    const event = queue.schedule(atUs, () => happened.push([queue.nowUs, number]), kind === 1 ? life : undefined);
    if (kind === 0) cancelled.push(event);
    else if (kind > 1) due.push([atUs, number]);
  }
  for (const event of cancelled) queue.cancel(event);
  for (const event of cancelled) queue.cancel(event);
  life.isOver = true;
  runAll(queue);
  expect(happened).toEqual(due.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
  expect([queue.size, queue.nextUs()]).toEqual([0, undefined]);
});

test("a clock is skewed, jumps and drifts; its timers follow its own pace", () => {
  const queue = new EventQueue();
  const clock = new VirtualClock(queue, { isOver: false }, { skewMs: -600_000, driftPpm: 500_000 });
  const seen: number[] = [];
  clock.setTimeout(() => seen.push(clock.monotonic()), 3_000);
  clock.clearTimeout(clock.setTimeout(() => seen.push(-1), 1));
  expect(clock.now()).toBe(worldStartMs - 600_000);
  runAll(queue);
  expect([queue.nowUs, seen]).toEqual([2_000_000, [3_000]]);
  clock.jump(1_000);
  expect(clock.now()).toBe(worldStartMs - 600_000 + 4_000);
  clock.setDrift(0);
  queue.moveTo(2_500_000);
  expect([clock.monotonic(), clock.now()]).toEqual([3_500, worldStartMs - 595_500]);
  expect(() => clock.setDrift(-1_000_000)).toThrow(RangeError);
});

test("random sources follow from the seed and their label alone", () => {
  const one = new SeededRandom(1);
  const early = one.split("a").bytes(32);
  one.float();
  expect(one.split("a").bytes(32)).toEqual(early);
  expect(one.split("b").bytes(32)).not.toEqual(early);
  expect(new SeededRandom(2).split("a").bytes(32)).not.toEqual(early);
  const floats = Array.from({ length: 10_000 }, () => one.float());
  expect(floats.every((float) => float >= 0 && float < 1)).toBe(true);
  expect(Math.abs(floats.reduce((sum, float) => sum + float, 0) / 10_000 - 0.5)).toBeLessThan(0.02);
  expect(one.shuffle([1, 2, 3, 4]).toSorted()).toEqual([1, 2, 3, 4]);
});
