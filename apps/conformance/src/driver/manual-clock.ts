// A clock whose time passes only when it is told to: so that a case can wait two minutes in no time.
import type { Clock, TimerHandle } from "@p2p/base";

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class ManualClock implements Clock {
  #elapsedMs = 0;
  #wallOriginMs: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /** @param wallMs what the wall clock shows at first */
  constructor(wallMs: number) {
    this.#wallOriginMs = wallMs;
  }

  now(): number {
    return this.#wallOriginMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  setTimeout(run: () => void, delayMs: number): TimerHandle {
    this.#order += 1;
    const timer = { atMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order, run };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    // The handle came from setTimeout above.
    this.#timers.delete(handle as Timer);
  }

  /** Batches are about input and output, which are real. */
  queue(run: () => void): void {
    setImmediate(run);
  }

  /** Sets the wall clock; elapsed time and timers stay as they are. */
  setWall(ms: number): void {
    this.#wallOriginMs = ms - this.#elapsedMs;
  }

  /** Lets time pass, timer by timer, with room for input and output after each. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    for (;;) {
      const next = this.#next(untilMs);
      if (!next) break;
      this.#timers.delete(next);
      this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs);
      next.run();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#elapsedMs = untilMs;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Lets time pass until something is done: for what nobody watches. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    work.then(end, end);
    while (!isOver) await this.advance(250);
    return work;
  }

  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.atMs > untilMs) continue;
      if (!next || timer.atMs < next.atMs || (timer.atMs === next.atMs && timer.order < next.order)) next = timer;
    }
    return next;
  }
}
