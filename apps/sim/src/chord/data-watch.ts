// Values in a simulated ring: who sets them, and whether they are read again.
import type { Chord } from "@p2p/chord";
import type { World } from "@p2p/simulator";
import type { Member, RingWatch } from "./ring-watch.js";

export interface ReadReport {
  readonly right: number;
  /** There is nothing, or something else. */
  readonly wrong: number;
  /** Nobody could tell. */
  readonly failed: number;
}

export class DataWatch {
  readonly #world: World;
  readonly #ring: RingWatch;
  readonly #keys: string[] = [];
  /** Ends the reads of a member that crashes. */
  readonly #reading = new Map<Chord, Set<() => void>>();

  constructor(world: World, ring: RingWatch) {
    this.#world = world;
    this.#ring = ring;
  }

  /** Sets so many values, each by a random member; all are acknowledged in the end. */
  async setAll(count: number): Promise<void> {
    const sets: Promise<unknown>[] = [];
    for (let number = 0; number < count; number += 1) {
      const key = `key ${number}`;
      this.#keys.push(key);
      sets.push(this.#someone.set(key, `value of ${key}`));
      await this.#world.runFor(1);
    }
    await this.#world.run(Promise.all(sets));
  }

  /** Reads every key once, each by a random member. */
  async getAll(): Promise<ReadReport> {
    const reports = this.#keys.map((key) => this.#read(key));
    const ends = await this.#world.run(Promise.all(reports));
    return report(ends);
  }

  /** Reads random keys, one every `everyMs`, for so long. */
  async getFor(durationMs: number, everyMs: number): Promise<ReadReport> {
    const reads: Promise<ReadEnd>[] = [];
    for (let passedMs = 0; passedMs < durationMs; passedMs += everyMs) {
      reads.push(this.#read(this.#world.random.pick(this.#keys)));
      await this.#world.runFor(everyMs);
    }
    return report(await this.#world.run(Promise.all(reads)));
  }

  get #someone(): Chord {
    return this.#world.random.pick(this.#ring.live.filter(({ role }) => role === "member"));
  }

  /** Crashes a member. What it was reading never ends: that is nobody's failure, and not counted. */
  crash(member: Member): void {
    const reading = this.#reading.get(member.value);
    this.#reading.delete(member.value);
    this.#ring.crash(member);
    for (const end of reading ?? []) end();
  }

  async #read(key: string): Promise<ReadEnd> {
    const reader = this.#someone;
    const reading = this.#reading.get(reader) ?? new Set();
    this.#reading.set(reader, reading);
    return new Promise((resolve) => {
      const end = (how?: ReadEnd): void => {
        reading.delete(end);
        resolve(how);
      };
      reading.add(end);
      reader.get(key).then(
        (value) => end(value === `value of ${key}` ? "right" : "wrong"),
        () => end("failed"),
      );
    });
  }
}

type ReadEnd = "right" | "wrong" | "failed" | undefined;

function report(ends: readonly ReadEnd[]): ReadReport {
  const count = (end: ReadEnd) => ends.filter((each) => each === end).length;
  return { right: count("right"), wrong: count("wrong"), failed: count("failed") };
}
