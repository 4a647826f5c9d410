// Questions to nodes and the running of state machines on their answers: the one place of the dictionary that talks.
import { type HybridClock, orAborted } from "@p2p/base";
import { type NodeId, NodeIdCache } from "@p2p/wire";
import { ChordError } from "../errors.js";
import type { Ring } from "../ring-access.js";
import { type Answer, decodeAnswer } from "./answers.js";
import type { DictionaryLimits } from "./dictionary-options.js";
import type { Ask, Inquiry } from "./inquiry.js";
import { encodeQuestion, type Question } from "./questions.js";

export interface AskerParts {
  readonly ring: Ring;
  readonly limits: DictionaryLimits;
  readonly clock: HybridClock;
  /** Ends everything. */
  readonly closing: AbortSignal;
}

/** What asks are performed for. */
type Answered = Pick<Inquiry<unknown>, "result" | "answered" | "failed">;

export class Asker {
  readonly #parts: AskerParts;
  readonly #names = new NodeIdCache();

  constructor(parts: AskerParts) {
    this.#parts = parts;
  }

  /** @throws ChordError for an answer that is none, and what the ring throws */
  async ask(node: NodeId, question: Question): Promise<Answer> {
    const { ring, limits, closing, clock } = this.#parts;
    const items = await ring.ask(node, encodeQuestion(question), { signal: closing });
    const answer = decodeAnswer(items, limits, this.#names);
    const seen = answer.kind === "stale" ? answer.newest : answer.kind === "has" ? answer.write?.version : undefined;
    // A time far ahead is not followed: all later writes of this node would be refused for it.
    if (seen !== undefined && seen.timeUs <= clock.wallUs + limits.maxAheadMs * 1_000) clock.observe(seen.timeUs);
    return answer;
  }

  /** The nodes at and after a position; none when the lookup failed. */
  async lookup(position: Uint8Array): Promise<readonly NodeId[]> {
    const { ring, closing } = this.#parts;
    try {
      return await ring.lookup(position, { signal: closing });
    } catch {
      return [];
    }
  }

  /**
   * Runs a machine until it has a result; what it asks afterwards goes on.
   *
   * @param positions looked up for it, each by itself
   * @throws ChordError `not-open` when the dictionary closes, or the signal's reason
   */
  run<Result>(inquiry: Inquiry<Result>, positions: readonly Uint8Array[], signal?: AbortSignal): Promise<Result> {
    return this.#perform(inquiry, signal, (step) => {
      for (const [number, position] of positions.entries()) {
        void this.lookup(position).then((nodes) => step(inquiry.found(number, nodes)));
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

  #perform<Result>(
    machine: Answered & { readonly result: Result | undefined },
    signal: AbortSignal | undefined,
    begin: (step: (asks: readonly Ask[]) => void) => void,
  ): Promise<Result> {
    const { closing } = this.#parts;
    const done = new Promise<Result>((resolve, reject) => {
      const closed = (): void => reject(new ChordError("not-open", "the dictionary is closed"));
      if (closing.aborted) return closed();
      closing.addEventListener("abort", closed, { once: true });
      const step = (asks: readonly Ask[]): void => {
        // Who gave up before there was a result asks no more.
        if (closing.aborted || (signal?.aborted === true && machine.result === undefined)) return;
        for (const ask of asks) {
          void this.ask(ask.node, ask.question).then(
            (answer) => step(machine.answered(ask, answer)),
            () => step(machine.failed(ask)),
          );
        }
        if (machine.result === undefined) return;
        closing.removeEventListener("abort", closed);
        resolve(machine.result);
      };
      begin(step);
    });
    return orAborted(done, signal);
  }
}
