// All records that a table had when a stream began, one after the other. [SYNC-075]
import type { Entry } from "./trie-parts.js";

export class RecordStream {
  readonly #entries: IterableIterator<Entry>;
  #left: number;
  #next: Entry | undefined;

  /** @param count how many entries there are now: what is added later does not belong to it */
  constructor(entries: IterableIterator<Entry>, count: number) {
    this.#entries = entries;
    this.#left = count;
    this.advance();
  }

  /** The next one; undefined: that was all. One that was dropped since it was next is passed over. */
  get next(): Entry | undefined {
    return this.#next === undefined || this.#next.record !== undefined ? this.#next : this.advance();
  }

  /** Goes on to the one after the next, and returns it. */
  advance(): Entry | undefined {
    while (this.#left-- > 0) {
      const { done, value } = this.#entries.next();
      if (done === true) break;
      if (value.record === undefined) continue;
      this.#next = value;
      return value;
    }
    this.#left = 0;
    this.#next = undefined;
    return undefined;
  }
}
