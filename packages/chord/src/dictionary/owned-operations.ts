// What the owner of a key does with it: one operation after the other, each write signed and with a sequence above the one before.
// [CHORD-280] [CHORD-282]
import type { HybridClock } from "@p2p/base";
import { ChordError } from "../errors.js";
import { positionsOf } from "../positions.js";
import type { StoredValue, Write } from "../store/record.js";
import { textOf } from "../store/record-store.js";
import { compareWrites } from "../store/register.js";
import type { Asker } from "./asker.js";
import type { Decision } from "./atomic-round.js";
import { inTurn, KeyQueue } from "./key-queue.js";
import type { Held } from "./operations.js";
import { OwnWrites } from "./own-writes.js";
import type { OwnedKeys } from "./owned-keys.js";
import type { GetResult } from "./quorum-get.js";
import { attemptMs, type PutResult, QuorumPut } from "./quorum-put.js";
import { type Bounded, contended, noMajority, type OperationOptions, type RetryParts, retry } from "./retry.js";

export interface OwnedOperationParts extends RetryParts {
  readonly asker: Asker;
  readonly owned: OwnedKeys;
  readonly hybrid: HybridClock;
  readonly replicas: number;
  /** Resolves when no time up to this one will be given again, even after a crash. */
  readonly reserve: (timeUs: number) => Promise<void> | undefined;
  readonly read: (key: Uint8Array, options: OperationOptions) => Promise<GetResult>;
}

/** A write that some may have taken, and what it means for its operation. */
interface Attempt<Outcome> {
  readonly write: Write;
  readonly outcome: Outcome;
}

export class OwnedOperations {
  readonly #parts: OwnedOperationParts;
  readonly #queue = new KeyQueue();
  readonly #own = new OwnWrites();

  constructor(parts: OwnedOperationParts) {
    this.#parts = parts;
  }

  /** What this node wrote last, or somebody else with its identity. @throws ChordError `no-majority` */
  get(key: Uint8Array, options: OperationOptions = {}): Promise<Write | undefined> {
    return retry(this.#parts, options, async ({ signal }) => {
      const base = await this.#base(key, signal);
      if (base instanceof ChordError) return base;
      return (await this.#ensure(key, base, signal)) ?? { value: base.write };
    });
  }

  /** @throws ChordError `no-majority`, `refused`, `contended` */
  put(key: Uint8Array, value: StoredValue, options: OperationOptions = {}): Promise<Held> {
    return inTurn(this.#queue, textOf(key), this.#parts, options, (bounded) => {
      let write: Write | undefined;
      return retry(this.#parts, bounded, async ({ signal }) => {
        write ??= await this.#sign(key, value);
        const result = await this.#put(key, write, signal);
        if (result.kind === "held") return { value: { version: write.version, positions: result.positions } };
        // What was told of is above it: it needs another number.
        if (result.kind === "outrun") write = undefined;
        return failureOf(result);
      });
    });
  }

  /**
   * Applies `decide` to what the key has, and writes what follows.
   * @throws ChordError `no-majority`, `contended`: it did not happen; `outcome-unknown`: it may have
   */
  change<Outcome>(
    key: Uint8Array,
    decide: (write: Write | undefined) => Decision<Outcome>,
    options: OperationOptions = {},
  ): Promise<Outcome> {
    return inTurn(this.#queue, textOf(key), this.#parts, options, (bounded) => this.#change(key, decide, bounded));
  }

  async #change<Outcome>(
    key: Uint8Array,
    decide: (write: Write | undefined) => Decision<Outcome>,
    options: OperationOptions,
  ): Promise<Outcome> {
    let attempt: Attempt<Outcome> | undefined;
    const step = async ({ signal }: Bounded): Promise<{ value: Outcome } | ChordError> => {
      if (attempt === undefined) {
        const base = await this.#base(key, signal);
        if (base instanceof ChordError) return base;
        const decision = decide(base.write);
        if (decision.kind === "keep") {
          return (await this.#ensure(key, base, signal)) ?? { value: decision.outcome };
        }
        attempt = { write: await this.#sign(key, decision.value), outcome: decision.outcome };
      }
      const result = await this.#put(key, attempt.write, signal);
      if (result.kind === "held") return { value: attempt.outcome };
      // Another node of this identity wrote, on this attempt or in its place.
      if (result.kind === "outrun") throw outcomeUnknown();
      return failureOf(result);
    };
    try {
      return await retry(this.#parts, options, step);
    } catch (cause) {
      const isOver = cause instanceof ChordError && (cause.code === "no-majority" || cause.code === "refused");
      if (!isOver || attempt === undefined) throw cause;
      throw outcomeUnknown(cause);
    }
  }

  /** What the key has: by a majority, or by what this node wrote since, whoever has taken it. */
  async #base(key: Uint8Array, signal: AbortSignal | undefined): Promise<Base | ChordError> {
    const seen = await this.#parts.read(key, signal === undefined ? {} : { signal });
    if (seen.kind !== "found") return noMajority("too few of the five positions answered");
    if (seen.write !== undefined) this.#own.saw(key, seen.write);
    const last = this.#own.last(key);
    const isAhead = last !== undefined && compareWrites(last, seen.write) > 0;
    return { write: isAhead ? last : seen.write, isAhead };
  }

  /** Before what holders may not have counts as what the key has, they are given it. @returns why they have not */
  async #ensure(key: Uint8Array, base: Base, signal: AbortSignal | undefined): Promise<ChordError | undefined> {
    if (!base.isAhead || base.write === undefined) return undefined;
    const result = await this.#put(key, base.write, signal);
    return result.kind === "held" ? undefined : failureOf(result);
  }

  async #sign(key: Uint8Array, value: StoredValue): Promise<Write> {
    const { owned, hybrid, reserve } = this.#parts;
    const timeUs = hybrid.next();
    await reserve(timeUs);
    const sequence = Math.max(timeUs, this.#own.sequenceOf(key) + 1);
    if (!Number.isSafeInteger(sequence)) {
      const text = "the key was written with the last sequence there is: it cannot be written any more";
      throw new ChordError("refused", text);
    }
    const write = owned.sign(key, sequence, value);
    this.#own.wrote(key, write);
    return write;
  }

  async #put(key: Uint8Array, write: Write, signal: AbortSignal | undefined): Promise<PutResult> {
    const { asker, clock, replicas } = this.#parts;
    const candidates = replicas + 2;
    const beganMs = clock.monotonic();
    const put = new QuorumPut(key, write, candidates);
    const result = await asker.run<PutResult>(put, positionsOf(key), candidates, signal);
    if (result.kind === "outrun") this.#own.told(key, result.newest.timeUs);
    if (result.kind === "held" && clock.monotonic() - beganMs > attemptMs)
      return { kind: "no-majority", positions: result.positions, reason: undefined };
    return result;
  }
}

/** What an operation begins with. */
interface Base {
  readonly write: Write | undefined;
  /** This node wrote it, and perhaps nobody has it. */
  readonly isAhead: boolean;
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
