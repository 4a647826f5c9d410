// Scenarios: what is to hold whatever goes wrong. Played by seed, replayed by seed, and shrunk to the faults that matter.
import { drawFaults, type Fault, type FaultMix } from "./fault-plan.js";
import { scheduleFaults } from "./fault-script.js";
import { SeededRandom } from "./seeded-random.js";
import { World, type WorldOptions } from "./world.js";

export interface Scenario {
  readonly name: string;
  /** The nodes that faults may concern: at least two. */
  readonly nodes: readonly string[];
  readonly faults: FaultMix;
  /** Options of its world, besides the seed. */
  readonly world?: Omit<WorldOptions, "seed">;
  /**
   * Starts nodes, calls `begin` when faults may come, and runs the world until what is to hold has been seen.
   * @throws anything when it does not hold
   */
  readonly run: (world: World, begin: () => void) => Promise<void>;
}

/** How a run of a scenario went. */
export interface Outcome {
  readonly seed: number | string;
  readonly faults: readonly Fault[];
  /** Its trace, and where it stopped. */
  readonly world: World;
  /** Why it failed; undefined when it did not. */
  readonly failure: Error | undefined;
}

/** Plays a scenario: with the faults that follow from the seed, or with those given. */
export async function play(scenario: Scenario, seed: number | string, given?: readonly Fault[]): Promise<Outcome> {
  const faults = given ?? drawFaults(new SeededRandom(seed).split("faults"), scenario.nodes, scenario.faults);
  const world = new World({ ...scenario.world, seed });
  try {
    await scenario.run(world, () => scheduleFaults(world, faults));
    return { seed, faults, world, failure: undefined };
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    return { seed, faults, world, failure };
  }
}

export interface ShrinkOptions {
  /** Runs to spend. Default: 200. */
  readonly maxRuns?: number;
}

/**
 * Takes faults away for as long as the scenario still fails with the same seed (delta debugging, Zeller and Hildebrandt
 * 2002). When it ends before `maxRuns`, no single fault that is left can be missed.
 * @throws TypeError for an outcome that is no failure
 */
export async function shrink(scenario: Scenario, failed: Outcome, options: ShrinkOptions = {}): Promise<Outcome> {
  if (failed.failure === undefined) throw new TypeError("only a failed outcome can be shrunk");
  let runsLeft = options.maxRuns ?? 200;
  let best = failed;
  let parts = 2;
  while (best.faults.length > 0 && runsLeft > 0) {
    const { faults } = best;
    const size = Math.ceil(faults.length / Math.min(parts, faults.length));
    let smaller: Outcome | undefined;
    for (let from = 0; from < faults.length && runsLeft > 0 && smaller === undefined; from += size) {
      runsLeft--;
      const outcome = await play(scenario, failed.seed, faults.toSpliced(from, size));
      if (outcome.failure !== undefined) smaller = outcome;
    }
    if (smaller !== undefined) {
      best = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(2 * parts, faults.length);
  }
  return best;
}
