// What nodes may ask of this one: each pays by tokens, so many a second, for the work that it makes. [CHORD-251]
import type { Clock, TokenBuckets } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import type { PositionRange } from "../ring-access.js";
import type { Write } from "../store/record.js";
import type { RecordStore } from "../store/record-store.js";
import type { Question } from "./questions.js";

/** Looked at for one token: as much work as to take a write, or little more. */
const looksPerToken = 64;

/** What a range is looked through by. */
export type Looks = Pick<RecordStore, "inRange">;

export class Charges {
  readonly #self: NodeId;
  readonly #rates: TokenBuckets;
  readonly #clock: Clock;

  /** @param self asks itself for nothing */
  constructor(self: NodeId, rates: TokenBuckets, clock: Clock) {
    this.#self = self;
    this.#rates = rates;
    this.#clock = clock;
  }

  /** Whether a node may ask so much: reads of one key are free, all else costs, a copy as much as a write, and a proof more. */
  isPaid(from: NodeId, question: Question): boolean {
    if (from === this.#self || question.kind === "get" || question.kind === "have") return true;
    const writes = question.kind === "copies" ? question.copies : question.kind === "put" ? [question] : undefined;
    const cost = writes === undefined ? 1 : writes.reduce((sum, { write }) => sum + costOf(write), 0);
    const nowMs = this.#clock.monotonic();
    for (let taken = 0; taken < cost; taken += 1) if (!this.#rates.take(from, nowMs)) return false;
    return true;
  }

  /** The store for a node that looks through ranges of it: it pays when it has looked, as nobody knows before how much there is. */
  looksOf(from: NodeId, store: Looks): Looks {
    if (from === this.#self) return store;
    const pay = (looked: number): void => this.#rates.charge(from, looked / looksPerToken, this.#clock.monotonic());
    return {
      *inRange(range: PositionRange) {
        let looked = 0;
        try {
          for (const standing of store.inRange(range)) {
            looked += 1;
            yield standing;
          }
        } finally {
          pay(looked);
        }
      },
    };
  }
}

/** What a write counts: to verify one takes more time than to take four. */
function costOf({ proof }: Write): number {
  return proof === undefined ? 1 : 4;
}
