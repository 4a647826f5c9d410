// The verdict on a run that came to its end: what was delivered, and the exit code.
import type { Deliveries } from "./deliveries.js";
import { milliseconds, type Narrator } from "./narrator.js";

/** Tells whether each delivery was made exactly once. @returns the exit code: 0, or 1 with the reasons told */
export function judge(deliveries: Deliveries, narrator: Narrator, tookMs: number): number {
  const { messages, expected, arrived } = deliveries;
  const problems = deliveries.problems();
  narrator.line();
  if (problems.length === 0) {
    const sum = `${messages} broadcasts, ${arrived} of ${expected} deliveries, each exactly once`;
    narrator.good(`${sum}, in ${milliseconds(tookMs)}.`);
    return 0;
  }
  narrator.bad(`Failed: ${arrived} of ${expected} deliveries were made, and not each exactly once.`);
  for (const problem of problems) narrator.bad(`  ${problem}`);
  return 1;
}
