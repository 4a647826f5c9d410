// What must hold all the time: asked after every event.
import { refusePromise } from "./promised.js";

interface Invariant {
  readonly name: string;
  readonly check: () => unknown;
}

/** An invariant that does not hold, and what it threw. */
export interface Violation {
  readonly name: string;
  readonly cause?: unknown;
}

export class Invariants {
  readonly #all = new Set<Invariant>();

  /** @returns what removes it */
  add(name: string, check: () => unknown): () => void {
    const invariant = { name, check };
    this.#all.add(invariant);
    return () => this.#all.delete(invariant);
  }

  /** The first that does not hold: it answers false, or throws, or answers by a promise. */
  violation(): Violation | undefined {
    for (const { name, check } of this.#all) {
      try {
        const answer = check();
        refusePromise("an invariant", answer);
        if (answer === false) return { name };
      } catch (cause) {
        return { name, cause };
      }
    }
    return undefined;
  }
}
