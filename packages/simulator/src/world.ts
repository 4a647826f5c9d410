// A world: nodes, a network and faults in virtual time. The whole run follows from the seed.
import { SimulatorError, type SimulatorErrorCode } from "./errors.js";
import { EventQueue, microseconds } from "./event-queue.js";
import { Invariants } from "./invariants.js";
import { Network } from "./network.js";
import { type NodeFactory, SimulatedNode, type StartOptions } from "./node-in-world.js";
import { promiseOf, refusePromise } from "./promised.js";
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
const stuckText =
  "nothing is left to happen: what is waited for never comes, or comes from outside, as from a timer, a file or WebCrypto of the platform";
const nameForm = /^[a-z][a-z0-9-]{0,62}$/;

/** Why a world cannot go on. */
interface Halt {
  readonly code: SimulatorErrorCode;
  readonly what: string;
  readonly cause?: unknown;
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
  readonly #invariants = new Invariants();
  readonly #maxEventsPerInstant: number;
  #steps = 0;
  #eventsAtInstant = 0;
  #isRunning = false;
  readonly #allowsOutside: boolean;
  /** The queue's changes when the platform took its turn last; undefined if the world has gone on since. */
  #changesAtRest: number | undefined;
  /** Starts of nodes that are not done, and the run that is made for them. */
  readonly #waits = new Set<Promise<unknown>>();
  #starting: Promise<void> | undefined;
  /** What the world is to stop for. */
  #halt: Halt | undefined;
  #failure: unknown;

  /** @throws TypeError, RangeError for options that cannot be */
  constructor(options: WorldOptions) {
    const resolved = resolveWorldOptions(options);
    const { seed, conditions, streams, trace, traceCapacity } = resolved;
    this.seed = seed;
    const random = new SeededRandom(seed);
    this.random = random.split("script");
    this.#nodeRandom = random.split("nodes");
    this.trace = new WorldTrace(trace, () => ({ atUs: this.#queue.nowUs, step: this.#steps }), traceCapacity);
    this.network = new Network(this.#queue, random.split("network"), this.trace, { conditions, streams });
    this.#maxEventsPerInstant = resolved.maxEventsPerInstant;
    this.#allowsOutside = resolved.allowsOutside;
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
    return this.#invariants.add(name, check);
  }

  /**
   * Lets `action` happen `delayMs` from now, while the world runs: for scripts of faults. What it throws, or rejects with,
   * stops the world. @throws RangeError
   */
  after(delayMs: number, label: string, action: () => unknown): void {
    this.#queue.schedule(microseconds("delayMs", delayMs), () => {
      this.trace.record("script", undefined, { label });
      promiseOf(action())?.catch((cause: unknown) => {
        this.#halt ??= {
          code: "callback-failed",
          what: `the step "${label}" of the script failed, see the cause`,
          cause,
        };
      });
    });
  }

  /** Lets virtual time pass. @throws SimulatorError */
  async runFor(durationMs: number): Promise<void> {
    const endUs = this.#queue.nowUs + microseconds("durationMs", durationMs);
    await this.#run(() => false, endUs);
    this.#queue.moveTo(endUs);
  }

  /**
   * Runs until `holds` answers true; it is asked after every event, and answers at once, by no promise.
   * @throws SimulatorError, `deadline` when it takes too long, `stuck` when nothing is left to happen; TypeError, RangeError
   */
  async runUntil(holds: () => boolean, options: WaitOptions = {}): Promise<void> {
    const { withinMs = defaultWaitMs } = options;
    const endUs = this.#queue.nowUs + microseconds("withinMs", withinMs);
    let isDone = false;
    const isOver = (): boolean => {
      isDone = holds();
      refusePromise("what is waited for", isDone);
      return isDone;
    };
    await this.#run(isOver, endUs);
    if (isDone) return;
    if (this.#queue.nextUs() === undefined) throw this.#error({ code: "stuck", what: stuckText });
    throw this.#error({ code: "deadline", what: `what is waited for did not come within ${withinMs} ms` });
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
  async #wait(promise: Promise<void>): Promise<void> {
    this.#waits.add(promise);
    const settled = (): unknown => this.#waits.delete(promise);
    promise.then(settled, settled);
    if (this.#isRunning) return Promise.race([promise, this.#starting?.then(() => promise) ?? promise]);
    try {
      this.#starting = this.runUntil(() => this.#waits.size === 0);
      await this.#starting;
    } finally {
      this.#starting = undefined;
      // Those that never come are told so to whoever waits now, and are waited for no more.
      this.#waits.clear();
    }
    return promise;
  }

  async #run(isDone: () => boolean, endUs: number): Promise<void> {
    if (this.#isRunning) throw new SimulatorError("not-runnable", "the world is running; await what runs it first");
    if (this.#failure !== undefined) {
      const message = "the world was stopped by the failure that is the cause; make a new one";
      throw new SimulatorError("not-runnable", message, { cause: this.#failure });
    }
    this.#isRunning = true;
    this.#changesAtRest = undefined;
    try {
      const rest = (): void => {
        this.#changesAtRest = this.#queue.changes;
      };
      await runTurns(() => this.#step(isDone, endUs), rest);
      // Made here, the error tells by its stack which call of the script ran the world.
      if (this.#halt !== undefined) throw this.#error(this.#halt);
    } catch (error) {
      this.#failure = error;
      throw error;
    } finally {
      this.#isRunning = false;
    }
  }

  /** Looks at what the last event and its promises have left, then lets the next event happen. @returns whether to go on */
  #step(isDone: () => boolean, endUs: number): boolean {
    this.#halt ??= this.#fromOutside() ?? this.#violated();
    if (this.#halt !== undefined || isDone()) return false;
    const nextUs = this.#queue.nextUs();
    if (nextUs === undefined || nextUs > endUs) return false;
    this.#eventsAtInstant = nextUs > this.#queue.nowUs ? 1 : this.#eventsAtInstant + 1;
    if (this.#eventsAtInstant > this.#maxEventsPerInstant) {
      this.#halt = { code: "livelock", what: `${this.#maxEventsPerInstant} events, and no time passes` };
      return false;
    }
    this.#steps++;
    const happen = this.#queue.take();
    try {
      happen?.();
    } catch (cause) {
      this.#halt = { code: "callback-failed", what: "a callback threw, see the cause", cause };
    }
    return this.#halt === undefined;
  }

  /** Whether anything was scheduled while the platform had its turn. */
  #fromOutside(): Halt | undefined {
    const before = this.#changesAtRest;
    this.#changesAtRest = undefined;
    if (before === undefined || before === this.#queue.changes || this.#allowsOutside) return undefined;
    const what = "something outside acted in the world while it ran, as a timer, a file or WebCrypto of the platform";
    return { code: "outside", what };
  }

  /** The first invariant that does not hold. */
  #violated(): Halt | undefined {
    const violation = this.#invariants.violation();
    if (violation === undefined) return undefined;
    const { name, cause } = violation;
    this.trace.record("violated", undefined, { invariant: name });
    return { code: "invariant-failed", what: `the invariant "${name}" does not hold`, cause };
  }

  #error({ code, what, cause }: Halt): SimulatorError {
    const message = `${what}; at ${this.nowMs} ms, event ${this.#steps}, of the world with seed ${this.seed}: the same seed shows it again`;
    return new SimulatorError(code, message, { cause });
  }
}
