// Asks that wait for their answers: one table, bounded, with a time for each by what its peer takes. [CHORD-047] [CHORD-048]
import type { WireValue } from "@p2p/wire";
import type { Link } from "./link.js";
import type { Answer } from "./messages/answer.js";

/** How an ask ended: by an answer, by its time, or with the connection. */
export type AskEnd = Answer | "timeout" | "lost";

interface Pending {
  readonly link: Link;
  readonly sentMs: number;
  readonly timeoutMs: number;
  deadlineMs: number;
  /** What had come from the peer when it was asked, or looked at last. */
  received: number;
  readonly onEnd: (end: AskEnd) => void;
}

/** A peer that sends other things meanwhile is busy, not dead: it gets so much time in all, in ms. */
const aliveMs = 8_000;

export class Asks {
  readonly #pending = new Map<number, Pending>();
  readonly #most: number;
  readonly #nextId: () => number;

  /** @param most asks that may be open */
  constructor(most: number, nextId: () => number) {
    this.#most = most;
    this.#nextId = nextId;
  }

  get size(): number {
    return this.#pending.size;
  }

  get isFull(): boolean {
    return this.#pending.size >= this.#most;
  }

  /**
   * Sends what `encode` makes of a fresh request id. @returns the id, or undefined when nothing was sent
   * @param onEnd called once, later
   * @param timeoutMs default: by what the peer took so far
   */
  ask(
    link: Link,
    encode: (requestId: number) => readonly WireValue[],
    onEnd: (end: AskEnd) => void,
    nowMs: number,
    timeoutMs: number = link.roundTrip.timeoutMs,
  ): number | undefined {
    if (this.isFull) return undefined;
    const requestId = this.#nextId();
    if (!link.send(encode(requestId))) return undefined;
    const { received } = link;
    const deadlineMs = nowMs + timeoutMs;
    this.#pending.set(requestId, { link, sentMs: nowMs, timeoutMs, deadlineMs, received, onEnd });
    return requestId;
  }

  /** Takes an answer; one that nobody waits for, or from another node than was asked, is nobody's. */
  answered(link: Link, answer: Answer, nowMs: number): void {
    const pending = this.#pending.get(answer.requestId);
    if (pending === undefined || pending.link !== link) return;
    this.#pending.delete(answer.requestId);
    link.roundTrip.answered(nowMs - pending.sentMs);
    pending.onEnd(answer);
  }

  /** Nobody waits any more. */
  forget(requestId: number): void {
    this.#pending.delete(requestId);
  }

  tick(nowMs: number): void {
    for (const [requestId, pending] of this.#pending) {
      if (pending.deadlineMs > nowMs) continue;
      const { received } = pending.link;
      if (received > pending.received && nowMs - pending.sentMs < aliveMs) {
        pending.received = received;
        pending.deadlineMs = nowMs + pending.timeoutMs;
        continue;
      }
      this.#pending.delete(requestId);
      pending.link.roundTrip.timedOut();
      pending.onEnd("timeout");
    }
  }

  /** This process stood still for so long: what it waits for may be there already. */
  excuse(ms: number): void {
    for (const pending of this.#pending.values()) pending.deadlineMs += ms;
  }

  lost(link: Link): void {
    for (const [requestId, pending] of this.#pending) {
      if (pending.link !== link) continue;
      this.#pending.delete(requestId);
      pending.onEnd("lost");
    }
  }

  close(): void {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const { onEnd } of all) onEnd("lost");
  }
}
