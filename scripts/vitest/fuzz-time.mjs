// Vitest set-up: FUZZ_SECONDS makes each fast-check property run for that long instead of for its number of runs.
import { configureGlobal } from "fast-check";

const seconds = Number(process.env.FUZZ_SECONDS ?? 0);
if (seconds > 0) {
  configureGlobal({ numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 1000, verbose: 1 });
}
