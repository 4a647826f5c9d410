// Events as an async iterable, with a bounded buffer between a node that fills it and a reader [BASE-115].
import { BaseError } from "../errors.js";

export interface MessageStreamOptions<T = unknown> {
  /** Items kept for the reader. Default: 4,096. */
  readonly capacity?: number;
  /**
   * When one more comes: `fail` ends the stream with an error, `drop-oldest` forgets and counts, `keep` takes it, as the
   * filler stops soon after it was answered false. Default: `fail`.
   */
  readonly overflow?: "fail" | "drop-oldest" | "keep";
  /** The weight of an item, in bytes. Default: 0. */
  readonly weigh?: (item: T) => number;
  /** Weight kept for the reader, from which the buffer counts as full. Default: Infinity. */
  readonly capacityBytes?: number;
  /** Called when the reader took the last item, after a `push` that answered false. */
  readonly onDrain?: () => void;
  /** Called once, when the stream is over for whatever reason; not by the constructor, if `signal` is aborted already. */
  readonly onEnd?: () => void;
  /** Ends the stream: the reader gets `signal.reason`. */
  readonly signal?: AbortSignal;
}

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

/** A queue with one reader: `for await (const item of stream)`. Leaving the loop ends it. */
export class MessageStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #capacity: number;
  readonly #overflow: "fail" | "drop-oldest" | "keep";
  readonly #options: MessageStreamOptions<T>;
  readonly #capacityBytes: number;
  #items: T[] = [];
  #first = 0;
  #waiters: Waiter<T>[] = [];
  #isOver = false;
  #failure: { readonly reason: unknown } | undefined;
  #isFull = false;
  #bytes = 0;
  #dropped = 0;

  constructor(options: MessageStreamOptions<T> = {}) {
    const { capacity = 4_096, overflow = "fail", signal } = options;
    if (!(capacity >= 1)) throw new RangeError("capacity is at least 1");
    this.#capacity = capacity;
    this.#overflow = overflow;
    this.#capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
    this.#options = options;
    if (signal?.aborted) {
      this.#failure = { reason: signal.reason };
      this.#isOver = true;
    } else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Items dropped because nobody read them in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Items that wait for the reader. */
  get size(): number {
    return this.#items.length - this.#first;
  }

  /** Weight of what waits for the reader. */
  get bufferedBytes(): number {
    return this.#bytes;
  }

  /** Adds an item. @returns false when the buffer is now full (or the stream over): the filler may wait for `onDrain` */
  push(item: T): boolean {
    if (this.#isOver) return false;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: item });
      return true;
    }
    if (this.#overflow !== "keep" && this.size >= this.#capacity) {
      if (this.#overflow === "fail") {
        const message = `${this.#capacity} items wait unread; read faster, or raise the capacity of the stream`;
        this.fail(new BaseError("stream-overflow", message));
        return false;
      }
      this.#take();
      this.#dropped++;
    }
    this.#items.push(item);
    this.#bytes += this.#options.weigh?.(item) ?? 0;
    this.#isFull = this.size >= this.#capacity || this.#bytes >= this.#capacityBytes;
    return !this.#isFull;
  }

  /** Ends the stream: the reader still gets what waits, then the end. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    for (const waiter of this.#waiters) waiter.resolve({ done: true, value: undefined });
    this.#waiters = [];
    this.#options.onEnd?.();
  }

  /** Ends the stream with an error, which the reader gets after what waits. */
  fail(reason: unknown): void {
    if (this.#isOver) return;
    const [waiter, ...others] = this.#waiters;
    this.#waiters = others;
    if (waiter === undefined) this.#failure = { reason };
    else waiter.reject(reason);
    this.end();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.size > 0) {
      const value = this.#take();
      if (this.size === 0 && this.#isFull) {
        this.#isFull = false;
        this.#options.onDrain?.();
      }
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
  return(): Promise<IteratorResult<T, undefined>> {
    this.#items = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#failure = undefined;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  readonly #onAbort = (): void => this.fail(this.#options.signal?.reason);

  /** Removes the oldest item; only called when there is one. The array moves only when half of it is gone. */
  #take(): T {
    // `size` is above 0, so the slot holds an item.
    const item = this.#items[this.#first] as T;
    this.#first++;
    this.#bytes -= this.#options.weigh?.(item) ?? 0;
    if (this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
}
