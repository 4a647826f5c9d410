// The timers of one owner: all are gone when it closes.
import type { Clock, TimerHandle } from "@p2p/base";

export class Timers {
  readonly #clock: Clock;
  readonly #set = new Set<TimerHandle>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Calls `run` once, `delayMs` from now; never, once closed. */
  later(run: () => void, delayMs: number): void {
    if (this.#isClosed) return;
    const timer = this.#clock.setTimeout(() => {
      this.#set.delete(timer);
      run();
    }, delayMs);
    this.#set.add(timer);
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#set) this.#clock.clearTimeout(timer);
    this.#set.clear();
  }
}
