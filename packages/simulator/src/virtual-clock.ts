// The clock of one simulated node: virtual time, seen through a wall clock that may be wrong, jump and drift.
import type { Clock, TimerHandle } from "@p2p/base";
import type { EventQueue, Life, VirtualEvent } from "./event-queue.js";

export interface ClockFaults {
  /** By how much the wall clock is ahead of the world's, in ms; behind if negative. Default: 0. */
  readonly skewMs?: number;
  /** By how much the clock runs too fast, in millionths; too slow if negative; above -1,000,000. Default: 0. */
  readonly driftPpm?: number;
}

/** @throws RangeError for a clock that cannot be */
export function checkClock({ skewMs = 0, driftPpm = 0 }: ClockFaults): void {
  if (!Number.isFinite(skewMs)) throw new RangeError("skewMs is a number");
  if (!(driftPpm > -1_000_000 && Number.isFinite(driftPpm))) {
    throw new RangeError("a clock runs forward: driftPpm is a number above -1000000");
  }
}

/** The wall clock of every world begins at 2026-01-01 00:00 UTC, in ms since 1970. */
export const worldStartMs = 1_767_225_600_000;

/** Time as one node measures it. A timer that is set keeps its moment when drift changes later. */
export class VirtualClock implements Clock {
  readonly #queue: EventQueue;
  readonly #life: Life;
  #wallOffsetMs: number;
  /** The node's monotonic time at `#baseUs` of the world's. */
  #baseMs = 0;
  #baseUs: number;
  #rate = 1;

  constructor(queue: EventQueue, life: Life, faults: ClockFaults = {}) {
    this.#queue = queue;
    this.#life = life;
    this.#baseUs = queue.nowUs;
    this.#wallOffsetMs = worldStartMs + queue.nowUs / 1_000 + (faults.skewMs ?? 0);
    this.setDrift(faults.driftPpm ?? 0);
  }

  now(): number {
    return this.#wallOffsetMs + this.monotonic();
  }

  monotonic(): number {
    return this.#baseMs + ((this.#queue.nowUs - this.#baseUs) * this.#rate) / 1_000;
  }

  setTimeout(run: () => void, delayMs: number): TimerHandle {
    return this.#queue.schedule((Math.max(0, delayMs) * 1_000) / this.#rate, run, this.#life);
  }

  clearTimeout(handle: TimerHandle): void {
    // The handle is opaque to callers, and came from setTimeout above.
    if (typeof handle === "object") this.#queue.cancel(handle as VirtualEvent);
  }

  queue(run: () => void): void {
    this.#queue.schedule(0, run, this.#life);
  }

  /** Moves the wall clock alone, as a correction of the system's time does. */
  jump(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Lets the clock run `ppm` millionths too fast from now on. Both the wall and the monotonic time drift. */
  setDrift(ppm: number): void {
    checkClock({ driftPpm: ppm });
    this.#baseMs = this.monotonic();
    this.#baseUs = this.#queue.nowUs;
    this.#rate = 1 + ppm / 1_000_000;
  }
}
