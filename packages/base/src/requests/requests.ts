// Requests of one node, both sides: dispatches their messages and sweeps both tables with one timer [BASE-200..BASE-249].
import type { NodeId, WireValue } from "@p2p/wire";
import type { Message } from "../messages/message.js";
import type { TimerHandle } from "../runtime/clock.js";
import type { Random } from "../runtime/random.js";
import { Answering, type AnsweringParts, type Arrival } from "./answering.js";
import { Asking, type RequestOptions } from "./asking.js";
import type { RequestLimits } from "./request-limits.js";
import { decodeRequestMessage } from "./request-messages.js";

export interface RequestsParts extends AnsweringParts {
  readonly random: Random;
}

/** Figures of one node's requests. */
export interface RequestCounters {
  /** Our requests that wait for an answer. */
  readonly asking: number;
  /** Requests of others that wait for our handlers. */
  readonly answering: number;
  /** Answers that no open request wanted: late, unknown, twice, or of a node that was not asked. */
  readonly unmatchedAnswers: number;
  /** Requests refused because too many were open. */
  readonly refusedBusy: number;
  /** Requests ignored because the same asker had the same id open. */
  readonly duplicateRequests: number;
  /** Answers that could not be sent because the asker was out of reach. */
  readonly unsentAnswers: number;
}

/** Ms between two sweeps, at least: a burst of deadlines costs a few sweeps, and a timeout comes this late at most. */
const sweepIntervalMs = 5;

export class Requests {
  readonly #parts: RequestsParts;
  readonly #asking: Asking;
  readonly #answering: Answering;
  #timer: TimerHandle | undefined;
  /** When the timer runs, monotonic ms. */
  #timerAt = Number.POSITIVE_INFINITY;
  #lastSweep = Number.NEGATIVE_INFINITY;
  #closed: Error | undefined;

  constructor(parts: RequestsParts, limits: RequestLimits) {
    const onDeadline = (deadline: number): void => this.#arm(deadline);
    this.#parts = parts;
    this.#asking = new Asking(parts, limits, onDeadline);
    this.#answering = new Answering(parts, limits, onDeadline);
  }

  get counters(): RequestCounters {
    return {
      asking: this.#asking.size,
      answering: this.#answering.size,
      unmatchedAnswers: this.#asking.unmatched + this.#answering.strayForwards,
      refusedBusy: this.#answering.refusedBusy,
      duplicateRequests: this.#answering.duplicates,
      unsentAnswers: this.#answering.unsent,
    };
  }

  /**
   * Asks a node and waits for its answer, or that of the node it forwards the request to (spec/base-requests.md).
   *
   * @throws BaseError `refused` (with `remoteCode`, `remoteMessage`, `peer`), `request-timeout`, `connection-lost`,
   * `too-many-requests`, `bad-redirect`, and what sending throws; the signal's reason when it aborts
   */
  request(to: NodeId, data: WireValue, options?: RequestOptions): Promise<Message> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    return this.#asking.request(to, data, options);
  }

  /**
   * Takes a whisper with one of the subtypes of requests.
   *
   * @throws BaseError `bad-message`: the session closes the connection with `protocol error`
   */
  receive(items: readonly WireValue[], arrival: Arrival): void {
    const message = decodeRequestMessage(items);
    if (this.#closed !== undefined) return;
    switch (message.kind) {
      case "request":
        this.#answering.receiveRequest(message, arrival);
        break;
      case "forward":
        this.#answering.receiveForward(message, arrival);
        break;
      default:
        this.#asking.receive(arrival.from, message, arrival.time, arrival.bytes);
    }
  }

  /** Whether a request is open between this node and that one, either way: their connection is in use. */
  isOpenWith(peer: NodeId): boolean {
    return this.#asking.countOf(peer) > 0 || this.#answering.countOf(peer) > 0;
  }

  /** The last connection to a node is gone. */
  peerLost(peer: NodeId): void {
    this.#asking.peerLost(peer);
    this.#answering.peerLost(peer);
  }

  /** Ends everything with `reason`; harmless when repeated. */
  close(reason: Error): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#disarm();
    this.#asking.close(reason);
    this.#answering.close(reason);
  }

  #arm(deadline: number): void {
    const at = Math.max(deadline, this.#lastSweep + sweepIntervalMs);
    if (at >= this.#timerAt || this.#closed !== undefined) return;
    this.#disarm();
    this.#timerAt = at;
    const delayMs = Math.max(0, at - this.#parts.clock.monotonic());
    this.#timer = this.#parts.clock.setTimeout(() => this.#sweep(), delayMs);
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #sweep(): void {
    const now = this.#parts.clock.monotonic();
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#lastSweep = now;
    this.#asking.expire(now);
    this.#answering.expire(now);
    const next = Math.min(this.#asking.nextDeadline(), this.#answering.nextDeadline());
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
  }
}
