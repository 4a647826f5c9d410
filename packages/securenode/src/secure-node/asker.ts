// Asks other nodes about themselves, over the nodes in between, and believes what they signed [SEC-240] [SEC-243].
import type { Node } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import { SecureError } from "../errors.js";
import { neighboursOf } from "./answerer.js";
import { Crawl, type NetworkGraph } from "./graph.js";
import type { KeyBook } from "./key-book.js";
import type { SecureNodeLimits } from "./limits.js";
import {
  decodeAnswer,
  encodeQuestion,
  isAnswerOf,
  neighboursIn,
  nonceBytes,
  questionType,
  type Subject,
} from "./questions.js";

export interface AskOptions {
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** What was learnt of a node. */
export interface Learnt {
  readonly publicKey: Uint8Array;
  readonly neighbours: readonly NodeId[];
  /** Milliseconds there and back. */
  readonly latencyMs: number;
}

export class Asker {
  readonly #node: Node;
  readonly #keys: KeyBook;
  readonly #limits: SecureNodeLimits;
  /** Of the last discovery: who is between this node and others. */
  #ways: ReadonlyMap<NodeId, readonly NodeId[]> = new Map();

  constructor(node: Node, keys: KeyBook, limits: SecureNodeLimits) {
    this.#node = node;
    this.#keys = keys;
    this.#limits = limits;
  }

  /**
   * Asks a neighbour, a node that the last discovery found, or one that a network on the node finds.
   * @throws SecureError `answer-forged`; BaseError `refused`, `request-timeout`, `not-connected` and others; `signal.reason`
   */
  ask(id: NodeId, subject: Subject, options: AskOptions = {}): Promise<Learnt> {
    const isNear = this.#node.connectionTo(id) !== undefined;
    return this.#ask(id, isNear ? [] : (this.#ways.get(id) ?? []), subject, options);
  }

  /**
   * Asks all nodes within some hops, for `timeoutMs` at most: who invents neighbours that do not answer cannot hold it up.
   * @throws RangeError; `signal.reason`
   */
  async discover(hops: number, timeoutMs: number, { signal }: AskOptions): Promise<NetworkGraph> {
    const { maxHops, maxNodes } = this.#limits;
    if (!(Number.isSafeInteger(hops) && hops >= 1 && hops <= maxHops)) {
      throw new RangeError(`there are from 1 to ${maxHops} hops`);
    }
    if (!(timeoutMs > 0)) throw new RangeError("timeoutMs is above 0");
    signal?.throwIfAborted();
    const { clock } = this.#node.seams;
    const crawl = new Crawl(this.#node.id, neighboursOf(this.#node), hops, maxNodes);
    const stop = new AbortController();
    const timer = clock.setTimeout(() => stop.abort(), timeoutMs);
    const onAbort = (): void => stop.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    await this.#crawl(crawl, stop.signal);
    clock.clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    signal?.throwIfAborted();
    this.#ways = crawl.ways();
    return crawl.graph();
  }

  /** Never rejects. */
  async #crawl(crawl: Crawl, signal: AbortSignal): Promise<void> {
    const open = new Set<Promise<void>>();
    for (;;) {
      const inquiry = open.size < this.#limits.openQuestions && !signal.aborted ? crawl.next() : undefined;
      if (inquiry !== undefined) {
        const { id, path } = inquiry;
        const asked = this.#ask(id, path, "neighbours", { signal }).then(
          ({ neighbours, latencyMs }) => crawl.answered(id, neighbours, latencyMs),
          () => crawl.failed(id),
        );
        const settled = asked.finally(() => open.delete(settled));
        open.add(settled);
      } else if (open.size === 0) return;
      else await Promise.race(open);
    }
  }

  async #ask(id: NodeId, path: readonly NodeId[], subject: Subject, { signal }: AskOptions): Promise<Learnt> {
    const { clock, random } = this.#node.seams;
    const [first = id, ...rest] = [...path, id];
    const question = { subject, nonce: random.bytes(nonceBytes), path: rest };
    const askedAt = clock.monotonic();
    const { data } = await this.#node.request(first, encodeQuestion(question), {
      type: questionType,
      timeoutMs: this.#limits.questionTimeoutMs * (1 + rest.length),
      ...(signal === undefined ? {} : { signal }),
    });
    const latencyMs = clock.monotonic() - askedAt;
    const answer = decodeAnswer(data, this.#limits);
    if (answer === undefined || !isAnswerOf(id, question, answer)) {
      const text = `the answer is not what ${id} signed; somebody on the way to it lies`;
      throw new SecureError("answer-forged", text, { peer: id });
    }
    this.#keys.learn(answer.publicKey);
    return { publicKey: answer.publicKey.slice(), neighbours: neighboursIn(answer), latencyMs };
  }
}
