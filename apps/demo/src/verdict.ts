// The verdict on a run that came to its end: what was delivered, what was not as told, and the exit code.
import type { Claims } from "./claims.js";
import type { Deliveries } from "./deliveries.js";
import { milliseconds, type Narrator } from "./narrator.js";

/** What a run is judged by. */
export interface Evidence {
  readonly deliveries: Deliveries;
  readonly claims: Claims;
}

/** Tells whether each delivery was made exactly once, and each claim held. @returns the exit code: 0, or 1 with the reasons told */
export function judge({ deliveries, claims }: Evidence, narrator: Narrator, tookMs: number): number {
  const { messages, expected, arrived } = deliveries;
  const [undelivered, untrue] = [deliveries.problems(), claims.problems()];
  narrator.line();
  if (undelivered.length + untrue.length === 0) {
    const sum = `${messages} broadcasts, ${arrived} of ${expected} deliveries, each exactly once`;
    narrator.good(`${sum}; ${claims.held} claims, all true; in ${milliseconds(tookMs)}.`);
    return 0;
  }
  if (undelivered.length > 0)
    narrator.bad(`Failed: ${arrived} of ${expected} deliveries were made, and not each exactly once.`);
  if (untrue.length > 0)
    narrator.bad(`Failed: ${untrue.length} of ${claims.held + untrue.length} claims are not true.`);
  for (const problem of [...undelivered, ...untrue]) narrator.bad(`  ${problem}`);
  return 1;
}
