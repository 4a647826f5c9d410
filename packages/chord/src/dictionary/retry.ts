// Operations are tried until they are done or their time is over.
import { type Clock, type NamesOf, orAborted, type Random } from "@p2p/base";
import { ChordError } from "../errors.js";

export interface OperationOptions {
  /** Gives the operation up; a write may happen all the same. */
  readonly signal?: AbortSignal;
  /** How long it may take, attempts and waits together, in ms. Default: the dictionary's `operationTimeoutMs`. */
  readonly timeoutMs?: number;
}

export const operationNames: NamesOf<OperationOptions> = { signal: true, timeoutMs: true };

export interface RetryParts {
  readonly clock: Clock;
  readonly random: Random;
  /** How long operations are tried that do not say, in ms. */
  readonly timeoutMs: number;
}

/** Waits between tries, in ms: each is drawn between half of it and all of it, and doubles up to the most. */
const firstPauseMs = 20;
const mostPauseMs = 500;

/** Errors that stand for the end of an operation's time. */
const ends = new WeakSet<ChordError>();

/** How a part of an operation is bounded: by the signal alone, which aborts when the time is over, too. */
export interface Bounded extends OperationOptions {
  readonly signal: AbortSignal;
}

/**
 * Runs an operation, all its parts and waits together, for as long as its options say.
 *
 * @throws ChordError `no-majority` when the time is over; `signal.reason`; RangeError for a time that is none
 */
export async function inTime<Value>(
  { clock, timeoutMs }: RetryParts,
  { signal, timeoutMs: forMs = timeoutMs }: OperationOptions,
  run: (bounded: Bounded) => Promise<Value>,
): Promise<Value> {
  if (!(typeof forMs === "number" && forMs > 0)) throw new RangeError(`timeoutMs is ${String(forMs)}; it is above 0`);
  // A part of an operation whose time is watched already.
  if (forMs === Number.POSITIVE_INFINITY && signal !== undefined) return run({ signal, timeoutMs: forMs });
  signal?.throwIfAborted();
  const over = new AbortController();
  const timer = clock.setTimeout(() => over.abort(timeOver(forMs)), forMs);
  try {
    const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
    return await run({ signal: either, timeoutMs: Number.POSITIVE_INFINITY });
  } finally {
    clock.clearTimeout(timer);
  }
}

/** Tries until there is a value, or the time is over: then the last error counts. What an attempt throws ends it. */
export function retry<Value>(
  parts: RetryParts,
  options: OperationOptions,
  attempt: (bounded: Bounded) => Promise<{ value: Value } | ChordError>,
): Promise<Value> {
  const { clock, random } = parts;
  return inTime(parts, options, async (bounded) => {
    let last: ChordError | undefined;
    try {
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(mostPauseMs, pauseMs * 2)) {
        bounded.signal.throwIfAborted();
        const result = await attempt(bounded);
        if (!(result instanceof ChordError)) return result.value;
        last = result;
        await pause(clock, pauseMs * (0.5 + random.float() / 2), bounded.signal);
      }
    } catch (error) {
      // What went wrong before tells more than that the time is over.
      throw last !== undefined && error instanceof ChordError && ends.has(error) ? last : error;
    }
  });
}

export function noMajority(why: string): ChordError {
  return new ChordError("no-majority", `there is no majority for the key: ${why}`);
}

function timeOver(forMs: number): ChordError {
  const error = noMajority(`it took more than ${forMs} ms`);
  ends.add(error);
  return error;
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
