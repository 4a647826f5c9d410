// The same work for each network: puts and gets one after the other, then gets side by side, each by another node.
import { median } from "../../result.js";
import type { DhtKey, DhtNetwork, DhtReport } from "./network.js";

export interface WorkloadOptions {
  /** Operations of each kind one after the other, at most. */
  readonly operations: number;
  /** Time for each of the parts, in ms. */
  readonly partMs: number;
  /** Gets under way side by side. */
  readonly width: number;
  readonly valueBytes: number;
  /** Picks nodes and keys: a fraction of 1. */
  readonly random: () => number;
}

interface Stored {
  readonly key: DhtKey;
  readonly value: Uint8Array;
}

/** At least so many of each kind, however slow they are. */
const fewest = 10;

export class Workload {
  readonly #network: DhtNetwork;
  readonly #options: WorkloadOptions;
  readonly #stored: Stored[] = [];
  #wrong = 0;

  constructor(network: DhtNetwork, options: WorkloadOptions) {
    this.#network = network;
    this.#options = options;
  }

  /** The whole of it; the first round is for the compiler, and not counted. */
  async run(): Promise<Omit<DhtReport, "openMs">> {
    await this.#oneByOne(() => this.#put());
    await this.#oneByOne(() => this.#get());
    await this.#sideBySide();
    const putMs = await this.#oneByOne(() => this.#put());
    const getMs = await this.#oneByOne(() => this.#get());
    return { putMs, getMs, ...(await this.#sideBySide()), wrong: this.#wrong };
  }

  /** The median of what one takes, in ms. */
  async #oneByOne(operation: () => Promise<void>): Promise<number> {
    const { operations, partMs } = this.#options;
    const tookMs: number[] = [];
    const endMs = performance.now() + partMs;
    while (tookMs.length < operations && (tookMs.length < fewest || performance.now() < endMs)) {
      const beganMs = performance.now();
      await operation();
      tookMs.push(performance.now() - beganMs);
    }
    return median(tookMs);
  }

  /** Gets a second: of all that were begun within the time, over the time until the last of them ended. */
  async #sideBySide(): Promise<Pick<DhtReport, "getsPerSecond" | "getCpuUs">> {
    const { partMs, width } = this.#options;
    const [beganMs, cpu] = [performance.now(), process.cpuUsage()];
    let gets = 0;
    const getOn = async (): Promise<void> => {
      while (performance.now() - beganMs < partMs) {
        await this.#get();
        gets++;
      }
    };
    await Promise.all(Array.from({ length: width }, getOn));
    const { user, system } = process.cpuUsage(cpu);
    return { getsPerSecond: (1_000 * gets) / (performance.now() - beganMs), getCpuUs: (user + system) / gets };
  }

  async #put(): Promise<void> {
    const { random, valueBytes } = this.#options;
    const value = Uint8Array.from({ length: valueBytes }, () => Math.floor(256 * random()));
    this.#stored.push({ key: await this.#network.put(this.#anyNode(), value), value });
  }

  async #get(): Promise<void> {
    const stored = this.#stored[Math.floor(this.#stored.length * this.#options.random())];
    if (stored === undefined) throw new RangeError("nothing was put yet");
    const found = await this.#network.get(this.#anyNode(), stored.key);
    if (found === undefined || !isSame(found, stored.value)) this.#wrong++;
  }

  #anyNode(): number {
    return Math.floor(this.#network.size * this.#options.random());
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
