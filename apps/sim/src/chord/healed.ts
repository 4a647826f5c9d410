// How many rounds a ring takes until it is one and in order again: at most 2 log2 n of them.
import type { GrownRing } from "./grown-ring.js";
import { roundMs } from "./ring-watch.js";

/** Between two looks at the ring, in ms. */
const lookMs = 1_000;
/** Rounds more, at most, until all lists and predecessors are what they should be. */
const settlingRounds = 24;

/** @param what happened @param count members that are to be in one ring */
export async function healedWithin({ ring, world, judge }: GrownRing, what: string, count: number): Promise<void> {
  const allowed = 2 * Math.log2(count);
  const beganMs = world.nowMs;
  const rounds = (): number => (world.nowMs - beganMs) / roundMs;
  const isOne = (): boolean => ring.broken.length === 0 && ring.outside.length === 0;
  while (!isOne() && rounds() < allowed) await world.runFor(lookMs);
  const found = isOne() ? "one ring" : told([...ring.outside, ...ring.broken]);
  judge(`${rounds().toFixed(1)} rounds after ${what}: ${found} (allowed ${allowed.toFixed(1)})`, isOne());
  // Looks at whole rings are dear: not after each event.
  while (ring.unsettled.length > 0 && rounds() < allowed + settlingRounds) await world.runFor(lookMs);
  const { unsettled } = ring;
  judge(
    `${rounds().toFixed(1)} rounds after ${what}: ${told(unsettled) || "all know their neighbours"}`,
    unsettled.length === 0,
  );
}

function told(problems: readonly string[]): string {
  return problems.slice(0, 5).join("; ");
}
