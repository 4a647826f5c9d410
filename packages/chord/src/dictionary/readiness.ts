// Whether a node has what those had who held its positions before it: a new member has nothing yet. [CHORD-211]
import type { PositionRange } from "../ring-access.js";

export type RingPlace = { readonly range: PositionRange | undefined; readonly isAlone: boolean };

/** Pure: told of the ring's changes and of finished comparisons. */
export class Readiness {
  #isMember = false;
  #isReady = false;
  #wasMember = false;

  /** Nothing is missing that others could give. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /**
   * @returns whether it became a member: the first of a ring, alone again after others, or among others, from whom the range is
   * to be fetched now
   */
  changed({ range, isAlone }: RingPlace): "founded" | "alone" | "joined" | "same" {
    const wasMember = this.#isMember;
    this.#isMember = range !== undefined;
    if (!this.#isMember) this.#isReady = false;
    if (!this.#isMember || wasMember) return "same";
    this.#isReady = isAlone;
    const isFirst = !this.#wasMember;
    this.#wasMember = true;
    if (!isAlone) return "joined";
    return isFirst ? "founded" : "alone";
  }

  /** The range was fetched, or there is nobody to fetch it from. */
  fetched(): void {
    this.#isReady = this.#isMember;
  }
}
