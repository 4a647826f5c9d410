// Asks: turns a request into a promise that the table of pending requests keeps or breaks [BASE-210..BASE-229].
import type { NodeId, WireValue } from "@p2p/wire";
import { BaseError } from "../errors.js";
import type { NamesOf } from "../known-names.js";
import type { BudgetAccount, MemoryBudget } from "../limits/budget.js";
import { checkMessageType, defaultMessageType } from "../messages/app-message.js";
import type { Message } from "../messages/message.js";
import type { Clock } from "../runtime/clock.js";
import type { Random } from "../runtime/random.js";
import { type AskerEvent, type Ending, type NewRequest, type Outcome, PendingRequests } from "./pending-requests.js";
import type { RequestLimits } from "./request-limits.js";
import { type AnyRequestMessage, encodeRequestMessage } from "./request-messages.js";
import type { RequestTransport } from "./request-transport.js";

export interface RequestOptions {
  /** Picks the handler there. Default "message". */
  readonly type?: string;
  /** Ms until the promise rejects with `request-timeout`. Default 30,000. */
  readonly timeoutMs?: number;
  /** Gives up; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
}

export const requestOptionNames: NamesOf<RequestOptions> = { type: true, timeoutMs: true, signal: true };

interface Waiter {
  readonly type: string;
  readonly timeoutMs: number;
  resolve(message: Message): void;
  reject(error: unknown): void;
}

/** Random bytes fetched at once for request ids. */
const idPoolBytes = 384;
const idBytes = 6;

export class Asking {
  readonly #transport: RequestTransport;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #limits: RequestLimits;
  readonly #pending: PendingRequests<Waiter>;
  readonly #onDeadline: (deadline: number) => void;
  readonly #account: BudgetAccount;
  #idPool: Uint8Array = new Uint8Array(0);

