// What a node answers to who asks for its place in the ring: revisions, and of those who have an earlier one, what is new.
// [CHORD-028] [CHORD-057]

import type { WireValue } from "@p2p/wire";
import { encodeNeighbourhood, type NeighbourhoodAsk } from "./messages/neighbourhood.js";
import { isSameNeighbourhood, type Neighbourhood } from "./ring/contact.js";

/** Its own list, and in a small ring all members. */
interface Telling {
  readonly narrow: Neighbourhood;
  readonly wide: Neighbourhood;
}

/** Revisions that are remembered: under churn there is another one every few seconds, and who asks does so as often. */
const remembered = 16;
const maxRevision = 0xffff_ffff;

export class Tellings {
  #revision: number;
  readonly #recent = new Map<number, Telling>();

  /** @param drawn 0 to 1: so that a node that was started anew is not taken for what it was */
  constructor(drawn: number) {
    this.#revision = Math.floor(drawn * 2 ** 31) + 1;
  }

  /** There may be something else to tell; fingers come and go without. */
  changed(narrow: Neighbourhood, wide: Neighbourhood): void {
    const last = this.#recent.get(this.#revision);
    if (isSameNeighbourhood(narrow, last?.narrow) && isSameNeighbourhood(wide, last?.wide)) return;
    this.#revision = this.#revision >= maxRevision ? 1 : this.#revision + 1;
    this.#recent.set(this.#revision, { narrow, wide });
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= remembered) break;
      this.#recent.delete(oldest);
    }
  }

  /** The values of the answer. @param current as in `changed` */
  answer({ isWide, isProbe, takesNumbers, revision }: NeighbourhoodAsk, current: Telling): WireValue[] {
    if (isProbe || revision === this.#revision) return [this.#revision];
    const kind = isWide ? "wide" : "narrow";
    const earlier = takesNumbers ? this.#recent.get(revision) : undefined;
    return encodeNeighbourhood(current[kind], this.#revision, earlier?.[kind]);
  }
}
