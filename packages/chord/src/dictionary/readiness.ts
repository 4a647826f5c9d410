// Whether a node has what those had who held its positions before it: a new member has nothing yet. [CHORD-211]
import type { PositionRange } from "../ring-access.js";

export type RingPlace = { readonly range: PositionRange | undefined; readonly isAlone: boolean };

/** Pure: told of the ring's changes and of finished comparisons. */
export class Readiness {
  #isMember = false;
  #isReady = false;

  /** Nothing is missing that others could give. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** @returns whether the range is to be fetched from the successors now */
  changed({ range, isAlone }: RingPlace): boolean {
    const wasMember = this.#isMember;
    this.#isMember = range !== undefined;
    if (!this.#isMember) this.#isReady = false;
    if (!this.#isMember || wasMember) return false;
    this.#isReady = isAlone;
    return !isAlone;
  }

  /** The range was fetched, or there is nobody to fetch it from. */
  fetched(): void {
    this.#isReady = this.#isMember;
  }
}
