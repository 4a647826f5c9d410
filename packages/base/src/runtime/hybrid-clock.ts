// A hybrid logical clock in one integer (Kulkarni et al. 2014): times follow the wall clock, never repeat, and are above
// every time that was seen.

/** Times of one node's writes, in µs since 1970. */
export class HybridClock {
  readonly #nowMs: () => number;
  #lastUs: number;

  /**
   * @param nowMs wall clock in ms, fractions welcome
   * @param lastUs no time up to this one is given: what an earlier run may have given
   */
  constructor(nowMs: () => number, lastUs = 0) {
    this.#nowMs = nowMs;
    this.#lastUs = lastUs;
  }

  /** The highest time that was given or seen, in µs. */
  get lastUs(): number {
    return this.#lastUs;
  }

  /** The wall clock in µs, whatever was given or seen. */
  get wallUs(): number {
    return Math.floor(this.#nowMs() * 1_000);
  }

  /** A time above all that were given or seen. */
  next(): number {
    const wallUs = this.wallUs;
    // A reading that is no time at all, such as NaN or Infinity, must not stay for ever.
    this.#lastUs = wallUs > this.#lastUs && Number.isSafeInteger(wallUs) ? wallUs : this.#lastUs + 1;
    return this.#lastUs;
  }

  /** Takes note of another node's time: what is given from now on is above it. Check first that it is not absurd. */
  observe(timeUs: number): void {
    if (timeUs > this.#lastUs) this.#lastUs = timeUs;
  }
}
