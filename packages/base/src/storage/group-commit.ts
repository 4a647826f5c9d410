// Group commit: while one batch is being written, all that changes meanwhile waits for the next one, and many share it.

export interface GroupCommitParts {
  /** Whether anything is to be written. */
  readonly isDue: () => boolean;
  /**
   * Writes all that is due when it is called. When it throws, that is due again with whatever changes next.
   * @param isAwaited whether anybody waits for it
   */
  readonly write: (isAwaited: boolean) => Promise<void>;
  /** Called when writing failed. @returns what those who wait are told */
  readonly failed: (cause: unknown) => Error;
}

interface Waiter {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class GroupCommit {
  readonly #parts: GroupCommitParts;
  /** Of the batch to come: made with the first who waits for it. */
  #next: Waiter | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: GroupCommitParts) {
    this.#parts = parts;
  }

  /** Something is due: it is written soon. */
  touch(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when all that is due by now is written. @throws what `failed` made */
  commit(): Promise<void> {
    this.#next ??= waiter();
    this.touch();
    return this.#next.promise;
  }

  async #run(): Promise<void> {
    // What is changed in the same turn shares the batch.
    await undefined;
    while (this.#next !== undefined || this.#parts.isDue()) {
      const next = this.#next;
      this.#next = undefined;
      try {
        await this.#parts.write(next !== undefined);
        next?.resolve();
      } catch (cause) {
        const error = this.#parts.failed(cause);
        next?.reject(error);
        // Who began to wait meanwhile is not to wait for ever. It was set, if so, while the batch was written.
        const late = this.#next as Waiter | undefined;
        late?.reject(error);
        this.#next = undefined;
        break;
      }
    }
    this.#running = undefined;
  }
}

function waiter(): Waiter {
  let resolve = (): void => undefined;
  let reject: Waiter["reject"] = () => undefined;
  const promise = new Promise<void>((onDone, onError) => {
    resolve = onDone;
    reject = onError;
  });
  return { promise, resolve, reject };
}
