// When to dial a lost peer again: growing delays with jitter, and an end [BASE-150] to [BASE-153].
import type { Random } from "../runtime/random.js";

export interface BackoffOptions {
  /** The delay before each attempt in ms; the last one repeats. Default: 1, 5, 15, 60 and 600 s. */
  readonly delaysMs?: readonly number[];
  /** The share by which a delay may be shorter or longer. Default: 0.5. */
  readonly jitter?: number;
  /** A connection up for so long, in ms, counts as a success. Default: 60,000. */
  readonly stableMs?: number;
  /** Attempts in a row without success before giving up. Default: 150. */
  readonly maxAttempts?: number;
}

export const reconnectDelaysMs: readonly number[] = Object.freeze([1_000, 5_000, 15_000, 60_000, 600_000]);

/**
 * The pace of reconnecting to one peer. Pure: told what happens and when (monotonic ms), it answers how long to wait.
 * A connection that comes and goes at once does not count as success, or such a peer would be dialled every second.
 */
export class Backoff {
  readonly #random: Random;
  readonly #delaysMs: readonly number[];
  readonly #jitter: number;
  readonly #stableMs: number;
  readonly #maxAttempts: number;
  #attempts = 0;
  #connectedAtMs: number | undefined;

  constructor(random: Random, options: BackoffOptions = {}) {
    const { delaysMs = reconnectDelaysMs, jitter = 0.5, stableMs = 60_000, maxAttempts = 150 } = options;
    if (delaysMs.length === 0) throw new RangeError("delaysMs needs at least one delay");
    if (!(jitter >= 0 && jitter <= 1)) throw new RangeError("jitter goes from 0 to 1");
    this.#random = random;
    this.#delaysMs = delaysMs;
    this.#jitter = jitter;
    this.#stableMs = stableMs;
    this.#maxAttempts = maxAttempts;
  }

  /** Attempts announced by {@link failed} since the last success. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The connection is up. */
  connected(nowMs: number): void {
    this.#connectedAtMs = nowMs;
  }

  /**
   * An attempt failed, or the connection was lost.
   * @returns ms to wait before the next attempt, or undefined when it is time to give up
   */
  failed(nowMs: number): number | undefined {
    if (this.#connectedAtMs !== undefined && nowMs - this.#connectedAtMs >= this.#stableMs) this.#attempts = 0;
    this.#connectedAtMs = undefined;
    if (this.#attempts >= this.#maxAttempts) return undefined;
    const delayMs = this.#delaysMs[Math.min(this.#attempts, this.#delaysMs.length - 1)] ?? 0;
    this.#attempts++;
    return delayMs * (1 + this.#jitter * (2 * this.#random.float() - 1));
  }
}
