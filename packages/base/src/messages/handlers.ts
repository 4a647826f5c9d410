// Which handler of the application takes which type of message [BASE-206] [BASE-207].
import type { NodeId, WireValue } from "@p2p/wire";
import type { Message } from "./message.js";

/** What a handler can do with the message it got. */
export interface HandlerContext {
  /** Whether the sender waits for an answer. If so, exactly one of reply, refuse and forward counts, the first. */
  readonly isRequest: boolean;
  /** Whether the request has been answered, or nobody waits for the answer any more. Always true without a request. */
  readonly isAnswered: boolean;
  /** Aborts when no answer can arrive: the asker's connections are gone, `answerTimeoutMs` is over, or the node closes. */
  readonly signal: AbortSignal;
  /**
   * Answers the request; for a message that is no request, sends a message of the same type back to its sender.
   * Resolves when the answer is queued. @throws BaseError `already-answered`, `connection-lost`, `request-timeout`
   */
  reply(data: WireValue): Promise<void>;
  /**
   * Refuses the request: the asker gets a BaseError `refused` with this code (1 to 64 bytes) and text (cut at 1,024).
   * @throws BaseError `not-a-request`, and as reply
   */
  refuse(code: string, message?: string): Promise<void>;
  /**
   * Passes the request on to a node that answers the asker in our place. Rejects, leaving the request open, when that
   * node cannot be reached. @throws BaseError `bad-redirect`, `not-a-request`, and as reply
   */
  forward(to: NodeId): Promise<void>;
}

/**
 * Takes a message. What it returns (or resolves to) answers a request, nothing counting as null, unless the handler
 * answered through the context. When it throws, the asker is refused with `handler-failed` and no detail.
 */
export type Handler = (message: Message, context: HandlerContext) => unknown;

/** The type that stands for every type without a handler of its own. */
export const anyType = "*";

/** The handlers of one node, by type. */
export class Handlers {
  readonly #byType = new Map<string, Handler>();

  /**
   * Binds a handler to a type, `*` being all types that have none. @returns a function that unbinds it.
   * @throws RangeError when the type has a handler already, or its name is empty
   */
  set(type: string, handler: Handler): () => void {
    if (typeof type !== "string") throw new TypeError("the type of a handler is a string");
    if (typeof handler !== "function") throw new TypeError(`the handler of "${type}" is not a function`);
    if (type === "") throw new RangeError("the type of a handler is not empty");
    if (this.#byType.has(type)) throw new RangeError(`type "${type}" has a handler; unbind it first`);
    this.#byType.set(type, handler);
    return () => {
      if (this.#byType.get(type) === handler) this.#byType.delete(type);
    };
  }

  get(type: string): Handler | undefined {
    return this.#byType.get(type) ?? this.#byType.get(anyType);
  }

  /** Unbinds all. */
  clear(): void {
    this.#byType.clear();
  }
}