  /** @param onDeadline told about each new deadline (monotonic ms), so that one timer serves all */
  constructor(
    parts: {
      readonly transport: RequestTransport;
      readonly clock: Clock;
      readonly random: Random;
      readonly budget: MemoryBudget;
    },
    limits: RequestLimits,
    onDeadline: (deadline: number) => void,
  ) {
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#limits = limits;
    this.#onDeadline = onDeadline;
    this.#account = parts.budget.account();
    this.#pending = new PendingRequests(parts.transport.id, limits);
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Requests that wait for this node. */
  countOf(peer: NodeId): number {
    return this.#pending.countOf(peer);
  }

  get unmatched(): number {
    return this.#pending.unmatched;
  }

  request(to: NodeId, data: WireValue, options: RequestOptions = {}): Promise<Message> {
    const { type = defaultMessageType, timeoutMs = this.#limits.timeoutMs, signal } = options;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (to === this.#transport.id) throw new RangeError("a node does not ask itself");
      if (!(timeoutMs > 0)) throw new RangeError("timeoutMs is above 0");
      checkMessageType(type);
      if (!this.#transport.takesRequests(to)) {
        throw new BaseError("feature-missing", `${to} takes no requests; send it a message instead`, { peer: to });
      }
      const requestId = this.#newId();
      const onAbort = (): void => {
        this.#pending.remove(requestId);
        this.#balance();
        reject(signal?.reason);
      };
      const stopListening = (): void => signal?.removeEventListener("abort", onAbort);
      this.#open({
        requestId,
        peer: to,
        isDirect: this.#transport.isConnected(to),
        deadline: this.#clock.monotonic() + timeoutMs,
        waiter: {
          type,
          timeoutMs,
          resolve(message) {
            stopListening();
            resolve(message);
          },
          reject(error) {
            stopListening();
            reject(error);
          },
        },
      });
      signal?.addEventListener("abort", onAbort, { once: true });
      const items = encodeRequestMessage({ kind: "request", requestId, type, data });
      this.#transport.send(to, items).catch((error: unknown) => {
        if (!this.#pending.sendFailed(requestId)) return;
        stopListening();
        reject(error);
      });
    });
  }

  /** @param bytes length of the body that brought the message */
  receive(from: NodeId, message: AnyRequestMessage, time: number, bytes: number): void {
    const event = eventOf(from, message, bytes);
    if (event === undefined) return;
    const ending = this.#pending.apply(message.requestId, event);
    this.#balance();
    if (ending !== undefined) settle(ending, time);
  }

  peerLost(peer: NodeId): void {
    for (const ending of this.#pending.peerLost(peer)) settle(ending, 0);
    this.#balance();
  }

  expire(now: number): void {
    for (const ending of this.#pending.expire(now)) settle(ending, 0);
    this.#balance();
  }

  nextDeadline(): number {
    return this.#pending.nextDeadline();
  }

  close(reason: Error): void {
    for (const waiter of this.#pending.clear()) waiter.reject(reason);
    this.#account.releaseAll();
  }

  /** Brings what is reserved for held answers up to date [BASE-132]. */
  #balance(): void {
    if (!this.#account.hold(this.#pending.earlyBytes)) {
      this.#pending.forgetEarly();
      this.#account.releaseAll();
    }
  }

  #open(request: NewRequest<Waiter>): void {
    if (!this.#pending.add(request)) {
      throw new BaseError(
        "too-many-requests",
        `${this.#pending.countOf(request.peer)} requests to the node and ${this.#pending.size} in all are open: wait for answers, or raise the limit`,
        { peer: request.peer },
      );
    }
    this.#onDeadline(request.deadline);
  }

  /** 48 random bits: who did not see the request cannot name it [BASE-211]. */
  #newId(): number {
    for (;;) {
      if (this.#idPool.length < idBytes) this.#idPool = this.#random.bytes(idPoolBytes);
      let id = 0;
      for (let i = 0; i < idBytes; i++) id = id * 256 + (this.#idPool[i] ?? 0);
      this.#idPool = this.#idPool.subarray(idBytes);
      if (!this.#pending.has(id)) return id;
    }
  }
}

function eventOf(from: NodeId, message: AnyRequestMessage, bytes: number): AskerEvent | undefined {
  switch (message.kind) {
    case "response":
      return { kind: "answered", from, data: message.data, bytes };
    case "refusal":
      return { kind: "refused", from, code: message.code, message: message.message, bytes };
    case "redirected":
      return { kind: "redirected", from, to: message.to, bytes };
    default:
      return undefined;
  }
}

/** @param time µs, of the message that ended it; an answer held for its redirection gets the time of that */
function settle(ending: Ending<Waiter>, time: number): void {
  const { outcome, waiter } = ending;
  if (outcome.kind === "answered") {
    waiter.resolve({ type: waiter.type, data: outcome.data, from: outcome.peer, time });
  } else {
    waiter.reject(errorOf(outcome, waiter));
  }
}

function errorOf(outcome: Exclude<Outcome, { kind: "answered" }>, { type, timeoutMs }: Waiter): BaseError {
  const { peer } = outcome;
  switch (outcome.kind) {
    case "refused": {
      const { code, message } = outcome;
      const text = `${peer} refused the request "${type}" with ${code}${message === "" ? "" : `: ${message}`}`;
      return new BaseError("refused", text, { peer, remoteCode: code, remoteMessage: message });
    }
    case "bad-redirect":
      return new BaseError("bad-redirect", `${peer} passed the request "${type}" on in a circle or too often`, {
        peer,
      });
    case "timeout":
      return new BaseError(
        "request-timeout",
        `${peer} did not answer the request "${type}" within ${timeoutMs} ms; it may act on it nonetheless`,
        { peer },
      );
    case "lost":
      return new BaseError("connection-lost", `the connection to ${peer} was lost before it answered "${type}"`, {
        peer,
      });
    default:
      return outcome satisfies never;
  }
}
