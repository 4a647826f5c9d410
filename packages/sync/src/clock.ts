// The hybrid clock: physical time, and a count of what was seen, in one number of µs. [SYNC-012 to SYNC-016]

export interface HybridClockOptions {
  /** Physical time in ms since 1970, possibly fractional; may jump. */
  readonly nowMs: () => number;
  /** How far ahead of physical time a stamp may be, in ms. */
  readonly maxAheadMs: number;
  /** No stamp up to this is given again, in µs: what an earlier run reserved. Default 0. */
  readonly lastUs?: number;
}

/** Gives the stamps of one origin, each greater than all that it gave or saw. */
export class HybridClock {
  readonly #nowMs: () => number;
  readonly #maxAheadUs: number;
  #lastUs: number;
  #correctionUs = 0;

  constructor(options: HybridClockOptions) {
    this.#nowMs = options.nowMs;
    this.#maxAheadUs = options.maxAheadMs * 1_000;
    this.#lastUs = options.lastUs ?? 0;
  }

  /** Physical time with the correction, in µs. Leases and the future bound are judged by it. */
  physicalUs(): number {
    const now = Math.floor(this.#nowMs() * 1_000) + this.#correctionUs;
    // A reading that is no time at all, such as NaN, makes nothing lapse and nothing purge.
    return Number.isSafeInteger(now) && now > 0 ? now : 0;
  }

  /** The latest time given or seen. */
  get lastUs(): number {
    return this.#lastUs;
  }

  /** The next stamp, in µs. */
  next(): number {
    const now = this.physicalUs();
    // A clock that was far ahead and is right again must not go on with stamps that others refuse [SYNC-016].
    const last = now > 0 && this.#lastUs > now + this.#maxAheadUs ? 0 : this.#lastUs;
    this.#lastUs = Math.max(now, last + 1);
    return this.#lastUs;
  }

  /** A stamp that was seen and is not ahead: later ones are above it. */
  observe(timeUs: number): void {
    if (timeUs > this.#lastUs) this.#lastUs = timeUs;
  }

  /** Whether a stamp is too far in the future to be taken [SYNC-014]. */
  isAhead(timeUs: number): boolean {
    return timeUs > this.physicalUs() + this.#maxAheadUs;
  }

  /**
   * Corrects physical time by the median of what the neighbours' clocks say and the own one, so that one wrong clock among
   * three or more moves nobody else's, and of two none is moved [SYNC-015].
   * @param offsetsMs how far each neighbour's clock is ahead of this one
   */
  correct(offsetsMs: readonly number[]): void {
    const sorted = [0, ...offsetsMs.filter(Number.isFinite)].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    const upper = sorted[middle] ?? 0;
    const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? 0) : upper;
    const offsetUs = Math.round((Math.abs(lower) < Math.abs(upper) ? lower : upper) * 1_000);
    this.#correctionUs = Math.abs(offsetUs) > this.#maxAheadUs / 2 ? offsetUs : 0;
  }
}
