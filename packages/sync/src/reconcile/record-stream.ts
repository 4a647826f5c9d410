// All records that a table had when a stream began, one after the other. [SYNC-075]
import type { Entry } from "./trie-parts.js";

export class RecordStream {
  /** Entries that are at hand, and the place of the next: read by who takes many at once. */
  entries: readonly Entry[] = [];
  at = 0;
  readonly #blocks: Iterator<readonly Entry[]>;
  /** How many of the blocks to come belong to it. */
  #left: number;

  /** @param count how many entries there are now: what is added later does not belong to it */
  constructor(blocks: Iterable<readonly Entry[]>, count: number) {
    this.#blocks = blocks[Symbol.iterator]();
    this.#left = count;
  }

  /** The next one that is in the table still; undefined: that was all. */
  get next(): Entry | undefined {
    for (;;) {
      for (; this.at < this.entries.length; this.at++) {
        const entry = this.entries[this.at];
        if (entry?.record !== undefined) return entry;
      }
      if (this.#left <= 0) return undefined;
      const { done, value } = this.#blocks.next();
      const block = done === true ? [] : value;
      this.entries = block.length > this.#left ? block.slice(0, this.#left) : block;
      this.#left = done === true ? 0 : this.#left - this.entries.length;
      this.at = 0;
    }
  }
}
