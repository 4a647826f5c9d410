// A world: nodes, a network and faults in virtual time. The whole run follows from the seed.
import { SimulatorError } from "./errors.js";
import { EventQueue } from "./event-queue.js";
import type { LinkConditions } from "./link-conditions.js";
import { Network, type StreamOptions } from "./network.js";
import { type NodeFactory, SimulatedNode, type StartOptions } from "./node-in-world.js";
import { SeededRandom } from "./seeded-random.js";
import { type TraceLevel, WorldTrace } from "./trace.js";
import { runTurns } from "./turns.js";

export interface WorldOptions {
  /** Decides everything that is left to chance. */
  readonly seed: number | string;
  /** What links are like. Default: 1 to 10 ms, no loss, no bound of bandwidth. */
  readonly conditions?: Partial<LinkConditions>;
  /** Default: {@link defaultStreamOptions}. */
  readonly streams?: Partial<StreamOptions>;
  /** Default: `all`. */
  readonly trace?: TraceLevel;
  /** Entries of the trace that are kept, the latest. Default: 200,000. */
  readonly traceCapacity?: number;
  /** Events at one instant that are too many. Default: 1,000,000. */
  readonly maxEventsPerInstant?: number;
}

export interface WaitOptions {
  /** Virtual time after which to give up, in ms. Default: 600,000. */
  readonly withinMs?: number;
}

const defaultWaitMs = 600_000;
const nameForm = /^[a-z][a-z0-9-]{0,62}$/;

/** One deterministic world. Nothing of it is left in the platform between runs: there is nothing to close. */
export class World {
  readonly seed: number | string;
  /** For scripts: a source of its own. */
  readonly random: SeededRandom;
  readonly network: Network;
  readonly trace: WorldTrace;
  readonly #queue = new EventQueue();
  readonly #nodeRandom: SeededRandom;
  readonly #nodes = new Map<string, SimulatedNode<unknown>>();
  readonly #invariants = new Map<string, () => unknown>();
  readonly #maxEventsPerInstant: number;
  #steps = 0;
  #eventsAtInstant = 0;
  #isRunning = false;
  /** Starts of nodes that are not done. */
  #waits = 0;
  #failure: unknown;

