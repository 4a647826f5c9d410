// A typed event emitter whose listeners cannot break the node [BASE-114].
import { BaseError } from "../errors.js";
import { checkOptions, isNameOf, type NamesOf, unknownName } from "../known-names.js";

/** What an emitter's events look like: each name maps to a labelled tuple of arguments; `error` is always there. */
export type EventMap<Events> = { readonly [Name in keyof Events]: readonly unknown[] } & {
  readonly error: readonly [error: Error];
};

export type EventListener<Args extends readonly unknown[]> = (...args: Args) => unknown;

export interface ListenOptions {
  /** Removes the listener when aborted. */
  readonly signal?: AbortSignal;
}

const listenOptionNames: NamesOf<ListenOptions> = { signal: true };

interface Entry {
  readonly listener: unknown;
  readonly once: boolean;
}

/**
 * Events of one object. A listener that throws, or whose promise rejects, is reported as event `error` with a
 * {@link BaseError} `listener-failed`; the other listeners and the caller of `emit` notice nothing. With no listener
 * of `error`, errors go to `onUnheard` alone.
 */
export class Emitter<Events extends EventMap<Events>> {
  /** Lists are replaced, never changed, so that an emit in progress is not disturbed. */
  readonly #listeners = new Map<keyof Events, readonly Entry[]>();
  readonly #owner: string;
  readonly #names: NamesOf<Events>;
  readonly #onUnheard: ((error: Error) => void) | undefined;

  /**
   * @param owner whose events they are, for messages: `of a mesh`
   * @param names of all events that there are: who listens to another one is told so
   * @param onUnheard takes what nobody listens to: errors without a listener, and errors thrown by listeners of `error`
   */
  constructor(owner: string, names: NamesOf<Events>, onUnheard?: (error: Error) => void) {
    this.#owner = owner;
    this.#names = names;
    this.#onUnheard = onUnheard;
  }

  /** Adds a listener. @returns a function that removes it. @throws TypeError for an event or option that there is not */
  on<Name extends keyof Events>(
    event: Name,
    listener: EventListener<Events[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#add(event, { listener, once: false }, options);
  }

  /** Adds a listener for the next time only. @returns a function that removes it. @throws TypeError */
  once<Name extends keyof Events>(
    event: Name,
    listener: EventListener<Events[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#add(event, { listener, once: true }, options);
  }

  /** Removes a listener, or all of an event. @throws TypeError */
  off<Name extends keyof Events>(event: Name, listener?: EventListener<Events[Name]>): void {
    this.#check(event);
    const left = listener === undefined ? [] : this.#entries(event).filter((entry) => entry.listener !== listener);
    this.#replace(event, left);
  }

  /** Whether anybody listens: lets a caller skip the making of arguments. */
  has(event: keyof Events): boolean {
    return this.#listeners.has(event);
  }

  /** Calls the listeners in the order of their adding. Never throws. @returns whether there were any. */
  emit<Name extends keyof Events>(event: Name, ...args: Events[Name]): boolean {
    const entries = this.#listeners.get(event);
    if (entries === undefined) {
      // `error` is of EventMap, so its first argument is an Error.
      if (event === "error") this.#onUnheard?.(args[0] as Error);
      return false;
    }
    for (const entry of entries) {
      if (entry.once) this.#remove(event, entry);
      try {
        // Entries of an event only ever hold listeners of that event: see #add.
        const result = (entry.listener as EventListener<Events[Name]>)(...args);
        if (result instanceof Promise) result.catch((cause: unknown) => this.#report(event, cause));
      } catch (cause) {
        this.#report(event, cause);
      }
    }
    return true;
  }

  /** Removes all listeners. */
  clear(): void {
    this.#listeners.clear();
  }

  #report(event: keyof Events, cause: unknown): void {
    const error = new BaseError("listener-failed", `a listener of "${String(event)}" failed: ${textOf(cause)}`, {
      cause,
    });
    if (event === "error" || !this.#listeners.has("error")) {
      this.#onUnheard?.(error);
      return;
    }
    for (const entry of this.#entries("error")) {
      if (entry.once) this.#remove("error", entry);
      try {
        // Listeners of `error` take one Error: see EventMap.
        const result = (entry.listener as EventListener<[Error]>)(error);
        if (result instanceof Promise) result.catch((again: unknown) => this.#report("error", again));
      } catch (again) {
        this.#report("error", again);
      }
    }
  }

  #entries(event: keyof Events): readonly Entry[] {
    return this.#listeners.get(event) ?? [];
  }

  #add(event: keyof Events, entry: Entry, options: ListenOptions = {}): () => void {
    this.#check(event);
    checkOptions("of a listener", listenOptionNames, options);
    const { signal } = options;
    if (typeof entry.listener !== "function") throw new TypeError("a listener is a function");
    if (signal?.aborted) return () => {};
    this.#replace(event, [...this.#entries(event), entry]);
    const remove = (): void => {
      signal?.removeEventListener("abort", remove);
      this.#remove(event, entry);
    };
    signal?.addEventListener("abort", remove, { once: true });
    return remove;
  }

  #check(event: keyof Events): void {
    if (!isNameOf(this.#names, event)) throw unknownName("event", this.#owner, this.#names, event);
  }

  #remove(event: keyof Events, entry: Entry): void {
    const entries = this.#entries(event);
    if (entries.includes(entry))
      this.#replace(
        event,
        entries.filter((other) => other !== entry),
      );
  }

  #replace(event: keyof Events, entries: readonly Entry[]): void {
    if (entries.length === 0) this.#listeners.delete(event);
    else this.#listeners.set(event, entries);
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
