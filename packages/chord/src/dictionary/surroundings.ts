// What of a node's place in the ring the dictionary depends on; fingers, and the far end of the list, come and go beside it.
// [CHORD-213] [CHORD-228]
import type { NodeId } from "@p2p/wire";
import { positionCount } from "../positions.js";
import { isSamePosition } from "../ring/arc.js";
import type { Ring } from "../ring-access.js";

/** What is another since the last time. */
export interface Moved {
  /** Where the range begins, or who keeps copies of it. */
  readonly copies: boolean;
  /** Those, or who may hold keys of the range by name. */
  readonly holders: boolean;
}

export class Surroundings {
  readonly #replicas: number;
  #after: Uint8Array | undefined;
  #successors: readonly NodeId[] = [];

  /** @param replicas successors that keep copies */
  constructor(replicas: number) {
    this.#replicas = replicas;
  }

  moved({ range, successors }: Pick<Ring, "range" | "successors">): Moved {
    const [before, after] = [this.#after, range?.after];
    const isRange = before === undefined || after === undefined ? before !== after : !isSamePosition(before, after);
    const wasThen = this.#successors;
    this.#after = after;
    this.#successors = successors;
    const isOther = (count: number): boolean => {
      for (let at = 0; at < count; at += 1) if (successors[at] !== wasThen[at]) return true;
      return isRange;
    };
    // Of the holders of a key one stands at each position, and no node twice: at most so far behind its owner.
    return { copies: isOther(this.#replicas), holders: isOther(Math.max(this.#replicas, positionCount - 1)) };
  }
}
