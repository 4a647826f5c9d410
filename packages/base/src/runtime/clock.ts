// The seam of time: everything in the package that waits, measures or batches does it through a Clock [BASE-108].

/** What {@link Clock.setTimeout} returns; only good for {@link Clock.clearTimeout} of the same clock. */
export type TimerHandle = object | number;

export interface Clock {
  /** Wall clock: milliseconds since 1970, possibly fractional. May jump. */
  now(): number;
  /** Milliseconds from an arbitrary origin, possibly fractional. Never goes back. */
  monotonic(): number;
  /** Calls `run` once, `delayMs` milliseconds from now. */
  setTimeout(run: () => void, delayMs: number): TimerHandle;
  /** Forgets a timer; harmless when it has run or was cleared. */
  clearTimeout(handle: TimerHandle): void;
  /** Calls `run` after the present turn, its microtasks and the input at hand, before later timers; in order. */
  queue(run: () => void): void;
}

/** Milliseconds by which the wall clock may differ from the monotonic one before {@link systemClock} follows it. */
const wallToleranceMs = 5;

/** Wall minus monotonic time; gives `now` microseconds where `Date.now` has milliseconds. */
let wallOriginMs = Number.NaN;

/** `setImmediate` or its like: a task that does not starve input, unlike a microtask. Chosen at first use. */
let runSoon: ((run: () => void) => void) | undefined;

function chooseRunSoon(): (run: () => void) => void {
  if (typeof setImmediate === "function") return setImmediate;
  if (typeof MessageChannel !== "function") return queueMicrotask;
  const { port1, port2 } = new MessageChannel();
  const jobs: (() => void)[] = [];
  // The types here are of Node, where this line is never reached; every platform's port has `onmessage`.
  (port1 as { onmessage?: () => void }).onmessage = () => jobs.shift()?.();
  return (run) => {
    jobs.push(run);
    port2.postMessage(0);
  };
}

/** The clock of the platform. Its timers keep a process alive: an open node is closed by its owner. */
export const systemClock: Clock = {
  now() {
    const monotonicMs = performance.now();
    const coarseMs = Date.now();
    const preciseMs = wallOriginMs + monotonicMs;
    if (Math.abs(preciseMs - coarseMs) <= wallToleranceMs) return preciseMs;
    wallOriginMs = coarseMs - monotonicMs;
    return coarseMs;
  },
  monotonic: () => performance.now(),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  // The handle is opaque to callers, and came from setTimeout above.
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
  queue(run) {
    runSoon ??= chooseRunSoon();
    runSoon(run);
  },
};
