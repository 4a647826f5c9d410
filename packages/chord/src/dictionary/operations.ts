// What users do with a key, tried until it is done or its time is over: reads, plain writes, atomic operations.
// [CHORD-206] [CHORD-210] [CHORD-219] [CHORD-226]
import { type HybridClock, orAborted } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import { ChordError } from "../errors.js";
import { positionCount, positionsOf } from "../positions.js";
import { plainWrite, type StoredValue, type Write } from "../store/record.js";
import { textOf } from "../store/record-store.js";
import type { Asker } from "./asker.js";
import { AtomicRound, type Decision, type Earlier, type RoundResult } from "./atomic-round.js";
import { chooseHolders } from "./choose-holders.js";
import { inTurn, KeyQueue } from "./key-queue.js";
import { type GetResult, QuorumGet } from "./quorum-get.js";
import { attemptMs, QuorumPut } from "./quorum-put.js";
import { contended, noMajority, type OperationOptions, type RetryParts, retry } from "./retry.js";

export interface OperationParts extends RetryParts {
  readonly self: NodeId;
  readonly asker: Asker;
  readonly hybrid: HybridClock;
  readonly replicas: number;
  /** The holders of a key are not those that the ring would choose now. */
  readonly unsettled: (key: Uint8Array) => void;
  /** Resolves when no time up to this one will be given again, even after a crash. */
  readonly reserve: (timeUs: number) => Promise<void> | undefined;
}

/** What became of a plain write. */
export interface Held {
  readonly version: Write["version"];
  /** Positions known to hold it when it was done, of five. */
  readonly positions: number;
}

export interface GetOptions extends OperationOptions {
  /** This node has the key, and wants to be sure of it. Default: false. */
  readonly isAgain?: boolean;
}

export interface AtomicOptions extends OperationOptions {
  readonly isMove?: boolean;
  readonly isForced?: boolean;
  /** Nodes that are about to go: none of them is chosen. */
  readonly without?: NodeId;
  /** Earlier attempts at the same. */
  readonly earlier?: readonly Earlier<unknown>[];
  /** See {@link AtomicRound}. */
  readonly isRepeatable?: boolean;
}

export interface AtomicDone<Outcome> {
  readonly outcome: Outcome;
  readonly write: Write | undefined;
  readonly isSettled: boolean;
}

export class Operations {
  readonly #parts: OperationParts;
  readonly #queue = new KeyQueue();

  constructor(parts: OperationParts) {
    this.#parts = parts;
  }

