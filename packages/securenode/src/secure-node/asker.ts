// Asks other nodes about themselves, over the nodes in between, and believes what they signed [SEC-240] [SEC-243].
import { BaseError, type Node } from "@p2p/base";
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
  #ways: Map<NodeId, readonly NodeId[]> = new Map();
  readonly #closing = new AbortController();

  constructor(node: Node, keys: KeyBook, limits: SecureNodeLimits) {
    this.#node = node;
    this.#keys = keys;
    this.#limits = limits;
  }

  /**
   * Asks a neighbour, a node that the last discovery found, or one that a network on the node finds.
   * @throws SecureError `answer-forged`; BaseError `closed`, `refused`, `request-timeout`, `not-connected` and others; `signal.reason`
   */
  async ask(id: NodeId, subject: Subject, options: AskOptions = {}): Promise<Learnt> {
    const signal = this.#signalWith(options.signal);
    signal.throwIfAborted();
    const way = this.#node.connectionTo(id) === undefined ? this.#ways.get(id) : undefined;
    if (way === undefined) return this.#ask(id, [], subject, signal);
    try {
      return await this.#ask(id, way, subject, signal);
    } catch (error) {
      signal.throwIfAborted();
      // Somebody on the way has left, or lies. A network may know another way; if there is none, the first failure is told.
      this.#ways.delete(id);
      return this.#ask(id, [], subject, signal).catch(() => Promise.reject(error));
    }
  }

  /**
   * Asks all nodes within some hops, for `timeoutMs` at most: who invents neighbours that do not answer cannot hold it up.
   * @throws RangeError; BaseError `closed`; `signal.reason`
   */
  async discover(hops: number, timeoutMs: number, options: AskOptions): Promise<NetworkGraph> {
    const { maxHops, maxNodes } = this.#limits;
    if (!(Number.isSafeInteger(hops) && hops >= 1 && hops <= maxHops)) {
      throw new RangeError(`there are from 1 to ${maxHops} hops`);
    }
    if (!(timeoutMs > 0)) throw new RangeError("timeoutMs is above 0");
    const signal = this.#signalWith(options.signal);
    signal.throwIfAborted();
    const { clock } = this.#node.seams;
    const crawl = new Crawl(this.#node.id, neighboursOf(this.#node), hops, maxNodes);
    const stop = new AbortController();
    const timer = clock.setTimeout(() => stop.abort(), timeoutMs);
    const onAbort = (): void => stop.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    await this.#crawl(crawl, stop.signal);
    clock.clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    signal.throwIfAborted();
    this.#ways = crawl.ways();
    return crawl.graph();
  }

  /** Ends all that it waits for, with `closed`, and asks no more. */
  close(): void {
    this.#closing.abort(new BaseError("closed", "the secure node is closed; make a new one to ask again"));
  }

  #signalWith(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
  }

  /** Never rejects. */
  async #crawl(crawl: Crawl, signal: AbortSignal): Promise<void> {
    const open = new Set<Promise<void>>();
    for (;;) {
      const inquiry = open.size < this.#limits.openQuestions && !signal.aborted ? crawl.next() : undefined;
      if (inquiry !== undefined) {
        const { id, path } = inquiry;
        const asked = this.#ask(id, path, "neighbours", signal).then(
          ({ neighbours, latencyMs }) => crawl.answered(id, neighbours, latencyMs),
          () => crawl.failed(id),
        );
        const settled = asked.finally(() => open.delete(settled));
        open.add(settled);
      } else if (open.size === 0) return;
      else await Promise.race(open);
    }
  }

  async #ask(id: NodeId, path: readonly NodeId[], subject: Subject, signal: AbortSignal): Promise<Learnt> {
    const { clock, random } = this.#node.seams;
    const [first = id, ...rest] = [...path, id];
    const question = { subject, nonce: random.bytes(nonceBytes), path: rest };
    const askedAt = clock.monotonic();
    const { data } = await this.#node.request(first, encodeQuestion(question), {
      type: questionType,
      timeoutMs: this.#limits.questionTimeoutMs * (1 + rest.length),
      signal,
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
