// Entry: prints the figures of rings of a size, as `node apps/sim/dist/chord/ring-figures.js 1000`.
import { play } from "@p2p/simulator";
import { ringMassCrash } from "../scenarios/chord-ring-mass-crash.js";
import { ringPaths } from "../scenarios/chord-ring-paths.js";

const count = Number(process.argv[2] ?? "1000");
const lookups = 2_000;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (const scenario of [
  ringPaths("paths", count, lookups, print),
  ringMassCrash("crash", count, lookups, false, print),
  ringMassCrash("power loss", count, lookups, true, print),
]) {
  const beganMs = performance.now();
  const { failure, world } = await play(scenario, 1);
  const seconds = ((performance.now() - beganMs) / 1_000).toFixed(0);
  print(
    `${scenario.name}: ${failure === undefined ? "holds" : failure.message}; ${world.steps} events in ${seconds} s`,
  );
  if (failure !== undefined) process.exitCode = 1;
}
