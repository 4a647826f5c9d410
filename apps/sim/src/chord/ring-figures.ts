// Entry: prints the figures of rings of a size: `node apps/sim/dist/chord/ring-figures.js 1000` of whole nodes, and
// `... 10000 logic` of the ring and routing logic alone, where whole nodes take too long.
import { play } from "@p2p/simulator";
import { ringMassCrash } from "../scenarios/chord-ring-mass-crash.js";
import { ringPaths } from "../scenarios/chord-ring-paths.js";
import { logicFigures } from "./logic-figures.js";

const count = Number(process.argv[2] ?? "1000");
const lookups = 2_000;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function secondsSince(beganMs: number): string {
  return ((performance.now() - beganMs) / 1_000).toFixed(0);
}

if (process.argv[3] === "logic") {
  const beganMs = performance.now();
  logicFigures(count, lookups, print);
  print(`in ${secondsSince(beganMs)} s`);
} else {
  for (const scenario of [
    ringPaths("paths", count, lookups, print),
    ringMassCrash("crash", count, lookups, false, print),
    ringMassCrash("power loss", count, lookups, true, print),
  ]) {
    const beganMs = performance.now();
    const { failure, world } = await play(scenario, 1);
    const outcome = failure === undefined ? "holds" : failure.message;
    print(`${scenario.name}: ${outcome}; ${world.steps} events in ${secondsSince(beganMs)} s`);
    if (failure !== undefined) process.exitCode = 1;
  }
}
