// Real processes that form a ring, write and read; some of them are killed again and again, and started again.
import { join } from "node:path";
import { type ReadEnd, type WriteCounts, WriteHistory } from "@p2p/chord/testing";
import { SeededRandom } from "@p2p/simulator";
import { type MemberCommand, Slot } from "./slot.js";

export interface SiegeOptions {
  readonly command: MemberCommand;
  readonly processes: number;
  /** How many are killed at the same instant. */
  readonly atOnce: number;
  /** Writers and readers of each process that go on side by side. */
  readonly lanes: number;
  readonly keysPerLane: number;
  /** Where members keep their stores; undefined: they come back with nothing, as somebody else. */
  readonly folder: string | undefined;
  /** Chooses who is killed, and what is read by whom. */
  readonly seed: number;
  /** Resolves with true when it is time to kill again, and with false in the end. */
  readonly pace: (history: WriteHistory, random: SeededRandom) => Promise<boolean>;
  readonly tell: (line: string) => void;
  /** Gives up, and kills all. */
  readonly signal: AbortSignal;
}

export interface SiegeReport extends WriteCounts {
  readonly kills: number;
  /** Keys that were read in the end. */
  readonly keys: number;
  /** Sentences: reads that found less than had been acknowledged. */
  readonly stale: readonly string[];
  /** Keys whose acknowledged value nobody finds in the end. */
  readonly lost: readonly string[];
}

/** @throws `signal.reason`; Error when a process ends that nobody killed */
export async function besiege(options: SiegeOptions): Promise<SiegeReport> {
  const { signal } = options;
  let giveUp: (reason: unknown) => void = () => undefined;
  const abandoned = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const onAbort = (): void => giveUp(signal.reason);
  signal.addEventListener("abort", onAbort);
  const siege = new Siege(options, giveUp);
  try {
    return await Promise.race([siege.run(), abandoned]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    await siege.end();
  }
}

class Siege {
  readonly #options: SiegeOptions;
  readonly #slots: readonly Slot[];
  readonly #history = new WriteHistory(() => performance.now());
  /** For who is killed and when: the same for a seed, whatever the members do meanwhile. */
  readonly #fate: SeededRandom;
  /** For what is read by whom. */
  readonly #random: SeededRandom;
  #isOver = false;

  constructor(options: SiegeOptions, onLost: (reason: Error) => void) {
    const { command, processes, folder, seed } = options;
    this.#options = options;
    const random = new SeededRandom(seed);
    this.#fate = random.split("fate");
    this.#random = random.split("reads");
    this.#slots = Array.from({ length: processes }, (_, number) => {
      return new Slot(command, folder === undefined ? "" : join(folder, String(number)), onLost);
    });
  }

  async run(): Promise<SiegeReport> {
    const { pace, tell, atOnce } = this.#options;
    const [first, ...others] = this.#slots;
    await first?.start([]);
    await Promise.all(others.map((slot) => slot.start(this.#addresses)));
    tell(`${this.#slots.length} processes are one ring`);
    let work = Promise.all(this.#slots.map((slot, number) => this.#work(slot, number)));
    let kills = 0;
    while (await pace(this.#history, this.#fate)) {
      const victims = new Set(this.#fate.shuffle([...this.#slots.keys()]).slice(0, atOnce));
      const killed = this.#slots.filter((_, number) => victims.has(number));
      await Promise.all(killed.map((slot) => slot.kill()));
      kills += killed.length;
      const before = this.#history.counts;
      await Promise.all(killed.map((slot) => slot.start(this.#addresses)));
      const { acknowledged, failed } = this.#history.counts;
      const meanwhile = `${acknowledged - before.acknowledged} writes acknowledged while they came back`;
      tell(`killed ${[...victims].join(" and ")}: ${meanwhile}; ${acknowledged} in all, ${failed} operations failed`);
      const again = killed.map((slot) => this.#work(slot, this.#slots.indexOf(slot)));
      work = Promise.all([work, ...again]).then(() => []);
    }
    this.#isOver = true;
    await work;
    const { counts } = this.#history;
    const lost = await this.#readAll();
    return { ...counts, kills, keys: this.#history.keys.length, stale: this.#history.stale, lost };
  }

  /** Kills what still runs; resolves when nothing does. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#slots.map((slot) => slot.kill()));
  }

  get #addresses(): readonly string[] {
    return this.#slots.flatMap(({ address }) => address ?? []);
  }

  /** Until the member dies, or all is over. */
  async #work(slot: Slot, number: number): Promise<void> {
    const lanes = Array.from({ length: this.#options.lanes }, (_, lane) => this.#lane(slot, `${number}/${lane}`));
    await Promise.all(lanes);
  }

  /** Writes keys of its own in turns, and after each one reads any. */
  async #lane(slot: Slot, name: string): Promise<void> {
    const { address } = slot;
    for (let turn = 0; !this.#isOver && slot.address === address; turn += 1) {
      const key = `${name}/${turn % this.#options.keysPerLane}`;
      await this.#history.write(key, (value) => slot.order({ do: "set", key, value }));
      const { keys } = this.#history;
      if (keys.length > 0) await this.#read(slot, this.#random.pick(keys));
    }
  }

  #read(slot: Slot, key: string): Promise<ReadEnd> {
    return this.#history.read(key, () => slot.order({ do: "get", key }));
  }

  /** Every key that has an acknowledged value is read by any; by all if it finds less. @returns those that nobody finds */
  async #readAll(): Promise<readonly string[]> {
    const keys = [...this.#history.keys];
    const lost: string[] = [];
    const readOn = async (): Promise<void> => {
      for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
        if ((await this.#read(this.#random.pick(this.#slots), key)) === "right") continue;
        let isFound = false;
        for (const slot of this.#slots) isFound ||= (await this.#read(slot, key)) === "right";
        if (!isFound) lost.push(key);
      }
    };
    await Promise.all(this.#slots.map(readOn));
    return lost;
  }
}
