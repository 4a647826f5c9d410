// The bootstrap addresses: dialled to join, with waits that grow, and rarely ever after, so that rings find one another.
// [CHORD-018] [CHORD-035]
import { BaseError, type Node } from "@p2p/base";
import type { NodeId } from "@p2p/wire";

export interface BootstrapListener {
  /** A node has a link now, whom it may have had before. */
  reached(id: NodeId): void;
  /** An address is this node's own; `isOnly`: all are, so that there is nobody to join by. */
  named(isOnly: boolean): void;
  /** An address could not be dialled while the node had nobody; it is tried again. */
  failed(error: BaseError): void;
}

const retryDelaysMs = [500, 1_000, 2_000, 5_000, 15_000, 60_000] as const;
const lookInMs = 300_000;

export class Bootstrap {
  readonly #node: Node;
  readonly #listener: BootstrapListener;
  readonly #addresses: Set<string>;
  readonly #closing = new AbortController();
  #dueAtMs = Number.POSITIVE_INFINITY;
  #failures = 0;
  #isDialling = false;

  constructor(node: Node, addresses: readonly string[], listener: BootstrapListener) {
    this.#node = node;
    this.#addresses = new Set(addresses);
    this.#listener = listener;
  }

  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  start(nowMs: number): void {
    if (this.#addresses.size > 0) this.#dueAtMs = nowMs;
  }

  /** Dials all addresses if it is time. `isAlone`: the node has no member to go by. */
  tick(isAlone: boolean, nowMs: number): void {
    if (this.#isDialling || nowMs < this.#dueAtMs) return;
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    this.#isDialling = true;
    void this.#dialAll(isAlone);
  }

  /** The node has nobody any more: no need to wait for the next look. */
  hurry(nowMs: number): void {
    if (this.#isDialling || this.#addresses.size === 0) return;
    this.#failures = 0;
    this.#dueAtMs = Math.min(this.#dueAtMs, nowMs + this.#spread(retryDelaysMs[0]));
  }

  close(): void {
    this.#closing.abort();
    this.#dueAtMs = Number.POSITIVE_INFINITY;
  }

  async #dialAll(isAlone: boolean): Promise<void> {
    let isReached = false;
    for (const address of [...this.#addresses]) {
      if (this.#closing.signal.aborted) return;
      try {
        const { id } = await this.#node.dial(address, { signal: this.#closing.signal });
        isReached = true;
        this.#listener.reached(id);
      } catch (error) {
        if (this.#closing.signal.aborted || !(error instanceof BaseError)) return;
        if (error.code === "self-dial") {
          this.#addresses.delete(address);
          this.#listener.named(this.#addresses.size === 0);
        } else if (isAlone) this.#listener.failed(error);
      }
    }
    this.#isDialling = false;
    const last = retryDelaysMs[retryDelaysMs.length - 1] ?? lookInMs;
    const delayMs = isReached && !isAlone ? lookInMs : (retryDelaysMs[this.#failures] ?? last);
    this.#failures++;
    this.#dueAtMs = this.#node.seams.clock.monotonic() + this.#spread(delayMs);
    if (this.#addresses.size === 0) this.#dueAtMs = Number.POSITIVE_INFINITY;
  }

  #spread(ms: number): number {
    return ms * (0.5 + this.#node.seams.random.float());
  }
}
