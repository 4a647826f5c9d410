// One memory budget a node: whoever buffers or caches bytes reserves them first [BASE-132].
import { BaseError } from "../errors.js";

/** Counts bytes held against a limit. Reserve before allocating; when refused, take nothing. */
export class MemoryBudget {
  readonly limitBytes: number;
  #usedBytes = 0;
  #refusals = 0;

  /** @param limitBytes the most that may be reserved at a time (limit `memoryBudgetBytes`) */
  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** How often a reservation was refused. */
  get refusals(): number {
    return this.#refusals;
  }

  /** Takes `bytes` if they fit. @returns false, with nothing taken, when they do not */
  reserve(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.limitBytes) {
      this.#refusals++;
      return false;
    }
    this.#usedBytes += bytes;
    return true;
  }

  /** Gives back what was reserved. */
  release(bytes: number): void {
    this.#usedBytes -= bytes;
    // Giving back more than was taken is a bug of the holder, which must not turn into a budget without end.
    if (this.#usedBytes < 0) this.#usedBytes = 0;
  }

  /** A sub-account, for a holder (a connection, a cache) that gives everything back at its end. */
  account(): BudgetAccount {
    return new BudgetAccount(this);
  }

  /** The error for a holder that cannot do without. */
  refusal(bytes: number, peer?: string): BaseError {
    const message =
      `${bytes} bytes are over the memory budget (${this.#usedBytes} of ${this.limitBytes} in use); ` +
      "send less at once, or raise memoryBudgetBytes";
    return new BaseError("budget-exceeded", message, peer === undefined ? {} : { peer });
  }
}

/** What one holder has reserved; never gives back more than it took. */
export class BudgetAccount {
  readonly #budget: MemoryBudget;
  #heldBytes = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  reserve(bytes: number): boolean {
    if (!this.#budget.reserve(bytes)) return false;
    this.#heldBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    const released = Math.min(bytes, this.#heldBytes);
    this.#heldBytes -= released;
    this.#budget.release(released);
  }

  /** Makes the account hold `bytes` from now on. @returns false, with nothing changed, when they do not fit */
  hold(bytes: number): boolean {
    if (bytes > this.#heldBytes) return this.reserve(bytes - this.#heldBytes);
    this.release(this.#heldBytes - bytes);
    return true;
  }

  releaseAll(): void {
    this.release(this.#heldBytes);
  }
}
