// The writing half of a process that holds a table: small numbers that grow, as fast as backpressure allows.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { WriteKind } from "./command.js";
import type { TableSide } from "./side.js";

/** Different keys that are written again and again. */
const floodKeys = 10_000;
/** Keys of one message where many go into one. */
const keysPerUpdate = 100;
/** Keys given to a side before it gets a turn of the event loop. */
const turnKeys = 1_000;

export class Writer {
  readonly #side: TableSide;
  readonly #keys = Array.from({ length: floodKeys }, (_, number) => keyOf(number));
  #isStopped = false;
  #written = 0;

  constructor(side: TableSide) {
    this.#side = side;
  }

  /** Writes different keys, each once. */
  async fill(keys: number): Promise<void> {
    for (let first = 0; first < keys; first += turnKeys) {
      const entries: Record<string, number> = {};
      for (let number = first; number < Math.min(keys, first + turnKeys); number++) entries[keyOf(number)] = number;
      this.#side.update(entries);
      if (!this.#side.hasRoom) await this.#side.drained();
      await nextTurn();
    }
  }

  /** Writes until `stop`, at most for `durationMs`; the values are the numbers of the writes. */
  async flood(kind: WriteKind, durationMs: number): Promise<void> {
    const end = performance.now() + durationMs;
    const perMessage = kind === "set" ? 1 : keysPerUpdate;
    while (!this.#isStopped && performance.now() < end) {
      for (let i = 0; i < turnKeys && !this.#isStopped; i += perMessage) {
        if (kind === "set") this.#set();
        else this.#update();
        if (!this.#side.hasRoom) await this.#side.drained();
      }
      await nextTurn();
    }
  }

  /** Ends writing; returns how many keys were written. */
  stop(): number {
    this.#isStopped = true;
    return this.#written;
  }

  #set(): void {
    this.#side.set(this.#nextKey(), this.#written++);
  }

  #update(): void {
    const entries: Record<string, number> = {};
    for (let i = 0; i < keysPerUpdate; i++) entries[this.#nextKey()] = this.#written++;
    this.#side.update(entries);
  }

  #nextKey(): string {
    return this.#keys[this.#written % floodKeys] as string; // the index is within the list
  }
}

/** A key of the bench: short, as small keys are. */
export function keyOf(number: number): string {
  return `key-${number}`;
}
