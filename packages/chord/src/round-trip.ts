// How long to wait for an answer: mean and deviation of what was measured (RFC 6298; Rhea et al., USENIX 2004). [CHORD-047]

export interface TimeoutBounds {
  /** While nothing is measured, in ms. */
  readonly firstMs: number;
  readonly leastMs: number;
  readonly mostMs: number;
}

export class RoundTrip {
  readonly #bounds: TimeoutBounds;
  #meanMs: number | undefined;
  #deviationMs = 0;
  #backoff = 1;

  constructor(bounds: TimeoutBounds) {
    this.#bounds = bounds;
  }

  /** Mean and four deviations, doubled for each timeout since the last answer. */
  get timeoutMs(): number {
    const { firstMs, leastMs, mostMs } = this.#bounds;
    const measured = this.#meanMs === undefined ? firstMs : this.#meanMs + 4 * this.#deviationMs;
    return Math.min(mostMs, Math.max(leastMs, measured) * this.#backoff);
  }

  answered(tookMs: number): void {
    this.#backoff = 1;
    if (this.#meanMs === undefined) {
      this.#meanMs = tookMs;
      this.#deviationMs = tookMs / 2;
      return;
    }
    this.#deviationMs += (Math.abs(tookMs - this.#meanMs) - this.#deviationMs) / 4;
    this.#meanMs += (tookMs - this.#meanMs) / 8;
  }

  timedOut(): void {
    this.#backoff = Math.min(8, 2 * this.#backoff);
  }
}
