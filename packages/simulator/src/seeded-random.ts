// Randomness that follows from a seed, split by labels: what one part draws never changes what another gets.
// Seeded by SHA-256, so that no two sources are alike. Not for secrets.
import type { Random } from "@p2p/base";
import { seededRandom } from "@p2p/base/testing";
import { sha256 } from "@p2p/wire";

export class SeededRandom implements Random {
  readonly #name: string;
  readonly #source: Random;

  /** The whole sequence follows from `seed`. @throws TypeError for what is neither a number nor a text */
  constructor(seed: number | string) {
    if (typeof seed !== "string" && !Number.isFinite(seed)) throw new TypeError("the seed is a number or a text");
    this.#name = String(seed);
    const digest = sha256(new TextEncoder().encode(this.#name));
    const view = new DataView(digest.buffer, digest.byteOffset);
    this.#source = seededRandom(Uint32Array.from({ length: 4 }, (_, index) => view.getUint32(4 * index)));
  }

  /** A source of its own for one purpose: the same label gives the same one, whatever was drawn before. */
  split(label: string): SeededRandom {
    return new SeededRandom(`${this.#name}/${label}`);
  }

  /** @throws RangeError for a length that is none */
  bytes(length: number): Uint8Array {
    if (!(Number.isSafeInteger(length) && length >= 0)) throw new RangeError("length is an integer from 0 up");
    return this.#source.bytes(length);
  }

  float(): number {
    return this.#source.float();
  }

  /** An integer from 0 up to `below`, without it. @throws RangeError when there is none */
  integer(below: number): number {
    if (!(below > 0 && below <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`there is no integer below ${below}`);
    return Math.floor(this.float() * below);
  }

  /** True with this probability, from 0 to 1. @throws RangeError */
  chance(probability: number): boolean {
    if (!(probability >= 0 && probability <= 1)) throw new RangeError("a probability is from 0 to 1");
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
