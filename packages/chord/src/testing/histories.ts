// Users of a dictionary and what they saw of one key: histories for the checker.
import { ChordError } from "../errors.js";
import type { FakeRing } from "./fake-ring.js";
import type { Operation } from "./linearizability.js";

/** What a key has: a number, or nothing. */
export type Cell = number | null;

interface Kind {
  readonly name: string;
  readonly run: (ring: FakeRing, key: string) => Promise<unknown>;
  /** What it makes of a state, and returns. */
  readonly effect: (state: Cell) => { readonly next: Cell; readonly returned: unknown };
}

/** How long users wait, in ms. */
const timeoutMs = 4_000;

/** Codes by which an operation says that it did not happen. */
const undone = new Set(["no-majority", "contended"]);

/** @param unique a number that nobody else writes @param known one that somebody saw */
function kinds(unique: number, known: Cell): readonly Kind[] {
  const user = (ring: FakeRing) => ring.world.random.pick(ring.live).value;
  const plain = (state: Cell) => state ?? undefined;
  return [
    {
      name: "get",
      run: (ring, key) => user(ring).get(key, { timeoutMs }),
      effect: (state) => ({ next: state, returned: plain(state) }),
    },
    {
      name: `swap ${String(known)} for ${unique}`,
      run: (ring, key) => user(ring).compareAndSet(key, plain(known), unique, { timeoutMs }),
      effect: (state) => ({
        next: state === known ? unique : state,
        returned: { isSwapped: state === known, value: plain(state) },
      }),
    },
    {
      name: "add 1000",
      run: (ring, key) => user(ring).update(key, (value) => Number(value ?? 0) + 1_000, { timeoutMs }),
      effect: (state) => ({ next: (state ?? 0) + 1_000, returned: (state ?? 0) + 1_000 }),
    },
    {
      name: "pop",
      run: (ring, key) => user(ring).pop(key, { timeoutMs }),
      effect: (state) => ({ next: null, returned: plain(state) }),
    },
  ];
}

export class History {
  readonly operations: Operation<Cell>[] = [];
  /** How operations ended: by code of the error, or `ok`. */
  readonly ends: Map<string, number> = new Map();
  readonly #ring: FakeRing;
  readonly #key: string;
  #unique = 0;
  #known: Cell = null;

  constructor(ring: FakeRing, key: string) {
    this.#ring = ring;
    this.#key = key;
  }

  /** Somebody does something; it may never return, as its node may crash. */
  begin(): void {
    const { world } = this.#ring;
    this.#unique += 1;
    const { name, run, effect } = world.random.pick(kinds(this.#unique, this.#known));
    const at = this.operations.length;
    const pending: Operation<Cell> = {
      name,
      invokedAt: world.nowMs,
      returnedAt: undefined,
      step: (state) => effect(state).next,
    };
    this.operations.push(pending);
    run(this.#ring, this.#key).then(
      (returned) => {
        this.#count("ok");
        const seen = JSON.stringify({ returned });
        const step = (state: Cell) =>
          JSON.stringify({ returned: effect(state).returned }) === seen ? effect(state).next : undefined;
        const [next] = [returned, (returned as { value?: unknown } | undefined)?.value].filter(
          (each) => typeof each === "number",
        );
        this.#known = typeof next === "number" ? next : null;
        this.operations[at] = { ...pending, name: `${name}: ${seen}`, returnedAt: world.nowMs, step };
      },
      (error: unknown) => {
        const code = error instanceof ChordError ? error.code : String(error);
        this.#count(code);
        // Who could not read changed nothing either.
        if (undone.has(code))
          this.operations[at] = {
            ...pending,
            name: `${name}: ${code}`,
            returnedAt: world.nowMs,
            step: (state) => state,
          };
      },
    );
  }

  #count(end: string): void {
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
  }
}
