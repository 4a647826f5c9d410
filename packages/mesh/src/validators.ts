// The application's judgement on broadcasts of others, before they go further. [MESH-050] [MESH-051] [MESH-052]
import type { Message } from "./message.js";

/** `accept`: goes on and is delivered. `ignore`: neither. `reject`: neither, and its bringer is to blame. */
export type Verdict = "accept" | "ignore" | "reject";

/** Judges a broadcast. One that throws, or whose promise rejects, counts as `ignore` and is reported as an error. */
export type Validator = (message: Message) => Verdict | Promise<Verdict>;

/** The type that stands for every type without a validator of its own. */
export const anyType = "*";

/** The validators of one mesh, by type of message. */
export class Validators {
  readonly #byType = new Map<string, Validator>();

  constructor(initial: Readonly<Record<string, Validator>> = {}) {
    for (const [type, validator] of Object.entries(initial)) this.set(type, validator);
  }

  /** Whether there is none: the hot path asks first. */
  get isEmpty(): boolean {
    return this.#byType.size === 0;
  }

  /** Binds a validator to a type. @returns a function that unbinds it. @throws RangeError when the type has one */
  set(type: string, validator: Validator): () => void {
    if (typeof validator !== "function") throw new TypeError(`the validator of "${type}" is not a function`);
    if (this.#byType.has(type)) throw new RangeError(`type "${type}" has a validator; unbind it first`);
    this.#byType.set(type, validator);
    return () => {
      if (this.#byType.get(type) === validator) this.#byType.delete(type);
    };
  }

  get(type: string): Validator | undefined {
    return this.#byType.get(type) ?? this.#byType.get(anyType);
  }
}

/** Counts rejected broadcasts of one neighbour. */
export class Blame {
  readonly #timesMs: number[] = [];
  readonly #most: number;
  readonly #withinMs: number;

  /** @param most rejected broadcasts that are borne within `withinMs` */
  constructor(most: number, withinMs: number) {
    this.#most = most;
    this.#withinMs = withinMs;
  }

  /** Counts one more. @returns whether they are too many now */
  add(nowMs: number): boolean {
    this.#timesMs.push(nowMs);
    while (this.#timesMs.length > this.#most + 1) this.#timesMs.shift();
    const [first = nowMs] = this.#timesMs;
    return this.#timesMs.length > this.#most && nowMs - first < this.#withinMs;
  }
}
