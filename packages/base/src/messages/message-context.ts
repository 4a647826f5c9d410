// What a handler can do with a message that asks for no answer [BASE-206].
import type { NodeId, WireValue } from "@p2p/wire";
import { BaseError } from "../errors.js";
import type { HandlerContext } from "./handlers.js";
import type { Message } from "./message.js";

export class MessageContext implements HandlerContext {
  readonly isRequest = false;
  readonly isAnswered = true;
  readonly #message: Message;
  readonly #send: (to: NodeId, data: WireValue, type: string) => Promise<void>;
  readonly #closing: AbortSignal;

  /** @param closing aborts when the node closes */
  constructor(
    message: Message,
    send: (to: NodeId, data: WireValue, type: string) => Promise<void>,
    closing: AbortSignal,
  ) {
    this.#message = message;
    this.#send = send;
    this.#closing = closing;
  }

  get signal(): AbortSignal {
    return this.#closing;
  }

  reply(data: WireValue): Promise<void> {
    return this.#send(this.#message.from, data, this.#message.type);
  }

  refuse(): Promise<void> {
    return this.#noRequest("refused");
  }

  forward(): Promise<void> {
    return this.#noRequest("forwarded");
  }

  #noRequest(what: string): Promise<void> {
    const text = `a message of type "${this.#message.type}" cannot be ${what}: nobody waits for an answer`;
    return Promise.reject(new BaseError("not-a-request", text, { peer: this.#message.from }));
  }
}
