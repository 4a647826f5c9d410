// Watchers: changes of a key, or of all keys with a prefix, as an async iterable. A reader that is behind gets the changes
// of a key as one, so that what waits for it is never more than one change a key.
import { MessageStream } from "@p2p/base";
import type { Change } from "./change.js";
import type { TableChange } from "./table-change.js";

/** What is watched: one key, or all that begin with a prefix. */
export type WatchTarget = string | { readonly prefix: string };

class Watcher implements AsyncIterableIterator<Change, undefined> {
  /** What waits for the reader, by key; each key is in the stream once meanwhile. */
  readonly #pending = new Map<string, Change>();
  readonly #keys: MessageStream<string>;

  constructor(onEnd: (watcher: Watcher) => void, signal: AbortSignal | undefined) {
    const options = { overflow: "keep", onEnd: () => onEnd(this) } as const;
    this.#keys = new MessageStream(signal === undefined ? options : { ...options, signal });
  }

  push(change: TableChange): void {
    const earlier = this.#pending.get(change.key);
    this.#pending.set(change.key, earlier === undefined ? change : change.after(earlier));
    if (earlier === undefined) this.#keys.push(change.key);
  }

  async next(): Promise<IteratorResult<Change, undefined>> {
    const { value: key } = await this.#keys.next();
    const value = key === undefined ? undefined : this.#pending.get(key);
    if (key === undefined || value === undefined) return { done: true, value: undefined };
    this.#pending.delete(key);
    return { done: false, value };
  }

  /** The reader leaves: what waits is dropped. */
  return(): Promise<IteratorResult<Change, undefined>> {
    this.#pending.clear();
    void this.#keys.return();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The reader gets what waits, and then the end. */
  end(): void {
    this.#keys.end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
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
    const [map, name] = isKey ? [this.#byKey, target] : [this.#byPrefix, target?.prefix];
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
