// A clock that moves only when a test says so: no sleeps, the same order in every run.
import { type Clock, systemClock, type TimerHandle } from "../runtime/clock.js";

interface Timer {
  readonly run: () => void;
  readonly dueMs: number;
}

/** Real turns of the event loop waited for after each step, so that promise chains of the code under test settle. */
function settled(): Promise<void> {
  return new Promise((resolve) => systemClock.setTimeout(resolve, 0));
}

/** Time for tests. Starts at `startMs` (default: 2026-01-01) with a monotonic time of 0. */
export class ManualClock implements Clock {
  #wallOffsetMs: number;
  #monotonicMs = 0;
  #queue: (() => void)[] = [];
  readonly #timers = new Map<number, Timer>();
  #lastNumber = 0;

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#wallOffsetMs = startMs;
  }

  now(): number {
    return this.#wallOffsetMs + this.#monotonicMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  setTimeout(run: () => void, delayMs: number): TimerHandle {
    const number = ++this.#lastNumber;
    this.#timers.set(number, { run, dueMs: this.#monotonicMs + Math.max(0, delayMs) });
    return number;
  }

  clearTimeout(handle: TimerHandle): void {
    if (typeof handle === "number") this.#timers.delete(handle);
  }

  queue(run: () => void): void {
    this.#queue.push(run);
  }

  /** Timers that are set: a closed owner leaves none. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Jobs that are queued. */
  get pendingJobs(): number {
    return this.#queue.length;
  }

  /** Moves the wall clock alone, as a correction of the system's time does. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Runs the jobs queued now; those that they queue wait for the next call. @returns how many ran */
  runQueue(): number {
    const jobs = this.#queue;
    this.#queue = [];
    for (const job of jobs) job();
    return jobs.length;
  }

  /** Runs queued jobs, and lets promises settle, until nothing is left to do at the present time. */
  async settle(): Promise<void> {
    do {
      await settled();
    } while (this.runQueue() > 0);
  }

  /** Lets time pass: each timer runs at its own time, in order, and everything it causes before the next one. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#monotonicMs + byMs;
    await this.settle();
    for (;;) {
      const next = this.#nextTimer();
      if (next === undefined) break;
      const [number, timer] = next;
      if (timer.dueMs > endMs) break;
      this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueMs);
      this.#timers.delete(number);
      timer.run();
      await this.settle();
    }
    this.#monotonicMs = endMs;
  }

  /** The timer due first; of equal ones, the one set first. */
  #nextTimer(): readonly [number, Timer] | undefined {
    let next: readonly [number, Timer] | undefined;
    for (const entry of this.#timers) {
      if (next === undefined || entry[1].dueMs < next[1].dueMs) next = entry;
    }
    return next;
  }
}
