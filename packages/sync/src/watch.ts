// Watchers: changes of a key, or of all keys with a prefix, as an async iterable. A reader that is behind gets the changes
// of a key as one, so that what waits for it is never more than one change a key.
import type { Change } from "./change.js";
import type { TableChange } from "./table-change.js";

/** What is watched: one key, or all that begin with a prefix. */
export type WatchTarget = string | { readonly prefix: string };

interface Waiter {
  readonly resolve: (result: IteratorResult<Change, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

class Watcher implements AsyncIterableIterator<Change, undefined> {
  readonly #pending = new Map<string, Change>();
  readonly #signal: AbortSignal | undefined;
  readonly #onEnd: (watcher: Watcher) => void;
  #waiters: Waiter[] = [];
  #failure: { readonly reason: unknown } | undefined;
  #isOver = false;

  constructor(onEnd: (watcher: Watcher) => void, signal: AbortSignal | undefined) {
    this.#onEnd = onEnd;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  push(change: TableChange): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: change });
      return;
    }
    const earlier = this.#pending.get(change.key);
    this.#pending.set(change.key, earlier === undefined ? change : change.after(earlier));
  }

  next(): Promise<IteratorResult<Change, undefined>> {
    for (const [key, value] of this.#pending) {
      this.#pending.delete(key);
      return Promise.resolve({ done: false, value });
    }
    if (this.#failure !== undefined) {
      const { reason } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(reason);
    }
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** The reader leaves: what waits is dropped. */
  return(): Promise<IteratorResult<Change, undefined>> {
    this.#pending.clear();
    this.#failure = undefined;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The reader gets what waits, and then the end. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    for (const waiter of this.#waiters) waiter.resolve({ done: true, value: undefined });
    this.#waiters = [];
    this.#onEnd(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#signal?.reason;
    const [waiter, ...others] = this.#waiters;
    this.#waiters = others;
    if (waiter === undefined) this.#failure = { reason };
    else waiter.reject(reason);
    this.end();
  };
}

/** The watchers of one table. */
export class Watchers {
  readonly #byKey = new Map<string, Set<Watcher>>();
  readonly #byPrefix = new Map<string, Set<Watcher>>();
  #isClosed = false;

  /** Whether nobody watches: the hot path asks first. */
  get isEmpty(): boolean {
    return this.#byKey.size === 0 && this.#byPrefix.size === 0;
  }

  /** @throws `signal.reason` */
  open(target: WatchTarget, signal?: AbortSignal): AsyncIterableIterator<Change, undefined> {
    signal?.throwIfAborted();
    const isKey = typeof target === "string";
    const [map, name] = isKey ? [this.#byKey, target] : [this.#byPrefix, target.prefix];
    if (typeof name !== "string") throw new TypeError("watch a key, or { prefix }");
    const watchers = map.get(name) ?? new Set();
    const watcher = new Watcher((ended) => {
      watchers.delete(ended);
      if (watchers.size === 0 && map.get(name) === watchers) map.delete(name);
    }, signal);
    if (this.#isClosed) watcher.end();
    else map.set(name, watchers.add(watcher));
    return watcher;
  }

  push(change: TableChange): void {
    for (const watcher of this.#byKey.get(change.key) ?? []) watcher.push(change);
    for (const [prefix, watchers] of this.#byPrefix) {
      if (change.key.startsWith(prefix)) for (const watcher of watchers) watcher.push(change);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const map of [this.#byKey, this.#byPrefix]) {
      for (const watchers of [...map.values()]) for (const watcher of [...watchers]) watcher.end();
    }
  }
}
