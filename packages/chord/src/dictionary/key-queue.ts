// One at a time for each key: atomic operations of one node do not outrun each other.
import { orAborted } from "@p2p/base";
import { type Bounded, inTime, type OperationOptions, type RetryParts } from "./retry.js";

export class KeyQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Keys that something runs or waits for. */
  get size(): number {
    return this.#last.size;
  }

  /** Runs `work` after all that was queued for the key before, however that ended. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const end: Promise<void> = mine.then(
      () => this.#forget(key, end),
      () => this.#forget(key, end),
    );
    this.#last.set(key, end);
    return mine;
  }

  #forget(key: string, end: Promise<unknown>): void {
    if (this.#last.get(key) === end) this.#last.delete(key);
  }
}

/** Runs an operation when it is its turn, and gives it up when its time is over, the wait included. @throws as {@link inTime} */
export function inTurn<Value>(
  queue: KeyQueue,
  key: string,
  parts: RetryParts,
  options: OperationOptions,
  work: (bounded: Bounded) => Promise<Value>,
): Promise<Value> {
  return inTime(parts, options, async (bounded) => {
    let begin = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const done = queue.run(key, () => {
      begin();
      return work(bounded);
    });
    // Who gave up does not hear of it.
    done.catch(() => undefined);
    await orAborted(turn, bounded.signal);
    // From here on the work itself ends with the signal, and tells what may have happened.
    return done;
  });
}
