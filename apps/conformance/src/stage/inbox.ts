// Things that arrive in order and are waited for by description, with a deadline that names what was missing.
import { CaseFailure } from "../runner/expect.js";

interface Waiter<T> {
  readonly matches: (item: T) => boolean;
  readonly take: (item: T) => void;
  readonly fail: (error: Error) => void;
  readonly what: string;
  /** Only looks: the item stays for another. */
  readonly isGlance: boolean;
  readonly timer: NodeJS.Timeout;
}

export class Inbox<T> {
  /** Everything that ever arrived. */
  readonly all: T[] = [];
  readonly #open: T[] = [];
  readonly #waiters = new Set<Waiter<T>>();
  readonly #deadlineMs: number;
  #ended: string | undefined;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  push(item: T): void {
    this.all.push(item);
    for (const waiter of this.#waiters) {
      if (!waiter.matches(item)) continue;
      this.#forget(waiter);
      waiter.take(item);
      if (!waiter.isGlance) return;
    }
    this.#open.push(item);
  }

  /** Nothing more will arrive: every waiter fails. */
  end(why: string): void {
    this.#ended ??= why;
    for (const waiter of this.#waiters) {
      this.#forget(waiter);
      waiter.fail(new CaseFailure(`${waiter.what}: nothing more can come: ${why}`));
    }
  }

  /** Takes the first item that matches, waiting for it if need be; others stay for later calls. */
  next(matches: (item: T) => boolean, what: string): Promise<T> {
    return this.#wait(matches, what, false);
  }

  /** The first item that matches, waiting for it if need be, and leaves it where it is. */
  glance(matches: (item: T) => boolean, what: string): Promise<T> {
    return this.#wait(matches, what, true);
  }

  #wait(matches: (item: T) => boolean, what: string, isGlance: boolean): Promise<T> {
    const at = this.#open.findIndex(matches);
    const found = this.#open[at];
    if (found !== undefined) {
      if (!isGlance) this.#open.splice(at, 1);
      return Promise.resolve(found);
    }
    if (this.#ended !== undefined) return Promise.reject(new CaseFailure(`${what}: ${this.#ended}`));
    return new Promise((take, fail) => {
      const late = (): void => {
        this.#forget(waiter);
        fail(new CaseFailure(`${what}: did not come within ${this.#deadlineMs} ms`));
      };
      const timer = setTimeout(late, this.#deadlineMs);
      const waiter: Waiter<T> = { matches, take, fail, what, isGlance, timer };
      this.#waiters.add(waiter);
    });
  }

  /** Items not yet taken that match. */
  waiting(matches: (item: T) => boolean): T[] {
    return this.#open.filter(matches);
  }

  #forget(waiter: Waiter<T>): void {
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
  }
}
