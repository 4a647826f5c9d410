// Message times: microseconds that never repeat for one sender. [WIRE-047]

/** Hands out the times of one sender's messages. */
export class Timestamper {
  readonly #nowMs: () => number;
  #last = 0;

  /** @param nowMs wall clock in milliseconds, fractions welcome. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The next time in microseconds: the clock's, or one more than the last if the clock has not moved on. */
  next(): number {
    const now = Math.floor(this.#nowMs() * 1000);
    // A reading that is no time at all, such as NaN or Infinity, must not stay for ever.
    this.#last = now > this.#last && Number.isSafeInteger(now) ? now : this.#last + 1;
    return this.#last;
  }
}
