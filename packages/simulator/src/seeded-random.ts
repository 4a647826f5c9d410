// Randomness that follows from a seed, split by labels: what one part draws never changes what another gets.
// The generator is xoshiro128** (Blackman and Vigna 2018), seeded by SHA-256. Not for secrets.
import type { Random } from "@p2p/base";
import { sha256 } from "@p2p/wire";

export class SeededRandom implements Random {
  readonly #name: string;
  readonly #state: Uint32Array;

  /** The whole sequence follows from `seed`. */
  constructor(seed: number | string) {
    this.#name = String(seed);
    const digest = sha256(new TextEncoder().encode(this.#name));
    const view = new DataView(digest.buffer, digest.byteOffset);
    this.#state = Uint32Array.from({ length: 4 }, (_, index) => view.getUint32(4 * index));
  }

  /** A source of its own for one purpose: the same label gives the same one, whatever was drawn before. */
  split(label: string): SeededRandom {
    return new SeededRandom(`${this.#name}/${label}`);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#next() >>> 24);
  }

  float(): number {
    return ((this.#next() >>> 5) * 0x400_0000 + (this.#next() >>> 6)) / 0x20_0000_0000_0000;
  }

  /** An integer from 0 up to `below`, without it. */
  integer(below: number): number {
    return Math.floor(this.float() * below);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return probability > 0 && this.float() < probability;
  }

  /** One of them. @throws RangeError when there is none */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("there is nothing to pick from");
    // The index is below the length.
    return items[this.integer(items.length)] as T;
  }

  /** All of them, in another order. */
  shuffle<T>(items: readonly T[]): T[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.integer(rest.length), 1)[0] as T);
  }

  #next(): number {
    const state = this.#state;
    const [a = 0, b = 0, c = 0, d = 0] = state;
    const third = c ^ a;
    const fourth = d ^ b;
    state[0] = a ^ fourth;
    state[1] = b ^ third;
    state[2] = third ^ (b << 9);
    state[3] = rotate(fourth, 11);
    return Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
