// Answers what others ask about this node, and passes on what is for its neighbours [SEC-240] to [SEC-244].
import { BaseError, type HandlerContext, type Message, type Node, TokenBuckets } from "@p2p/base";
import type { NodeId, WireValue } from "@p2p/wire";
import type { Identity } from "../identity/identity.js";
import type { SecureNodeLimits } from "./limits.js";
import {
  answerOf,
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
  type Question,
  questionType,
} from "./questions.js";

export class Answerer {
  readonly #node: Node;
  readonly #identity: Identity;
  readonly #limits: SecureNodeLimits;
  readonly #tellsNeighbours: boolean;
  readonly #buckets: TokenBuckets;

  constructor(node: Node, identity: Identity, limits: SecureNodeLimits, tellsNeighbours: boolean) {
    this.#node = node;
    this.#identity = identity;
    this.#limits = limits;
    this.#tellsNeighbours = tellsNeighbours;
    this.#buckets = new TokenBuckets(limits.questionsPerSecond, limits.questionBurst);
  }

  /** The handler of {@link questionType}. @returns the answer; undefined when it was refused */
  async handle(message: Message, context: HandlerContext): Promise<WireValue | undefined> {
    if (!context.isRequest) return undefined;
    const question = decodeQuestion(message.data, this.#limits);
    if (question === undefined) return refuse(context, "bad-question");
    // Of who is no neighbour the id is a claim at best: all of them have one bucket.
    const asker = this.#node.connectionTo(message.from) === undefined ? "" : message.from;
    if (!this.#buckets.take(asker, this.#node.seams.clock.monotonic())) return refuse(context, "busy");
    const [next, ...rest] = question.path;
    if (next !== undefined) return this.#passOn(next, { ...question, path: rest }, context);
    if (question.subject === "key") return encodeAnswer(answerOf(this.#identity, question, []));
    if (!this.#tellsNeighbours) return refuse(context, "private");
    const { maxNeighbours } = this.#limits;
    return encodeAnswer(answerOf(this.#identity, question, neighboursOf(this.#node).slice(0, maxNeighbours)));
  }

  async #passOn(next: NodeId, question: Question, context: HandlerContext): Promise<WireValue | undefined> {
    if (this.#node.connectionTo(next) === undefined) return refuse(context, "no-way");
    try {
      const { data } = await this.#node.request(next, encodeQuestion(question), {
        type: questionType,
        timeoutMs: this.#limits.questionTimeoutMs,
        signal: context.signal,
      });
      const answer = decodeAnswer(data, this.#limits);
      return answer === undefined ? refuse(context, "bad-answer") : encodeAnswer(answer);
    } catch (error) {
      const refusal = error instanceof BaseError ? error.remoteCode : undefined;
      return refuse(context, refusal ?? "no-answer");
    }
  }
}

/** Who the node is connected with. */
export function neighboursOf(node: Node): readonly NodeId[] {
  return node.connections.map(({ id }) => id);
}

async function refuse(context: HandlerContext, code: string): Promise<undefined> {
  // Nobody waits any more: then there is nobody to tell.
  if (!context.isAnswered) await context.refuse(code).catch(() => undefined);
  return undefined;
}
