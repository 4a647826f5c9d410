// When a node stabilises: soon after a change, then twice as long after each round, up to a longest pace. [CHORD-020]
import type { RingCore } from "./ring-core.js";

export class Pace {
  readonly #core: RingCore;
  #paceMs: number;
  #roundAtMs = Number.POSITIVE_INFINITY;

  constructor(core: RingCore) {
    this.#core = core;
    this.#paceMs = core.times.hurryMs;
  }

  /** When the next round is due. */
  get roundAtMs(): number {
    return this.#roundAtMs;
  }

  /** Whether a round is due; then the next one is set. */
  isDue(): boolean {
    if (this.#core.nowMs < this.#roundAtMs) return false;
    this.#roundAtMs = this.#core.after(this.#paceMs);
    this.#paceMs = Math.min(2 * this.#paceMs, this.#core.times.stabiliseMs);
    return true;
  }

  /** The next round comes now. */
  now(): void {
    this.#roundAtMs = Math.min(this.#roundAtMs, this.#core.nowMs);
  }

  /** The next round comes soon. */
  soon(): void {
    this.#roundAtMs = Math.min(this.#roundAtMs, this.#core.after(this.#core.times.hurryMs));
  }

  /** The round after the one under way comes soon. */
  stayShort(): void {
    this.#paceMs = this.#core.times.hurryMs;
  }

  /** Rounds are short for a while. */
  hurry(): void {
    this.stayShort();
    this.soon();
  }
}
