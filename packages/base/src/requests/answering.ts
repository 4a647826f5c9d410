// Answers: runs the handler of a request that came in and sends what it says to the asker [BASE-230..BASE-249].
import type { NodeId } from "@p2p/wire";
import { BaseError } from "../errors.js";
import type { BudgetAccount, MemoryBudget } from "../limits/budget.js";
import type { Handler, Handlers } from "../messages/handlers.js";
import type { Clock } from "../runtime/clock.js";
import { RequestContext } from "./request-context.js";
import type { RequestLimits } from "./request-limits.js";
import { encodeRequestMessage, type ForwardMessage, type RequestMessage } from "./request-messages.js";
import type { RequestTransport } from "./request-transport.js";
import { type ServedRequest, ServedRequests } from "./served-requests.js";

/** Codes of refusals that the node itself sends (spec/base-requests.md, section 7). */
export type OwnRefusalCode = "busy" | "no-handler" | "handler-failed" | "timeout" | "bad-forward";

/** How a request came: who sent the body, when by its clock, and whether over a connection of its own. */
export interface Arrival {
  readonly from: NodeId;
  /** µs. */
  readonly time: number;
  /** Length of the body. */
  readonly bytes: number;
  /** False when the body came through the router. */
  readonly isDirect: boolean;
}

export interface AnsweringParts {
  readonly transport: RequestTransport;
  readonly clock: Clock;
  readonly handlers: Handlers;
  /** Where the bodies of open requests are accounted for. */
  readonly budget: MemoryBudget;
  /** Told of handlers that failed. */
  readonly onError: (error: BaseError) => void;
}

export class Answering {
  readonly #parts: AnsweringParts;
  readonly #limits: RequestLimits;
  readonly #served: ServedRequests<RequestContext>;
  readonly #account: BudgetAccount;
  readonly #onDeadline: (deadline: number) => void;
  #unsent = 0;
  #strayForwards = 0;

  constructor(parts: AnsweringParts, limits: RequestLimits, onDeadline: (deadline: number) => void) {
    this.#parts = parts;
    this.#limits = limits;
    this.#onDeadline = onDeadline;
    this.#served = new ServedRequests(limits);
    this.#account = parts.budget.account();
  }

  get size(): number {
    return this.#served.size;
  }

  /** Requests of this node that wait for our handlers. */
  countOf(sender: NodeId): number {
    return this.#served.countOf(sender);
  }

  get refusedBusy(): number {
    return this.#served.refusedBusy;
  }

  get duplicates(): number {
    return this.#served.duplicates;
  }

  /** Answers and refusals that could not be sent. */
  get unsent(): number {
    return this.#unsent;
  }

  /** Requests of our own that came back to us. */
  get strayForwards(): number {
    return this.#strayForwards;
  }

  receiveRequest(message: RequestMessage, arrival: Arrival): void {
    const origin = { asker: arrival.from, askerAddresses: [], path: [] };
    this.#admit({ ...message, ...origin, kind: "forward" }, arrival);
  }

  /** @throws BaseError `bad-message` when the last node of the path is not the sender */
  receiveForward(message: ForwardMessage, arrival: Arrival): void {
    if (message.path.at(-1) !== arrival.from) {
      throw new BaseError("bad-message", "the path of a forwarded request does not end with its sender", {
        peer: arrival.from,
      });
    }
    const self = this.#parts.transport.id;
    if (message.asker === self) {
      this.#strayForwards++;
      return;
    }
    const isLoop = message.path.includes(self) || message.path.includes(message.asker);
    if (isLoop || message.path.length > this.#limits.maxForwards) {
      this.#refuseNow(message, "bad-forward", "forwarded in a circle or too often");
      return;
    }
    this.#admit(message, arrival);
  }

  peerLost(peer: NodeId): void {
    for (const { work, asker } of this.#served.peerLost(peer)) {
      work.abort(new BaseError("connection-lost", `${asker} went away before it was answered`, { peer: asker }));
    }
    this.#balance();
  }

