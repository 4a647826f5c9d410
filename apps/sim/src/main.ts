// Entry of `pnpm sim`.
import { readArguments, type SimArguments, usage } from "./arguments.js";
import { large, planted, scenarios } from "./scenarios.js";
import { replay, runSwarm } from "./swarm.js";

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** @throws TypeError when there is none of that name */
function named(name: string): (typeof scenarios)[number] {
  const all = [...scenarios, ...large, ...planted];
  const found = all.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  throw new TypeError(`there is no scenario "${name}"; there are ${all.map((each) => each.name).join(", ")}`);
}

/** @returns the exit code */
async function main(given: SimArguments): Promise<number> {
  switch (given.kind) {
    case "help":
      print(usage);
      return 0;
    case "self-test": {
      let missed = 0;
      for (const scenario of planted) {
        const { runs, failed } = await runSwarm({
          scenarios: [scenario],
          seeds: 20,
          isOver: () => false,
          print: () => {},
        });
        print(`${scenario.name} was caught by ${failed.length} of ${runs} seeds`);
        if (failed.length === 0) missed++;
      }
      return missed === 0 ? 0 : 1;
    }
    case "replay":
      return (await replay(named(given.scenario), given.seed, print)).failure === undefined ? 0 : 1;
    case "swarm": {
      const beganMs = performance.now();
      const isOver = (): boolean => performance.now() - beganMs > 60_000 * given.minutes;
      const chosen = given.scenario === undefined ? scenarios : [named(given.scenario)];
      const { runs, failed, events } = await runSwarm({ scenarios: chosen, seeds: given.seeds, isOver, print });
      const seconds = (performance.now() - beganMs) / 1_000;
      print(`${runs} runs, ${failed.length} failed; ${Math.round(events / seconds)} events a second`);
      return failed.length === 0 ? 0 : 1;
    }
    default:
      return given satisfies never;
  }
}

try {
  process.exitCode = await main(readArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`sim: ${error.message}\n\n${usage}\n`);
  process.exitCode = 2;
}
