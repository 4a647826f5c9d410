// The reading half of a process that holds a table: counts the writes that came from elsewhere.
import { cpuMs } from "../process/serve.js";
import type { WriteCount } from "./command.js";

/** Writes between two looks at the clock. */
const stride = 64;

export class Reader {
  /** Writes come in their order, numbered from 0; a library may tell only the last of several to one key. */
  #highest = -1;
  #nextCheck = 0;
  #check: (now: number) => void = () => {};

  /** To be called with the value of each entry that was written elsewhere. */
  readonly onUpdate = (value: number): void => {
    if (value > this.#highest) this.#highest = value;
    if (this.#highest < this.#nextCheck) return;
    this.#nextCheck = this.#highest + stride;
    this.#check(performance.now());
  };

  /** Counts from `warmUpMs` after the first write on. The clock is read at writes: timers come late to a busy process. */
  count(warmUpMs: number, durationMs: number): Promise<WriteCount> {
    return new Promise((resolve) => {
      let first: number | undefined;
      let from: { now: number; highest: number; cpu: number } | undefined;
      this.#check = (now) => {
        first ??= now;
        if (from === undefined && now - first >= warmUpMs) {
          from = { now, highest: this.#highest, cpu: cpuMs() };
        } else if (from !== undefined && now - from.now >= durationMs) {
          this.#check = () => {};
          resolve({
            written: this.#highest - from.highest,
            elapsedMs: now - from.now,
            cpuMs: cpuMs() - from.cpu,
          });
        }
      };
    });
  }
}