  expire(now: number): void {
    for (const { work, asker } of this.#served.expire(now)) {
      if (!work.isAnswering) this.#refuse(work, "timeout", "no answer in time");
      work.abort(new BaseError("request-timeout", "the handler did not answer in time", { peer: asker }));
    }
    this.#balance();
  }

  nextDeadline(): number {
    return this.#served.nextDeadline();
  }

  close(reason: Error): void {
    for (const { work } of this.#served.clear()) work.abort(reason);
    this.#balance();
  }

  #admit(message: ForwardMessage, arrival: Arrival): void {
    const { asker, requestId } = message;
    const handler = this.#parts.handlers.get(message.type);
    const isRoom = this.#account.hold(this.#served.bytes + arrival.bytes);
    switch (this.#served.admit(asker, arrival.from, requestId, isRoom)) {
      case "duplicate":
        this.#balance();
        return;
      case "busy":
        this.#balance();
        this.#refuseNow(message, "busy", "too many requests are open");
        return;
      case "accepted":
        break;
    }
    if (handler === undefined) {
      this.#balance();
      this.#refuseNow(message, "no-handler", "nothing here handles this type");
      return;
    }
    const context = new RequestContext(message, this.#parts.transport, this.#limits, () => {
      this.#served.remove(asker, requestId);
      this.#balance();
    });
    const deadline = this.#parts.clock.monotonic() + this.#limits.answerTimeoutMs;
    const served: ServedRequest<RequestContext> = {
      requestId,
      asker,
      sender: arrival.from,
      bytes: arrival.bytes,
      isDirect: arrival.isDirect && asker === arrival.from,
      deadline,
      work: context,
    };
    this.#served.add(served);
    this.#onDeadline(deadline);
    void this.#run(handler, context, message, arrival.time);
  }

  /** Gives back what was reserved for requests that have ended [BASE-132]. */
  #balance(): void {
    this.#account.hold(this.#served.bytes);
  }

  /** Never rejects. */
  async #run(handler: Handler, context: RequestContext, request: ForwardMessage, time: number): Promise<void> {
    const { type, data, asker } = request;
    let result: unknown;
    try {
      result = await handler({ type, data, from: asker, time }, context);
      // A reply that the handler began and did not wait for; or one that failed, with nothing in its place.
      if (context.isAnswering || (result === undefined && !context.isAnswered)) await context.attempt;
    } catch (cause) {
      await this.#failed(context, type, cause);
      return;
    }
    if (context.isAnswered) return;
    try {
      await context.replyUnchecked(result);
    } catch (cause) {
      // The asker cannot be reached: nobody's mistake here. Anything else is a result that cannot be sent.
      if (cause instanceof BaseError && cause.code !== "message-too-large") this.#giveUp(context);
      else await this.#failed(context, type, cause);
    }
  }

  async #failed(context: RequestContext, type: string, cause: unknown): Promise<void> {
    if (context.isAborted) return;
    const text = cause instanceof Error ? cause.message : String(cause);
    this.#parts.onError(
      new BaseError("handler-failed", `the handler of "${type}" failed: ${text}`, { cause, peer: context.asker }),
    );
    // What the handler began before it failed goes first; only when that fails too is the request still open.
    if (context.isAnswering) await context.attempt?.catch(() => undefined);
    if (!context.isAnswered) this.#refuse(context, "handler-failed", "the handler failed");
  }

  #giveUp(context: RequestContext): void {
    this.#unsent++;
    context.drop();
  }

  #refuse(context: RequestContext, code: OwnRefusalCode, text: string): void {
    context.refuse(code, text).catch(() => this.#giveUp(context));
  }

  /** Refuses a request that never got a slot. Never dials: a forwarded request may name any address [BASE-245]. */
  #refuseNow(request: ForwardMessage, code: OwnRefusalCode, text: string): void {
    const items = encodeRequestMessage({ kind: "refusal", requestId: request.requestId, code, message: text });
    this.#parts.transport.send(request.asker, items).catch(() => {
      this.#unsent++;
    });
  }
}
