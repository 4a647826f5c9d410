// Questions to nodes and the running of state machines on their answers: the one place of the dictionary that talks.
import { type HybridClock, orAborted } from "@p2p/base";
import { type NodeId, NodeIdCache } from "@p2p/wire";
import { ChordError } from "../errors.js";
import type { Ring } from "../ring-access.js";
import { type Answer, decodeAnswer } from "./answers.js";
import { checkOwned } from "./check-owned.js";
import type { DictionaryLimits } from "./dictionary-options.js";
import type { Ask, Inquiry } from "./inquiry.js";
import type { OwnedKeys } from "./owned-keys.js";
import { encodeQuestion, type Question } from "./questions.js";

export interface AskerParts {
  readonly ring: Ring;
  readonly limits: DictionaryLimits;
  readonly clock: HybridClock;
  readonly owned: OwnedKeys;
}

/** What asks are performed for. */
type Answered = Pick<Inquiry<unknown>, "result" | "answered" | "failed">;

export class Asker {
  readonly #parts: AskerParts;
  readonly #names = new NodeIdCache();
  /** Ends what waits for a result. */
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(parts: AskerParts) {
    this.#parts = parts;
  }

  /** Ends all that waits for a result, and lets nothing begin. */
  close(): void {
    this.#isClosed = true;
    for (const end of this.#waiting) end();
    this.#waiting.clear();
  }

  /** @throws ChordError for an answer that is none, and what the ring throws */
  async ask(node: NodeId, question: Question): Promise<Answer> {
    const { ring, limits, clock, owned } = this.#parts;
    const items = await ring.ask(node, encodeQuestion(question));
    const answer = decodeAnswer(items, limits, this.#names);
    if (checkOwned(owned, node, question, answer)) return answer;
    const seen = answer.kind === "stale" ? answer.newest : answer.kind === "has" ? answer.write?.version : undefined;
    // A time far ahead is not followed: all later writes of this node would be refused for it.
    if (seen !== undefined && seen.timeUs <= clock.wallUs + limits.maxAheadMs * 1_000) clock.observe(seen.timeUs);
    return answer;
  }

  /** The owner of a position and at least so many nodes after it, if there are; none when the lookup failed. */
  async lookup(position: Uint8Array, successors: number): Promise<readonly NodeId[]> {
    try {
      return await this.#parts.ring.lookup(position, successors);
    } catch {
      return [];
    }
  }

  /**
   * Runs a machine until it has a result; what it asks afterwards goes on.
   *
   * @param positions looked up for it, each by itself
   * @param candidates nodes of interest at each
   * @throws ChordError `closed` when the dictionary closes, or the signal's reason
   */
  run<Result>(
    inquiry: Inquiry<Result>,
    positions: readonly Uint8Array[],
    candidates: number,
    signal?: AbortSignal,
  ): Promise<Result> {
    return this.#perform(inquiry, signal, (step) => {
      for (const [number, position] of positions.entries()) {
        void this.lookup(position, candidates - 1).then((nodes) => step(inquiry.found(number, nodes)));
      }
    });
  }

  /** As {@link run}, for a machine that begins with these questions. */
  runFrom<Result>(
    machine: Answered & { readonly result: Result | undefined },
    first: readonly Ask[],
    signal?: AbortSignal,
  ): Promise<Result> {
    return this.#perform(machine, signal, (step) => step(first));
  }

  async #perform<Result>(
    machine: Answered & { readonly result: Result | undefined },
    signal: AbortSignal | undefined,
    begin: (step: (asks: readonly Ask[]) => void) => void,
  ): Promise<Result> {
    if (this.#isClosed) throw closedError();
    let end = (): void => undefined;
    const done = new Promise<Result>((resolve, reject) => {
      end = () => reject(closedError());
      const step = (asks: readonly Ask[]): void => {
        // Who gave up before there was a result asks no more.
        if (this.#isClosed || (signal?.aborted === true && machine.result === undefined)) return;
        for (const ask of asks) {
          void this.ask(ask.node, ask.question).then(
            (answer) => step(machine.answered(ask, answer)),
            () => step(machine.failed(ask)),
          );
        }
        if (machine.result !== undefined) resolve(machine.result);
      };
      begin(step);
    });
    this.#waiting.add(end);
    try {
      return await orAborted(done, signal);
    } finally {
      this.#waiting.delete(end);
    }
  }
}

function closedError(): ChordError {
  return new ChordError("closed", "the dictionary is closed");
}
