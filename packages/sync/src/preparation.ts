// Waits until all fingerprints of a table are there: computed bit by bit, so that nothing else has to wait. [SYNC-072]
import type { Clock } from "@p2p/base";
import type { Table } from "./table.js";

/** Records whose fingerprints are computed in one job: some ms. */
const recordsAtATime = 512;

export class Preparation {
  readonly #table: Table;
  readonly #clock: Clock;
  #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  /** Runs something when all fingerprints are there. */
  whenReady(run: () => void): void {
    if (this.#table.isPrepared) {
      run();
      return;
    }
    this.#waiting.push(run);
    if (this.#waiting.length === 1) this.#clock.queue(this.#advance);
  }

  /** Nothing that waits is run. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  readonly #advance = (): void => {
    if (this.#isClosed) return;
    if (!this.#table.prepare(recordsAtATime)) {
      this.#clock.queue(this.#advance);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) run();
  };
}
