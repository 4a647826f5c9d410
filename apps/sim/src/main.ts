// Entry of `pnpm sim`.
import { SimulatorError } from "@p2p/simulator";
import { readArguments, type SimArguments, usage } from "./arguments.js";
import { large, planted, scenarios } from "./scenarios.js";
import { replay, runSwarm } from "./swarm.js";

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** @throws TypeError when there is none of that name */
function named(name: string): (typeof scenarios)[number] {
  const all = [...scenarios, ...large(print), ...planted];
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
          maxFailures: 3,
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
      const { from } = given;
      const { runs, seeds, failed, events } = await runSwarm({ ...given, scenarios: chosen, isOver, print });
      if (seeds < given.seeds) print(`the time was over after ${seeds} seeds; to go on: --from ${from + seeds}`);
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
  const isMisuse = error instanceof TypeError;
  // A failure that does not come again cannot be shrunk, and says so.
  if (!isMisuse && !(error instanceof SimulatorError)) throw error;
  process.stderr.write(isMisuse ? `sim: ${error.message}\n\n${usage}\n` : `sim: ${error.message}\n`);
  process.exitCode = isMisuse ? 2 : 1;
}
