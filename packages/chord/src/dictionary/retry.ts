// Operations are tried until they are done or their time is over.
import { type Clock, orAborted, type Random } from "@p2p/base";
import { ChordError } from "../errors.js";

export interface OperationOptions {
  /** Gives the operation up; a write may happen all the same. */
  readonly signal?: AbortSignal;
  /** How long it is tried, in ms. Default: the dictionary's `operationTimeoutMs`. */
  readonly timeoutMs?: number;
}

export interface RetryParts {
  readonly clock: Clock;
  readonly random: Random;
  /** How long operations are tried that do not say, in ms. */
  readonly timeoutMs: number;
}

/** Waits between tries, in ms: each is drawn between half of it and all of it, and doubles up to the most. */
const firstPauseMs = 20;
const mostPauseMs = 2_000;

/** Tries until there is a value, or the time is over: then the last error counts. What an attempt throws ends it. */
export async function retry<Value>(
  { clock, random, timeoutMs }: RetryParts,
  { signal, timeoutMs: forMs = timeoutMs }: OperationOptions,
  attempt: () => Promise<{ value: Value } | ChordError>,
): Promise<Value> {
  if (!(typeof forMs === "number" && forMs > 0)) throw new RangeError(`timeoutMs is ${String(forMs)}; it is above 0`);
  const endMs = clock.monotonic() + forMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(mostPauseMs, pauseMs * 2)) {
    signal?.throwIfAborted();
    const result = await attempt();
    if (!(result instanceof ChordError)) return result.value;
    if (clock.monotonic() + pauseMs > endMs) throw result;
    await pause(clock, pauseMs * (0.5 + random.float() / 2), signal);
  }
}

export function noMajority(why: string): ChordError {
  return new ChordError("no-majority", `there is no majority for the key: ${why}`);
}

export function contended(): ChordError {
  return new ChordError("contended", "other operations on the key were faster, again and again");
}

async function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<Clock["setTimeout"]> | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = clock.setTimeout(resolve, ms);
  });
  try {
    await orAborted(elapsed, signal);
  } finally {
    if (timer !== undefined) clock.clearTimeout(timer);
  }
}
