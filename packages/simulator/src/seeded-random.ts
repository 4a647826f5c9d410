// Randomness that follows from a seed, split by labels: what one part draws never changes what another gets.
// Seeded by SHA-256, so that no two sources are alike. Not for secrets.
import type { Random } from "@p2p/base";
import { seededRandom } from "@p2p/base/testing";
import { sha256 } from "@p2p/wire";

export class SeededRandom implements Random {
  readonly #name: string;
  readonly #source: Random;

  /** The whole sequence follows from `seed`. */
  constructor(seed: number | string) {
    this.#name = String(seed);
    const digest = sha256(new TextEncoder().encode(this.#name));
    const view = new DataView(digest.buffer, digest.byteOffset);
    this.#source = seededRandom(Uint32Array.from({ length: 4 }, (_, index) => view.getUint32(4 * index)));
  }

  /** A source of its own for one purpose: the same label gives the same one, whatever was drawn before. */
  split(label: string): SeededRandom {
    return new SeededRandom(`${this.#name}/${label}`);
  }

  bytes(length: number): Uint8Array {
    return this.#source.bytes(length);
  }

  float(): number {
    return this.#source.float();
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
}
