// Makes a failure small: fewer faults, fewer nodes, shorter faults, as long as the same seed still fails in the same way.
import { SimulatorError } from "./errors.js";
import type { Fault } from "./fault-plan.js";
import { type Outcome, type PlayOptions, play, type Scenario } from "./scenario.js";

export interface ShrinkOptions {
  /** Runs to spend. Default: 200. */
  readonly maxRuns?: number;
}

/**
 * Takes faults away, then nodes if the scenario allows it, then shortens what is left, and all again while that helps
 * (delta debugging, Zeller and Hildebrandt 2002). When it ends before `maxRuns`, no single fault and no single node that is
 * left can be missed, and none of the faults can last half as long. The first run plays the failure once more.
 * @throws TypeError for an outcome that is no failure, RangeError for `maxRuns` that is no whole number, SimulatorError
 * `not-deterministic` when the same seed and faults give another run
 */
export async function shrink(scenario: Scenario, failed: Outcome, options: ShrinkOptions = {}): Promise<Outcome> {
  if (failed.failure === undefined) throw new TypeError("only a failed outcome can be shrunk");
  const { maxRuns = 200 } = options;
  if (!(Number.isSafeInteger(maxRuns) && maxRuns >= 0)) throw new RangeError("maxRuns is an integer from 0 up");
  const search = new Search(scenario, failed, maxRuns);
  await search.repeat();
  let before: Outcome;
  do {
    before = search.best;
    await fewer(
      () => search.best.faults,
      0,
      (faults) => search.fails({ faults }),
    );
    await fewer(
      () => search.best.nodes,
      scenario.minNodes ?? scenario.nodes.length,
      (nodes) => search.fails({ nodes, faults: search.best.faults.flatMap((fault) => among(nodes, fault)) }),
    );
    for (const index of search.best.faults.keys()) await shorter(search, index);
  } while (search.best !== before);
  return search.best;
}

/** The smallest failure so far. */
class Search {
  readonly #scenario: Scenario;
  #runsLeft: number;
  best: Outcome;

  constructor(scenario: Scenario, failed: Outcome, runs: number) {
    this.#scenario = scenario;
    this.#runsLeft = runs;
    this.best = failed;
  }

  /** Plays the failure again: smaller ones say nothing if this one does not come again. @throws SimulatorError */
  async repeat(): Promise<void> {
    if (this.#runsLeft-- <= 0) return;
    const { seed, nodes, faults } = this.best;
    const [before, after] = [this.best, await play(this.#scenario, seed, { nodes, faults })].map(signOf);
    if (after === before) return;
    const message = `${this.#scenario.name}, seed ${seed}: the same run went another way (${before}; then ${after}); its nodes or its script take time or chance from outside the world`;
    throw new SimulatorError("not-deterministic", message);
  }

  /** Whether it fails with these changes too, in the same way; they are kept if so. */
  async fails(changes: PlayOptions): Promise<boolean> {
    if (this.#runsLeft-- <= 0) return false;
    const { seed, nodes, faults } = this.best;
    const outcome = await play(this.#scenario, seed, { nodes, faults, ...changes });
    if (outcome.failure === undefined || kindOf(outcome.failure) !== kindOf(this.best.failure)) return false;
    this.best = outcome;
    return true;
  }
}

/** Takes parts of a list away, larger ones first, while `fails` answers true for the rest. */
async function fewer<T>(
  list: () => readonly T[],
  least: number,
  fails: (rest: readonly T[]) => Promise<boolean>,
): Promise<void> {
  for (let size = Math.ceil(list().length / 2); size >= 1 && list().length > least; size = Math.floor(size / 2)) {
    // From the end, so that what was tried and is needed keeps its place.
    for (let end = list().length; end > 0; end -= size) {
      const from = Math.max(0, end - size);
      const rest = list().toSpliced(from, end - from);
      if (rest.length >= least) await fails(rest);
    }
  }
}

/** Lets a fault last as short as it can: 1 ms, or halved as often as it still fails. */
async function shorter(search: Search, index: number): Promise<void> {
  const lasting = (forMs: number): Promise<boolean> =>
    search.fails({ faults: search.best.faults.map((fault, at) => (at === index ? { ...fault, forMs } : fault)) });
  const forMs = (): number => {
    const fault = search.best.faults[index];
    return fault !== undefined && "forMs" in fault ? fault.forMs : 0;
  };
  if (forMs() <= 1 || (await lasting(1))) return;
  while (forMs() > 1 && (await lasting(Math.floor(forMs() / 2)))) {
    // Halved.
  }
}

/** The fault as far as it concerns these nodes, if it does. */
function among(nodes: readonly string[], fault: Fault): readonly Fault[] {
  const isThere = (name: string): boolean => nodes.includes(name);
  switch (fault.kind) {
    case "partition": {
      const [from, to] = [fault.from.filter(isThere), fault.to.filter(isThere)];
      return from.length > 0 && to.length > 0 ? [{ ...fault, from, to }] : [];
    }
    case "reset":
    case "half-open":
      return isThere(fault.node) && isThere(fault.peer) ? [fault] : [];
    case "crash":
    case "clock-jump":
    case "clock-drift":
    case "pause":
    case "slow":
      return isThere(fault.node) ? [fault] : [];
    case "latency":
    case "bandwidth":
    case "loss":
      return [fault];
    default:
      return fault satisfies never;
  }
}

/** What is the same when a run is. */
function signOf({ failure, world }: Outcome): string {
  const end = failure === undefined ? "it held" : `it failed by ${failure.name}`;
  return `${end} after ${world.steps} events, at ${world.nowMs} ms, trace ${world.trace.fingerprint}`;
}

/** What tells failures apart: another code, or another class of error, is another failure. */
function kindOf(failure: Error | undefined): string {
  const code = failure !== undefined && "code" in failure ? String(failure.code) : "";
  return `${failure?.name} ${code}`;
}
