// A node of a world: what a factory makes, with the clock, randomness and transports that the world gives it.
import type { Transport } from "@p2p/base";
import { Disk } from "./disk.js";
import { SimulatorError } from "./errors.js";
import type { EventQueue } from "./event-queue.js";
import type { Host } from "./host.js";
import type { Network } from "./network.js";
import type { SeededRandom } from "./seeded-random.js";
import { simulatedScheme, simulatedTransport } from "./simulated-transport.js";
import { type ClockFaults, VirtualClock } from "./virtual-clock.js";

/** What a factory builds a node from: pass `clock`, `random` and `transports` on as options. */
export interface NodeSeams {
  /** The node's name in the world. */
  readonly name: string;
  /** Where it may listen: `sim://<name>:1`. Peers dial it there, also after a restart. */
  readonly address: string;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly transports: readonly Transport[];
  /** What outlives a crash, unless that says otherwise: for the node to keep its state in. */
  readonly disk: Disk;
  /** 1 for the first run, 2 after the first restart. */
  readonly run: number;
}

/** Makes and opens a node; runs in virtual time. */
export type NodeFactory<T> = (seams: NodeSeams) => T | Promise<T>;

export interface StartOptions {
  /** How the node's clock is wrong from the beginning. Default: it is right. */
  readonly clock?: ClockFaults;
}

export interface CrashOptions {
  /** Whether what it kept on its disk is there after a restart; writes that were not synced outlive no loss of power. Default: kept. */
  readonly disk?: "kept" | "lost";
  /** The machine loses its power: peers get no reset, and hold connections that are half open. Default: false. */
  readonly isPowerLost?: boolean;
}

export class SimulatedNode<T> {
  readonly name: string;
  readonly address: string;
  readonly #factory: NodeFactory<T>;
  readonly #options: StartOptions;
  readonly #host: Host;
  readonly #network: Network;
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #disk = new Disk({ isOver: false });
  #clock: VirtualClock | undefined;
  #made: { readonly value: T } | undefined;
  /** Ends the wait for a run that is not up yet. */
  #giveUp: ((reason: SimulatorError) => void) | undefined;
  #runs = 0;

  constructor(network: Network, random: SeededRandom, name: string, factory: NodeFactory<T>, options: StartOptions) {
    this.name = name;
    this.address = `${simulatedScheme}://${name}:1`;
    this.#factory = factory;
    this.#options = options;
    this.#network = network;
    this.#queue = network.queue;
    this.#random = random;
    this.#host = network.addHost(name);
    this.#host.life.isOver = true;
  }

  /** Whether it runs; also while its factory still works. */
  get isUp(): boolean {
    return !this.#host.life.isOver;
  }

  /** Whether it can act: it runs, its factory is done, so that it has a {@link value}, and it does not stand still. */
  get isReady(): boolean {
    return this.#made !== undefined && !this.#host.life.isPaused;
  }

