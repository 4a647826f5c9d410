// One at a time for each key: atomic operations of one node do not outrun each other.

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
