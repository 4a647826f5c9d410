// Rounds of several proposers on bare registers, step by step in any order: questions and answers are late, lost or overtake each
// other while the key moves from holders to others. No ring, no time: only what the rounds themselves guarantee.
// `SEEDS=20000` plays more of them.
import { seededRandom } from "@p2p/base/testing";
import { type NodeId, nodeIdFromBytes } from "@p2p/wire";
import { expect, test } from "vitest";
import type { DictionaryRecord } from "../store/record.js";
import { promise, takeWrite, type Verdict } from "../store/register.js";
import { linearize, type Operation } from "../testing/linearizability.js";
import type { Answer } from "./answers.js";
import { AtomicRound, type Decision, type Earlier } from "./atomic-round.js";
import type { Ask } from "./inquiry.js";

const runs = Number(process.env.SEEDS ?? 200);
const key = Uint8Array.of(1);
const nodes: readonly NodeId[] = Array.from({ length: 7 }, (_, n) => nodeIdFromBytes(new Uint8Array(48).fill(n)));

/** A question or an answer on its way. */
interface Letter {
  readonly round: AtomicRound<number>;
  readonly ask: Ask;
  readonly answer?: Answer;
}

interface Proposer {
  readonly id: NodeId;
  readonly isMover: boolean;
  round: AtomicRound<number> | undefined;
  earlier: Earlier<number>[];
  /** Index of the operation under way. */
  at: number | undefined;
}

class World {
  readonly operations: Operation<number>[] = [];
  readonly #random;
  readonly #records = new Map<NodeId, DictionaryRecord>();
  readonly #proposers: Proposer[];
  readonly #size: number;
  #letters: Letter[] = [];
  #timeUs = 1;
  #step = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#size = this.#pick([3, 3, 5]);
    this.#proposers = nodes
      .slice(0, 4)
      .map((id, n) => ({ id, isMover: n >= 2, round: undefined, earlier: [], at: undefined }));
  }

  play(steps: number): void {
    this.#create();
    for (this.#step = 1; this.#step < steps; this.#step += 1) {
      for (const proposer of this.#proposers) this.#goOn(proposer);
      const letter = this.#letters.splice(Math.floor(this.#random.float() * this.#letters.length), 1)[0];
      if (letter !== undefined) this.#carry(letter);
    }
  }

  /** The key is there from the beginning: who creates one is another matter. */
  #create(): void {
    const round = this.#begin(this.#choose(), [], false, true);
    while (round.result === undefined && this.#letters.length > 0) this.#carry(this.#letters.shift() as Letter, true);
    expect(round.result?.kind).toBe("done");
    this.operations.push({ name: "create", invokedAt: 0, returnedAt: 0, step: () => 1 });
  }

  #goOn(proposer: Proposer): void {
    const result = proposer.round?.result;
    if (proposer.round !== undefined && result === undefined) return;
    if (result !== undefined) this.#end(proposer, result);
    if (proposer.round === undefined && !this.#isChance(0.05)) return;
    if (proposer.at === undefined && !proposer.isMover) {
      proposer.at = this.operations.length;
      this.operations.push({ name: "add 1", invokedAt: this.#step, returnedAt: undefined, step: (state) => state + 1 });
    }
    proposer.round = this.#begin(this.#choose(), proposer.earlier, proposer.isMover, false, proposer.id);
  }

  #end(proposer: Proposer, result: NonNullable<AtomicRound<number>["result"]>): void {
    proposer.round = undefined;
    if (result.kind === "outrun" || result.kind === "no-majority") {
      if (result.attempt !== undefined) proposer.earlier.push(result.attempt);
      return;
    }
    const { at } = proposer;
    if (result.kind === "done" && at !== undefined) {
      const seen = result.outcome;
      const step = (state: number) => (state + 1 === seen ? seen : undefined);
      this.operations[at] = {
        name: `add 1: ${seen}`,
        invokedAt: this.operations[at]?.invokedAt ?? 0,
        returnedAt: this.#step,
        step,
      };
    }
    proposer.earlier = [];
    proposer.at = undefined;
  }

  #begin(
    candidates: readonly NodeId[],
    earlier: readonly Earlier<number>[],
    isMove: boolean,
    isComplete: boolean,
    origin = nodes[0] as NodeId,
  ): AtomicRound<number> {
    this.#timeUs += 1;
    const decide = (write: DictionaryRecord["write"]): Decision<number> => {
      const next = (write?.value?.[0] ?? 0) + 1;
      return isMove ? { kind: "keep", outcome: 0 } : { kind: "write", value: Uint8Array.of(next), outcome: next };
    };
    const ballot = { timeUs: this.#timeUs, origin };
    const round = new AtomicRound({ key, ballot, candidates, isComplete, decide, earlier, isMove });
    this.#send(round, round.start());
    return round;
  }

  #carry({ round, ask, answer }: Letter, isSafe = false): void {
    if (!isSafe && this.#isChance(0.12)) {
      this.#send(round, round.failed(ask));
      return;
    }
    if (answer === undefined) this.#letters.push({ round, ask, answer: this.#answer(ask) });
    else this.#send(round, round.answered(ask, answer));
  }

  #answer({ node, question }: Ask): Answer {
    const record = this.#records.get(node);
    let verdict: Verdict;
    if (question.kind === "promise") verdict = promise(record, key, question.ballot);
    else if (question.kind === "put") verdict = takeWrite(record, key, question.write);
    else throw new Error(`nobody asks ${question.kind}`);
    if (verdict.kind !== "taken") return verdict;
    this.#records.set(node, verdict.record);
    return question.kind === "put"
      ? { kind: "taken", charge: 31 }
      : { kind: "promised", write: record?.write, sure: 31 };
  }

  #send(round: AtomicRound<number>, asks: readonly Ask[]): void {
    for (const ask of asks) this.#letters.push({ round, ask });
  }

  /** Who would hold the key: any nodes, as if the ring had changed in between. */
  #choose(): readonly NodeId[] {
    const left = [...nodes];
    return Array.from(
      { length: this.#size },
      () => left.splice(Math.floor(this.#random.float() * left.length), 1)[0] as NodeId,
    );
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random.float() * items.length)] as T;
  }

  #isChance(probability: number): boolean {
    return this.#random.float() < probability;
  }
}

test("[CHORD-219] [CHORD-225] [CHORD-226] one order explains what proposers saw while the key moved between any holders", () => {
  let done = 0;
  for (let seed = 1; seed <= runs; seed += 1) {
    const world = new World(seed);
    world.play(1_500);
    done += world.operations.filter(({ returnedAt }) => returnedAt !== undefined).length;
    if (linearize(world.operations, 0) === undefined) {
      expect(
        world.operations.map(({ name, invokedAt, returnedAt }) => [name, invokedAt, returnedAt]),
        `seed ${seed}`,
      ).toEqual("in one order");
    }
  }
  // Not for want of operations.
  expect(done / runs).toBeGreaterThan(5);
});
