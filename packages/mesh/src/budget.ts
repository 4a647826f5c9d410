// How often a peer may send a kind of control message: a token bucket, with patience before the link is closed.
// [MESH-033] [MESH-046]

export interface BudgetOptions {
  /** Messages that may come at once. */
  readonly burst: number;
  /** One more is allowed each so many ms. */
  readonly everyMs: number;
  /** Messages over the budget that are merely ignored, until the bucket is full again; one more is a breach. */
  readonly patience: number;
}

export type Verdict = "pass" | "ignore" | "breach";

export class Budget {
  readonly #options: BudgetOptions;
  #tokens: number;
  #filledMs: number;
  #ignored = 0;

  constructor(options: BudgetOptions, nowMs: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledMs = nowMs;
  }

  /** Counts one message that came now. */
  take(nowMs: number): Verdict {
    const { burst, everyMs, patience } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + Math.max(0, nowMs - this.#filledMs) / everyMs);
    this.#filledMs = nowMs;
    if (this.#tokens >= burst) this.#ignored = 0;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return "pass";
    }
    this.#ignored += 1;
    return this.#ignored > patience ? "breach" : "ignore";
  }
}
