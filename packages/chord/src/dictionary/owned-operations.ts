// What the owner of a key does with it: one operation after the other, each write signed and with a sequence above the one before.
// [CHORD-280] [CHORD-282]
import type { HybridClock } from "@p2p/base";
import { ChordError } from "../errors.js";
import { positionsOf } from "../positions.js";
import { compareOwnedWrites } from "../store/owned-write.js";
import type { StoredValue, Write } from "../store/record.js";
import { textOf } from "../store/record-store.js";
import type { Asker } from "./asker.js";
import type { Decision } from "./atomic-round.js";
import { KeyQueue } from "./key-queue.js";
import type { Held } from "./operations.js";
import type { OwnedKeys } from "./owned-keys.js";
import type { GetResult } from "./quorum-get.js";
import { type PutResult, QuorumPut } from "./quorum-put.js";
import { contended, noMajority, type OperationOptions, type RetryParts, retry } from "./retry.js";

export interface OwnedOperationParts extends RetryParts {
  readonly asker: Asker;
  readonly owned: OwnedKeys;
  readonly hybrid: HybridClock;
  readonly replicas: number;
  /** Resolves when no time up to this one will be given again, even after a crash. */
  readonly reserve: (timeUs: number) => Promise<void> | undefined;
  readonly read: (key: Uint8Array, signal?: AbortSignal) => Promise<GetResult>;
}

/** A write that some may have taken, and what it means for its operation. */
interface Attempt<Outcome> {
  readonly write: Write;
  readonly outcome: Outcome;
}

/** Keys whose last sequence was above the clock, and is remembered; of others the holders tell. */
const maxAhead = 1_024;

export class OwnedOperations {
  readonly #parts: OwnedOperationParts;
  readonly #queue = new KeyQueue();
  readonly #ahead = new Map<string, number>();

  constructor(parts: OwnedOperationParts) {
    this.#parts = parts;
  }

  /** @throws ChordError `no-majority`, `refused`, `contended` */
  put(key: Uint8Array, value: StoredValue, options: OperationOptions = {}): Promise<Held> {
    return this.#queue.run(textOf(key), () =>
      retry(this.#parts, options, async () => {
        const { write, result } = await this.#write(key, value, options.signal);
        if (result.kind !== "held") return failureOf(result);
        return { value: { version: write.version, positions: result.positions } };
      }),
    );
  }

  /**
   * Applies `decide` to what a majority has, and writes what follows.
   * @throws ChordError `no-majority`, `contended`: it did not happen; `outcome-unknown`: it may have
   */
  change<Outcome>(
    key: Uint8Array,
    decide: (write: Write | undefined) => Decision<Outcome>,
    options: OperationOptions = {},
  ): Promise<Outcome> {
    return this.#queue.run(textOf(key), () => this.#attempts(key, decide, options));
  }

  async #attempts<Outcome>(
    key: Uint8Array,
    decide: (write: Write | undefined) => Decision<Outcome>,
    options: OperationOptions,
  ): Promise<Outcome> {
    const attempts: Attempt<Outcome>[] = [];
    try {
      return await retry(this.#parts, options, async () => {
        const seen = await this.#parts.read(key, options.signal);
        if (seen.kind !== "found") return noMajority("too few of the five positions answered");
        const { write: base } = seen;
        if (base !== undefined) {
          const happened = attempts.find(({ write }) => compareOwnedWrites(write, base) === 0);
          if (happened !== undefined) return { value: happened.outcome };
          // Another node of this identity wrote, on an attempt or in its place.
          if (attempts.some(({ write }) => compareOwnedWrites(write, base) < 0)) throw outcomeUnknown();
          this.#raise(key, base.version.timeUs);
        }
        const decision = decide(base);
        if (decision.kind === "keep") return { value: decision.outcome };
        const { write, result } = await this.#write(key, decision.value, options.signal);
        if (result.kind === "held") return { value: decision.outcome };
        attempts.push({ write, outcome: decision.outcome });
        return failureOf(result);
      });
    } catch (cause) {
      if (!(cause instanceof ChordError) || attempts.length === 0 || cause.code === "not-open") throw cause;
      throw outcomeUnknown(cause);
    }
  }

  async #write(
    key: Uint8Array,
    value: StoredValue,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly write: Write; readonly result: PutResult }> {
    const { asker, owned, hybrid, reserve, replicas } = this.#parts;
    const timeUs = hybrid.next();
    await reserve(timeUs);
    const ahead = this.#ahead.get(textOf(key)) ?? 0;
    const sequence = Math.max(timeUs, ahead + 1);
    if (!Number.isSafeInteger(sequence)) {
      throw new ChordError(
        "refused",
        "the key was written with the last sequence there is: it cannot be written any more",
      );
    }
    if (sequence > timeUs) this.#raise(key, sequence);
    const write = owned.sign(key, sequence, value);
    const candidates = replicas + 2;
    const put = new QuorumPut(key, write, candidates);
    const result = await asker.run<PutResult>(put, positionsOf(key), candidates, signal);
    if (result.kind === "outrun") this.#raise(key, result.newest.timeUs);
    return { write, result };
  }

  /** The next write of the key is above this sequence. */
  #raise(key: Uint8Array, sequence: number): void {
    const text = textOf(key);
    const known = this.#ahead.get(text) ?? 0;
    this.#ahead.delete(text);
    if (Math.max(known, sequence) < this.#parts.hybrid.lastUs) return;
    this.#ahead.set(text, Math.max(known, sequence));
    for (const oldest of this.#ahead.keys()) {
      if (this.#ahead.size <= maxAhead) return;
      this.#ahead.delete(oldest);
    }
  }
}

function failureOf(result: Exclude<PutResult, { readonly kind: "held" }>): ChordError {
  if (result.kind !== "no-majority") return contended();
  if (result.reason === undefined) return noMajority(`${result.positions} of the five positions hold the write`);
  return new ChordError("refused", `the holders of the key refuse the write: ${result.reason}`);
}

function outcomeUnknown(cause?: ChordError): ChordError {
  const text = "the write was cut short, or another node of this identity wrote: it may or may not have happened";
  return new ChordError("outcome-unknown", text, { cause });
}
