// A world: nodes, a network and faults in virtual time. The whole run follows from the seed.
import { SimulatorError } from "./errors.js";
import { EventQueue } from "./event-queue.js";
import { Network } from "./network.js";
import { type NodeFactory, SimulatedNode, type StartOptions } from "./node-in-world.js";
import { SeededRandom } from "./seeded-random.js";
import { WorldTrace } from "./trace.js";
import { runTurns } from "./turns.js";
import { checkClock } from "./virtual-clock.js";
import { resolveWorldOptions, type WorldOptions } from "./world-options.js";

export interface WaitOptions {
  /** Virtual time after which to give up, in ms. Default: 600,000. */
  readonly withinMs?: number;
}

const defaultWaitMs = 600_000;
const nameForm = /^[a-z][a-z0-9-]{0,62}$/;

interface Invariant {
  readonly name: string;
  readonly check: () => unknown;
}

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
  readonly #invariants = new Set<Invariant>();
  readonly #maxEventsPerInstant: number;
  #steps = 0;
  #eventsAtInstant = 0;
  #isRunning = false;
  /** Starts of nodes that are not done. */
  #waits = 0;
  #failure: unknown;
  /** Why a step of a script rejected. */
  #scriptFailure: { readonly cause: unknown } | undefined;

  /** @throws TypeError, RangeError for options that cannot be */
  constructor(options: WorldOptions) {
    const { seed, conditions, streams, trace, traceCapacity, maxEventsPerInstant } = resolveWorldOptions(options);
    this.seed = seed;
    const random = new SeededRandom(seed);
    this.random = random.split("script");
    this.#nodeRandom = random.split("nodes");
    this.trace = new WorldTrace(trace, () => ({ atUs: this.#queue.nowUs, step: this.#steps }), traceCapacity);
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
   * @throws SimulatorError `name-taken`, `crashed` when it crashes before; RangeError for a name that is no host name,
   * or a clock that cannot be; what the factory throws
   */
  async start<T>(name: string, factory: NodeFactory<T>, options: StartOptions = {}): Promise<SimulatedNode<T>> {
    if (!nameForm.test(name)) throw new RangeError(`"${name}" is no name of a node: use a-z, 0-9 and "-"`);
    if (this.#nodes.has(name)) throw new SimulatorError("name-taken", `there is a node ${name} already; restart it`);
    checkClock(options.clock ?? {});
    const node = new SimulatedNode<T>(this.network, this.#nodeRandom.split(name), name, factory, options);
    this.#nodes.set(name, node);
    await this.#wait(node.boot());
    return node;
  }

  /** Begins a new run of a node that crashed, by its factory; as {@link start}. @throws also SimulatorError `unknown-node` */
  async restart<T>(node: SimulatedNode<T>): Promise<void> {
    if (this.#nodes.get(node.name) !== node) {
      throw new SimulatorError("unknown-node", `node ${node.name} belongs to another world`);
    }
    await this.#wait(node.boot());
  }

  /**
   * Holds `check` to be true after every event: it fails by false, or by throwing. It answers at once, by no promise.
   * @returns what removes it
   */
  invariant(name: string, check: () => unknown): () => void {
    const invariant = { name, check };
    this.#invariants.add(invariant);
    return () => this.#invariants.delete(invariant);
  }

  /**
   * Lets `action` happen `delayMs` from now, while the world runs: for scripts of faults. What it throws, or rejects with,
   * stops the world. @throws RangeError
   */
  after(delayMs: number, label: string, action: () => unknown): void {
    if (!(delayMs >= 0 && Number.isFinite(delayMs))) throw new RangeError("delayMs is a number from 0 up");
    this.#queue.schedule(1_000 * delayMs, () => {
      this.trace.record("script", undefined, { label });
      const done = action();
      if (!(done instanceof Promise)) return;
      done.catch((cause: unknown) => {
        this.#scriptFailure ??= { cause };
      });
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
   * Runs until `holds` answers true; it is asked after every event, and answers at once, by no promise.
   * @throws SimulatorError, `deadline` when it takes too long, `stuck` when nothing is left to happen; TypeError, RangeError
   */
  async runUntil(holds: () => boolean, options: WaitOptions = {}): Promise<void> {
    const { withinMs = defaultWaitMs } = options;
    if (!(withinMs >= 0 && Number.isFinite(withinMs))) throw new RangeError("withinMs is a number from 0 up");
    let isDone = false;
    const isOver = (): boolean => {
      isDone = holds();
      // A promise would count as true.
      if (typeof isDone !== "boolean") throw new TypeError("what is waited for answers true or false, at once");
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
    for (const invariant of this.#invariants) this.#check(invariant);
    if (this.#scriptFailure !== undefined) {
      throw this.#error("callback-failed", "a step of the script failed, see the cause", this.#scriptFailure.cause);
    }
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

  #check({ name, check }: Invariant): void {
    let cause: unknown;
    try {
      const answer = check();
      if (answer instanceof Promise) throw new TypeError("an invariant answers at once, by no promise");
      if (answer !== false) return;
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
