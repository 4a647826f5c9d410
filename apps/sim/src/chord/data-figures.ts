// Entry: prints the figures of dictionaries on rings of a size, as `node apps/sim/dist/chord/data-figures.js 1000 10000 300`.
import { play } from "@p2p/simulator";
import { dataChurn } from "../scenarios/chord-data-churn.js";
import { dataFifthDies } from "../scenarios/chord-data-fifth-dies.js";

const [count = 1_000, values = 10_000, seconds = 300] = process.argv.slice(2).map(Number);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (const scenario of [
  dataFifthDies("fifth dies", count, values, print),
  dataChurn("churn", count, values, seconds * 1_000, print),
]) {
  const beganMs = performance.now();
  const { failure, world } = await play(scenario, 1);
  const took = ((performance.now() - beganMs) / 1_000).toFixed(0);
  print(`${scenario.name}: ${failure === undefined ? "holds" : failure.message}; ${world.steps} events in ${took} s`);
  if (failure !== undefined) process.exitCode = 1;
}
