// A ring of the shipped ring and routing logic in virtual time, for figures.
import { defaultChordLimits } from "@p2p/chord";
import { RingWorld } from "@p2p/chord/testing";
import { SeededRandom } from "@p2p/simulator";

type Place = ReturnType<RingWorld["join"]>;

const joinsPerSecond = 50;
/** Until all have their fingers, in ms. */
const settleMs = 120_000;
/** Until lookups that were lost have tried all their ways, in ms. */
const patienceMs = 10_000;
/** A round of stabilising, in ms. */
const { stabiliseMs } = defaultChordLimits;
const positionBytes = 48;

export interface Lookups {
  /** Nodes that each one passed that found the owner, in order of size. */
  readonly hops: readonly number[];
  /** Those that did not name the live owner. */
  readonly failed: number;
}

export class LogicRing {
  readonly random: SeededRandom;
  readonly #world: RingWorld;
  readonly #members: Place[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.#world = new RingWorld({ seed, times: defaultChordLimits, latency: { minMs: 20, maxMs: 80 } });
  }

  /** Nodes join, each by one that is there, until there are so many; then they have time for their fingers. */
  grow(count: number): void {
    while (this.#members.length < count) {
      this.#members.push(this.#world.join(this.#members.length === 0 ? undefined : this.random.pick(this.#members)));
      this.#world.run(1_000 / joinsPerSecond);
    }
    this.#world.run(settleMs);
  }

  /** So many members die at the same instant. */
  crash(count: number): void {
    const order = this.random.shuffle([...this.#members]);
    this.#world.crash(order.slice(0, count).map(({ id }) => id));
  }

  runRounds(rounds: number): void {
    this.#world.run(rounds * stabiliseMs);
  }

  anyPosition(): Uint8Array {
    return this.random.bytes(positionBytes);
  }

  /** The ids of the owner of a position, of those alive, and of members after it. */
  holdersOf(position: Uint8Array, successors: number): readonly string[] {
    const { sorted } = this.#world;
    const owner = this.#world.ownerOf(sorted, position);
    const at = sorted.findIndex(({ id }) => id === owner);
    return Array.from({ length: successors + 1 }, (_, after) => sorted[(at + after) % sorted.length]?.id ?? "");
  }

  /** The ids of all that live. */
  get alive(): ReadonlySet<string> {
    return new Set(this.#world.places.keys());
  }

  /** Looks up random positions from random members, all at once. */
  lookUp(count: number): Lookups {
    const { sorted } = this.#world;
    const hops: number[] = [];
    for (let index = 0; index < count; index++) {
      const position = this.anyPosition();
      const owner = this.#world.ownerOf(sorted, position);
      this.#world.lookUp(this.random.pick(sorted), position, (found) => {
        if (found.owner === owner) hops.push(found.hops);
      });
    }
    this.#world.run(patienceMs);
    return { hops: hops.sort((a, b) => a - b), failed: count - hops.length };
  }
}
