// Scenarios: what is to hold whatever goes wrong. Played by seed, and replayed by seed.
import { checkFault } from "./fault-check.js";
import { drawFaults, type Fault, type FaultMix } from "./fault-plan.js";
import { scheduleFaults } from "./fault-script.js";
import { SeededRandom } from "./seeded-random.js";
import { World } from "./world.js";
import type { WorldOptions } from "./world-options.js";

export interface Scenario {
  readonly name: string;
  /** The nodes that faults may concern. */
  readonly nodes: readonly string[];
  /** With how many of its nodes it still makes sense: shrinking takes the others away. Default: with all only. */
  readonly minNodes?: number;
  readonly faults: FaultMix;
  /** Options of its world, besides the seed. */
  readonly world?: Omit<WorldOptions, "seed">;
  /**
   * Starts `nodes`, calls `begin` when faults may come, and runs the world until what is to hold has been seen.
   * @param nodes all nodes of the scenario, or fewer while it is shrunk
   * @throws anything when it does not hold
   */
  readonly run: (world: World, begin: () => void, nodes: readonly string[]) => Promise<void>;
}

/** What a run of a scenario may be given, besides its seed. */
export interface PlayOptions {
  /** Default: those that follow from the seed. */
  readonly faults?: readonly Fault[];
  /** Default: all of the scenario. */
  readonly nodes?: readonly string[];
}

/** How a run of a scenario went. */
export interface Outcome {
  readonly seed: number | string;
  readonly nodes: readonly string[];
  readonly faults: readonly Fault[];
  /** Its trace, and where it stopped. */
  readonly world: World;
  /** Why it failed; undefined when it did not. */
  readonly failure: Error | undefined;
}

/**
 * Plays a scenario: with the faults that follow from the seed, or with those given.
 * @throws TypeError, RangeError for faults and options that cannot be
 */
export async function play(scenario: Scenario, seed: number | string, options: PlayOptions = {}): Promise<Outcome> {
  const { nodes = scenario.nodes } = options;
  const drawn = (): readonly Fault[] => drawFaults(new SeededRandom(seed).split("faults"), nodes, scenario.faults);
  const faults = options.faults ?? drawn();
  for (const fault of faults) checkFault(fault);
  const world = new World({ ...scenario.world, seed });
  const outcome = { seed, nodes, faults, world };
  let begins = 0;
  const begin = (): void => {
    if (++begins > 1) throw new TypeError("begin is called once");
    scheduleFaults(world, faults);
  };
  try {
    await scenario.run(world, begin, nodes);
    if (begins === 0 && faults.length > 0)
      throw new TypeError("the scenario never called begin: no fault has happened");
    return { ...outcome, failure: undefined };
  } catch (error) {
    return { ...outcome, failure: error instanceof Error ? error : new Error(String(error)) };
  }
}