  /** @throws ChordError `no-majority` */
  async get(key: Uint8Array, { isAgain = false, ...options }: GetOptions = {}): Promise<Write | undefined> {
    return retry(this.#parts, options, async (bounded) => {
      const result = await this.read(key, { ...bounded, isAgain });
      if (result.kind === "found") return { value: result.write };
      if (result.kind === "no-majority") return noMajority(`${result.positions} of the five positions answered`);
      const { write } = await this.atomic(key, () => ({ kind: "keep", outcome: undefined }), bounded);
      return { value: write };
    });
  }

  /** Reads once. */
  read(key: Uint8Array, { signal, isAgain }: GetOptions = {}): Promise<GetResult> {
    const { asker, replicas } = this.#parts;
    const candidates = replicas + 2;
    return asker.run(new QuorumGet(key, candidates, isAgain), positionsOf(key), candidates, signal);
  }

  /** @throws ChordError `no-majority`, `refused`, `outcome-unknown` */
  async put(key: Uint8Array, value: StoredValue, options: OperationOptions = {}): Promise<Held> {
    const { asker, replicas } = this.#parts;
    const candidates = replicas + 2;
    const positions = positionsOf(key);
    const earlier: Earlier<undefined>[] = [];
    return retry(this.#parts, options, async (bounded) => {
      const version = await this.#nextVersion();
      const write = plainWrite(version, value);
      const beganMs = this.#parts.clock.monotonic();
      const result = await asker.run(new QuorumPut(key, write, candidates), positions, candidates, bounded.signal);
      earlier.push({ version, outcome: undefined });
      switch (result.kind) {
        case "held":
          if (this.#parts.clock.monotonic() - beganMs > attemptMs) return noMajority("its holders took too long");
          return { value: { version, positions: result.positions } };
        case "outrun":
          this.#parts.hybrid.observe(result.newest.timeUs);
          return contended();
        case "atomic": {
          const decide = (): Decision<undefined> => ({ kind: "write", value, outcome: undefined });
          const done = await this.atomic(key, decide, { ...bounded, earlier, isRepeatable: true });
          return {
            value: { version: done.write?.version ?? version, positions: done.write?.holders?.[0].needed ?? 0 },
          };
        }
        case "no-majority": {
          if (result.reason === undefined)
            return noMajority(`${result.positions} of the five positions hold the write`);
          return new ChordError("refused", `the holders of the key refuse the write: ${result.reason}`);
        }
        default:
          return result satisfies never;
      }
    });
  }

  /**
   * Applies `decide` to what the key has, as if at one instant, and at most once.
   *
   * @param decide may be called several times; only the last counts
   * @throws ChordError `no-majority`, `contended`: it did not happen; `outcome-unknown`: it may have
   */
  atomic<Outcome>(
    key: Uint8Array,
    decide: (write: Write | undefined) => Decision<Outcome>,
    options: AtomicOptions = {},
  ): Promise<AtomicDone<Outcome>> {
    return inTurn(this.#queue, textOf(key), this.#parts, options, (bounded) =>
      this.#attempts(key, decide, { ...options, ...bounded }),
    );
  }

  async #attempts<Outcome>(
    key: Uint8Array,
    decide: (write: Write | undefined) => Decision<Outcome>,
    options: AtomicOptions,
  ): Promise<AtomicDone<Outcome>> {
    const positions = positionsOf(key);
    // The outcomes of earlier attempts are of this operation, whatever machine made them.
    const earlier = [...(options.earlier ?? [])] as Earlier<Outcome>[];
    try {
      return await retry(this.#parts, options, async (bounded) => {
        const result = await this.#round(key, positions, decide, earlier, { ...options, ...bounded });
        switch (result.kind) {
          case "done":
            if (!result.isSettled && options.isMove !== true) this.#parts.unsettled(key);
            return { value: result };
          case "unknown":
            throw new ChordError(
              "outcome-unknown",
              "other operations overtook this one: it may or may not have happened",
            );
          case "outrun":
          case "no-majority": {
            if (result.attempt !== undefined) earlier.push(result.attempt);
            if (result.kind === "no-majority") return noMajority("too few of the nodes that hold the key answer");
            if (result.newest !== undefined) this.#parts.hybrid.observe(result.newest.timeUs);
            return contended();
          }
          default:
            return result satisfies never;
        }
      });
    } catch (cause) {
      const isOver = cause instanceof ChordError && (cause.code === "no-majority" || cause.code === "contended");
      if (!isOver || earlier.length === 0) throw cause;
      throw new ChordError("outcome-unknown", `${cause.message}; the operation may or may not have happened`, {
        cause,
      });
    }
  }

  async #round<Outcome>(
    key: Uint8Array,
    positions: readonly Uint8Array[],
    decide: (write: Write | undefined) => Decision<Outcome>,
    earlier: Earlier<Outcome>[],
    { signal, isMove = false, isForced = false, isRepeatable = false, without }: AtomicOptions,
  ): Promise<RoundResult<Outcome>> {
    const { asker } = this.#parts;
    const found = await orAborted(
      Promise.all(positions.map((position) => asker.lookup(position, positionCount - 1))),
      signal,
    );
    const places = found.map((nodes) => nodes.filter((node) => node !== without));
    const candidates = chooseHolders(places);
    if (candidates.length === 0) return { kind: "no-majority", attempt: undefined };
    const isComplete = places.every((nodes) => nodes.length > 0);
    if (isMove && !isComplete) return { kind: "no-majority", attempt: undefined };
    const ballot = await this.#nextVersion();
    const how = { isMove, isForced, isRepeatable };
    const round = new AtomicRound({ key, ballot, candidates, isComplete, decide, earlier, ...how });
    try {
      return await asker.runFrom(round, round.start(), signal);
    } catch (error) {
      // Its time is over: what was proposed may happen all the same.
      if (round.proposed !== undefined) earlier.push(round.proposed);
      throw error;
    }
  }

  async #nextVersion(): Promise<Write["version"]> {
    const { hybrid, self, reserve } = this.#parts;
    const version = { timeUs: hybrid.next(), origin: self };
    await reserve(version.timeUs);
    return version;
  }
}
