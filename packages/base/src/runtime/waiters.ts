// Promises that wait for the same thing; each can be given up by its signal.

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export class Waiters {
  readonly #waiting = new Set<Waiter>();

  get size(): number {
    return this.#waiting.size;
  }

  /** @throws `signal.reason` when it aborts first */
  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        this.#waiting.delete(waiter);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        resolve() {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
        reject(reason) {
          signal?.removeEventListener("abort", onAbort);
          reject(reason);
        },
      };
      this.#waiting.add(waiter);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  resolveAll(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const waiter of waiting) waiter.resolve();
  }

  /** Lets the first one go. @returns whether there was one */
  resolveOne(): boolean {
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter);
      waiter.resolve();
      return true;
    }
    return false;
  }

  rejectAll(reason: () => unknown): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const waiter of waiting) waiter.reject(reason());
  }
}

/** The promise, or the signal's reason if that comes first; what the promise does then is nobody's concern. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  promise.catch(() => undefined);
  signal.throwIfAborted();
  const waiters = new Waiters();
  const aborted = waiters.wait(signal);
  try {
    await Promise.race([promise, aborted]);
    return await promise;
  } finally {
    waiters.resolveAll();
  }
}
