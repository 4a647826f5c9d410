// Plays scenarios with one seed after the other, and tells which failed and how to see it again.
import { type Fault, type Outcome, play, type Scenario, shrink } from "@p2p/simulator";

export interface SwarmOptions {
  readonly scenarios: readonly Scenario[];
  /** The first seed. Default: 1. */
  readonly from?: number;
  /** How many seeds. */
  readonly seeds: number;
  /** Whether there is no time for another run. */
  readonly isOver: () => boolean;
  /** Failures after which to stop. Default: none. */
  readonly maxFailures?: number;
  readonly print: (line: string) => void;
}

export interface SwarmResult {
  readonly runs: number;
  /** How many seeds were played with all scenarios. */
  readonly seeds: number;
  readonly failed: readonly { readonly scenario: string; readonly seed: number }[];
  readonly events: number;
}

export async function runSwarm(options: SwarmOptions): Promise<SwarmResult> {
  const { scenarios, from = 1, seeds, isOver, maxFailures = Number.POSITIVE_INFINITY, print } = options;
  const failed: { scenario: string; seed: number }[] = [];
  let runs = 0;
  let events = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    for (const scenario of scenarios) {
      if (isOver() || failed.length >= maxFailures) return { runs, seeds: seed - from, failed, events };
      const { world, failure } = await play(scenario, seed);
      runs++;
      events += world.steps;
      if (failure === undefined) continue;
      failed.push({ scenario: scenario.name, seed });
      print(`${scenario.name}, seed ${seed}: ${failure.message}`);
      if (failure.cause !== undefined) print(`  caused by ${String(failure.cause)}`);
      print(`  to see it again: pnpm sim --scenario ${scenario.name} --seed ${seed}`);
    }
  }
  return { runs, seeds, failed, events };
}

/** Plays one run, and shrinks it when it fails. @returns how it went */
export async function replay(scenario: Scenario, seed: number, print: (line: string) => void): Promise<Outcome> {
  const outcome = await play(scenario, seed);
  if (outcome.failure === undefined) {
    print(`${scenario.name}, seed ${seed}: holds, with ${outcome.faults.length} faults`);
    return outcome;
  }
  const smallest = await shrink(scenario, outcome);
  print(smallest.world.trace.text());
  print(`${outcome.nodes.length} nodes and ${outcome.faults.length} faults, of which these are left:`);
  print(`  ${smallest.nodes.length > 20 ? `${smallest.nodes.length} nodes` : smallest.nodes.join(" ")}`);
  for (const fault of smallest.faults) print(`  ${sentence(fault)}`);
  print(`${scenario.name}, seed ${seed}: ${smallest.failure?.message}`);
  if (smallest.failure?.cause !== undefined) print(`  caused by ${String(smallest.failure.cause)}`);
  return smallest;
}

function sentence(fault: Fault): string {
  return JSON.stringify(fault);
}
