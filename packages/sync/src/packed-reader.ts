// Reads packed records one after the other while the table goes on: some are given entries meanwhile, before or after they were
// met here.
import type { FullRecord } from "./messages/full-record.js";
import type { PlainRun } from "./messages/plain-run.js";

export interface ReadRun {
  readonly run: PlainRun;
}

export class PackedReader {
  readonly #runs: readonly ReadRun[];
  /** Places of what was taken out, as it grows. */
  readonly #log: readonly number[];
  /** How much of the log was looked at. */
  #seen: number;
  /** The next place: the number of a run, and 16 bits of an index in it. */
  #place = 0;
  /** Keys that were taken out after they were met. */
  readonly #met = new Set<string>();

  constructor(runs: readonly ReadRun[], log: readonly number[]) {
    this.#runs = runs;
    this.#log = log;
    this.#seen = log.length;
  }

  /** The next record that is still here; undefined: there is none. */
  next(): FullRecord | undefined {
    this.#catchUp();
    for (let one = this.#runs[this.#place >> 16]; one !== undefined; one = this.#runs[this.#place >> 16]) {
      const { run } = one;
      const index = this.#place & 0xffff;
      if (index >= run.count) this.#place = ((this.#place >> 16) + 1) << 16;
      else {
        this.#place++;
        if (run.removed?.[index] !== 1) return [run.keyAt(index), run.recordAt(index)];
      }
    }
    return undefined;
  }

  /** Whether a key that is held elsewhere was met here before. */
  hasMet(key: string): boolean {
    this.#catchUp();
    return this.#met.has(key);
  }

  #catchUp(): void {
    for (; this.#seen < this.#log.length; this.#seen++) {
      const place = this.#log[this.#seen] as number; // in range by the loop bound
      const key = place < this.#place ? this.#runs[place >> 16]?.run.keyAt(place & 0xffff) : undefined;
      if (key !== undefined) this.#met.add(key);
    }
  }
}