  constructor(options: WorldOptions) {
    const { seed, conditions = {}, streams = {}, trace = "all", maxEventsPerInstant = 1_000_000 } = options;
    this.seed = seed;
    const random = new SeededRandom(seed);
    this.random = random.split("script");
    this.#nodeRandom = random.split("nodes");
    this.trace = new WorldTrace(trace, () => ({ atUs: this.#queue.nowUs, step: this.#steps }), options.traceCapacity);
    this.network = new Network(this.#queue, random.split("network"), this.trace, { conditions, streams });
    this.#maxEventsPerInstant = maxEventsPerInstant;
  }

  /** Virtual time since the beginning, in ms. */
  get nowMs(): number {
    return this.#queue.nowUs / 1_000;
  }

  /** Events that have happened. */
  get steps(): number {
    return this.#steps;
  }

  get nodes(): readonly SimulatedNode<unknown>[] {
    return [...this.#nodes.values()];
  }

  /**
   * Starts a node; resolves when its factory is done, for which the world runs if it does not run yet.
   * @throws SimulatorError `name-taken`, `crashed` when it crashes before; RangeError for a name that is no host name; what
   * the factory throws
   */
  async start<T>(name: string, factory: NodeFactory<T>, options: StartOptions = {}): Promise<SimulatedNode<T>> {
    if (!nameForm.test(name)) throw new RangeError(`"${name}" is no name of a node: use a-z, 0-9 and "-"`);
    if (this.#nodes.has(name)) throw new SimulatorError("name-taken", `there is a node ${name} already; restart it`);
    const node = new SimulatedNode<T>(this.network, this.#nodeRandom.split(name), name, factory, options);
    this.#nodes.set(name, node);
    await this.#wait(node.boot());
    return node;
  }

  /** Begins a new run of a node that crashed, by its factory; as {@link start}. */
  async restart<T>(node: SimulatedNode<T>): Promise<void> {
    await this.#wait(node.boot());
  }

  /** Holds `check` to be true after every event: it fails by false, or by throwing. @returns what removes it */
  invariant(name: string, check: () => unknown): () => void {
    this.#invariants.set(name, check);
    return () => this.#invariants.delete(name);
  }

  /** Lets `action` happen `delayMs` from now, while the world runs: for scripts of faults. */
  after(delayMs: number, label: string, action: () => void): void {
    this.#queue.schedule(1_000 * delayMs, () => {
      this.trace.record("script", undefined, { label });
      action();
    });
  }

  /** Lets virtual time pass. @throws SimulatorError */
  async runFor(durationMs: number): Promise<void> {
    if (!(durationMs >= 0 && Number.isFinite(durationMs))) throw new RangeError("durationMs is a number from 0 up");
    const endUs = this.#queue.nowUs + Math.round(1_000 * durationMs);
    await this.#run(() => false, endUs);
    this.#queue.moveTo(endUs);
  }

  /**
   * Runs until `holds` answers true; it is asked after every event.
   * @throws SimulatorError, `deadline` when it takes too long, `stuck` when nothing is left to happen
   */
  async runUntil(holds: () => boolean, options: WaitOptions = {}): Promise<void> {
    const { withinMs = defaultWaitMs } = options;
    let isDone = false;
    const isOver = (): boolean => {
      isDone = holds();
      return isDone;
    };
    await this.#run(isOver, this.#queue.nowUs + Math.round(1_000 * withinMs));
    if (isDone) return;
    if (this.#queue.nextUs() === undefined) throw this.#error("stuck", "nothing is left to happen");
    throw this.#error("deadline", `what is waited for did not come within ${withinMs} ms`);
  }

  /** Runs until a promise of the simulated code settles. @returns its value @throws its reason; as {@link runUntil} */
  async run<T>(promise: Promise<T>, options: WaitOptions = {}): Promise<T> {
    let isSettled = false;
    const settled = (): void => {
      isSettled = true;
    };
    promise.then(settled, settled);
    await this.runUntil(() => isSettled, options);
    return promise;
  }

  /** Inside an event of the world a promise is simply waited for; of several at once the first runs the world for all. */
  async #wait<T>(promise: Promise<T>): Promise<T> {
    this.#waits++;
    const settled = (): void => {
      this.#waits--;
    };
    promise.then(settled, settled);
    if (!this.#isRunning) await this.runUntil(() => this.#waits === 0);
    return promise;
  }

  async #run(isDone: () => boolean, endUs: number): Promise<void> {
    if (this.#isRunning) throw new SimulatorError("not-runnable", "the world is running; await what runs it first");
    if (this.#failure !== undefined) {
      const message = "the world was stopped by the failure that is the cause; make a new one";
      throw new SimulatorError("not-runnable", message, { cause: this.#failure });
    }
    this.#isRunning = true;
    try {
      await runTurns(() => this.#step(isDone, endUs));
    } catch (error) {
      this.#failure = error;
      throw error;
    } finally {
      this.#isRunning = false;
    }
  }

  /** Looks at what the last event and its promises have left, then lets the next event happen. @returns whether to go on */
  #step(isDone: () => boolean, endUs: number): boolean {
    for (const [name, check] of this.#invariants) this.#check(name, check);
    if (isDone()) return false;
    const nextUs = this.#queue.nextUs();
    if (nextUs === undefined || nextUs > endUs) return false;
    this.#eventsAtInstant = nextUs > this.#queue.nowUs ? 1 : this.#eventsAtInstant + 1;
    if (this.#eventsAtInstant > this.#maxEventsPerInstant) {
      throw this.#error("livelock", `${this.#maxEventsPerInstant} events, and no time passes`);
    }
    this.#steps++;
    const happen = this.#queue.take();
    try {
      happen?.();
    } catch (cause) {
      throw this.#error("callback-failed", "a callback threw, see the cause", cause);
    }
    return true;
  }

  #check(name: string, check: () => unknown): void {
    let cause: unknown;
    try {
      if (check() !== false) return;
    } catch (error) {
      cause = error;
    }
    this.trace.record("violated", undefined, { invariant: name });
    throw this.#error("invariant-failed", `the invariant "${name}" does not hold`, cause);
  }

  #error(code: SimulatorError["code"], what: string, cause?: unknown): SimulatorError {
    const message = `${what}; at ${this.nowMs} ms, event ${this.#steps}, of the world with seed ${this.seed}: the same seed shows it again`;
    return new SimulatorError(code, message, { cause });
  }
}