  /** What the factory made in the present run. @throws SimulatorError `unknown-node` when it is down or not made yet */
  get value(): T {
    if (this.#made === undefined) throw new SimulatorError("unknown-node", `node ${this.name} is not up; start it`);
    return this.#made.value;
  }

  /** The clock of the present run. @throws SimulatorError `unknown-node` when it is down */
  get clock(): VirtualClock {
    if (this.#clock === undefined) throw new SimulatorError("unknown-node", `node ${this.name} is down; start it`);
    return this.#clock;
  }

  /**
   * Lets its process stand still, as one that is stopped or swapped out: timers and data wait, its clock goes on, its machine
   * still takes what is sent to it. Several pauses may overlap. What the script itself calls in it is not kept from it.
   * @returns what lets it go on: then all that it has missed happens at once
   * @throws SimulatorError `unknown-node` when it is down
   */
  pause(): () => void {
    const { life } = this.#host;
    if (life.isOver) throw new SimulatorError("unknown-node", `node ${this.name} is down; start it`);
    life.pause(this.#queue.nowUs);
    this.#network.trace.record("pause", this.name);
    let isPaused = true;
    return () => {
      if (!isPaused) return;
      isPaused = false;
      if (!life.resume(this.#queue.nowUs) || life.isOver) return;
      this.#network.trace.record("resume", this.name);
      this.#queue.release(life);
    };
  }

  /** For how long its present run, or the last one, stood still so far, in ms. */
  get pausedMs(): number {
    return this.#host.life.pausedUs(this.#queue.nowUs) / 1_000;
  }

  /** Lets it read no faster than this from now on. */
  limitReading(bytesPerSecond: number): void {
    if (!(bytesPerSecond > 0)) throw new RangeError("bytesPerSecond is above 0");
    this.#host.limitReading(bytesPerSecond);
    this.#network.trace.record("slow", this.name, { bytesPerSecond: String(bytesPerSecond) });
  }

  /**
   * Loses its connections with a peer: it sees resets, the peer hears nothing and holds them half open.
   * @throws SimulatorError `unknown-node` when the world has no such peer
   */
  loseConnections(peer: string): void {
    this.#hostOf(peer);
    this.#network.trace.record("half-open", this.name, { peer });
    loseAll(this.#host, peer);
  }

  /** Resets its connections with a peer, at both ends. @throws as {@link loseConnections} */
  resetConnections(peer: string): void {
    const far = this.#hostOf(peer);
    this.#network.trace.record("reset-all", this.name, { peer });
    loseAll(this.#host, peer);
    loseAll(far, this.name);
  }

  /** Moves its wall clock. @throws RangeError */
  jumpClock(byMs: number): void {
    if (!Number.isFinite(byMs)) throw new RangeError("byMs is a number");
    this.clock.jump(byMs);
    this.#network.trace.record("clock-jump", this.name, { byMs });
  }

  /** Lets its clock run `ppm` millionths too fast. Default: as from the beginning. */
  driftClock(ppm: number = this.#options.clock?.driftPpm ?? 0): void {
    this.clock.setDrift(ppm);
    this.#network.trace.record("clock-drift", this.name, { ppm });
  }

  /** Begins a run. @throws SimulatorError `name-taken` when it is up, `crashed` when it crashes before its factory is done */
  boot(): Promise<void> {
    if (this.isUp) throw new SimulatorError("name-taken", `node ${this.name} is up already; crash it first`);
    const life = this.#host.begin();
    const run = ++this.#runs;
    const clock = new VirtualClock(this.#queue, life, this.#options.clock);
    this.#clock = clock;
    this.#network.trace.record("start", this.name, { run });
    return new Promise<void>((resolve, reject) => {
      this.#giveUp = reject;
      const { name, address } = this;
      const random = this.#random.split(`run ${run}`);
      const disk = new Disk(life, this.#disk);
      const transports = [simulatedTransport(this.#network, this.#host)];
      const make = async (): Promise<void> => {
        const seams = { name, address, clock, random, transports, disk, run };
        const value = await this.#factory(seams);
        if (life.isOver) return;
        this.#made = { value };
        this.#network.trace.record("up", name);
        this.#giveUp = undefined;
        resolve();
      };
      const failed = (reason: unknown): void => {
        if (life.isOver) return;
        reject(reason);
        this.crash();
      };
      this.#queue.schedule(0, () => void make().catch(failed), life);
    });
  }

  /**
   * Ends the run at once: no line of its code runs any more, but for promises that settle of themselves.
   * @throws SimulatorError `unknown-node` when it is down already; TypeError
   */
  crash(options: CrashOptions = {}): void {
    if (!this.isUp) throw new SimulatorError("unknown-node", `node ${this.name} is down already`);
    const { disk = "kept", isPowerLost = false } = options;
    if (disk !== "kept" && disk !== "lost") throw new TypeError(`a disk is "kept" or "lost", not "${String(disk)}"`);
    this.#network.trace.record("crash", this.name, { disk, power: isPowerLost ? "lost" : "kept" });
    this.#host.stop(isPowerLost);
    this.#made = undefined;
    this.#clock = undefined;
    this.#giveUp?.(new SimulatorError("crashed", `node ${this.name} crashed before its factory was done`));
    this.#giveUp = undefined;
    if (disk === "lost") this.#disk.erase();
    else if (isPowerLost) this.#disk.losePower(this.#random.split(`power ${this.#runs}`));
  }

  #hostOf(peer: string): Host {
    const host = this.#network.host(peer);
    if (host === undefined) throw new SimulatorError("unknown-node", `there is no node ${peer} in this world`);
    return host;
  }
}

function loseAll(host: Host, peer: string): void {
  for (const channel of [...host.channels]) if (channel.peerHost === peer) channel.lose();
}
