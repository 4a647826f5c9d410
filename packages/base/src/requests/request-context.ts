// The one request that a handler works on: reply, refuse or forward, whichever comes first [BASE-234] [BASE-235].
import type { NodeId, WireValue } from "@p2p/wire";
import { BaseError } from "../errors.js";
import type { HandlerContext } from "../messages/handlers.js";
import type { RequestLimits } from "./request-limits.js";
import { encodeRequestMessage, type ForwardMessage, requestFieldLimits } from "./request-messages.js";
import type { RequestTransport } from "./request-transport.js";

export class RequestContext implements HandlerContext {
  readonly isRequest = true;
  readonly #request: ForwardMessage;
  readonly #transport: RequestTransport;
  readonly #limits: RequestLimits;
  readonly #release: () => void;
  #state: "open" | "answering" | "answered" = "open";
  /** Made when somebody looks at the signal. */
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;
  #attempt: Promise<void> | undefined;

  /** @param release frees the slot of the request; harmless when it is free */
  constructor(request: ForwardMessage, transport: RequestTransport, limits: RequestLimits, release: () => void) {
    this.#request = request;
    this.#transport = transport;
    this.#limits = limits;
    this.#release = release;
  }

  get isAnswered(): boolean {
    return this.#state === "answered";
  }

  get isAnswering(): boolean {
    return this.#state === "answering";
  }

  get isAborted(): boolean {
    return this.#abortReason !== undefined;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  get asker(): NodeId {
    return this.#request.asker;
  }

  /** The last reply, refusal or forwarding that was tried; rejects as it did. */
  get attempt(): Promise<void> | undefined {
    return this.#attempt;
  }

  reply(data: WireValue): Promise<void> {
    return this.replyUnchecked(data);
  }

  /** As reply, for what a handler returned: the encoder is what checks it. */
  replyUnchecked(data: unknown): Promise<void> {
    const { requestId } = this.#request;
    // The encoder throws for what is no WireValue.
    const value = data === undefined ? null : (data as WireValue);
    return this.#answer(() => this.#toAsker(encodeRequestMessage({ kind: "response", requestId, data: value })));
  }

  refuse(code: string, message = ""): Promise<void> {
    const { requestId } = this.#request;
    const codeBytes = new TextEncoder().encode(code).length;
    if (codeBytes === 0 || codeBytes > requestFieldLimits.codeBytes) {
      return Promise.reject(new RangeError(`the code of a refusal has 1 to ${requestFieldLimits.codeBytes} bytes`));
    }
    const text = cut(message, requestFieldLimits.messageBytes);
    return this.#answer(() => this.#toAsker(encodeRequestMessage({ kind: "refusal", requestId, code, message: text })));
  }

  forward(to: NodeId): Promise<void> {
    const request = this.#request;
    const self = this.#transport.id;
    const path = [...request.path, self];
    if (to === request.asker || path.includes(to) || path.length > this.#limits.maxForwards) {
      const text = `the request "${request.type}" cannot be passed on to ${to}: it was there, or was passed on too often`;
      return Promise.reject(new BaseError("bad-redirect", text, { peer: to }));
    }
    return this.#answer(async () => {
      const askerAddresses = this.#addressesOfAsker();
      await this.#transport.send(to, encodeRequestMessage({ ...request, askerAddresses, path }));
      // The asker may hear from the new node first; it holds that until this arrives [BASE-221].
      // If it cannot, it waits for the one that went away, and times out.
      const redirected = encodeRequestMessage({ kind: "redirected", requestId: request.requestId, to });
      await this.#toAsker(redirected).catch(() => undefined);
    });
  }

  /** Nobody waits any more. */
  abort(reason: Error): void {
    this.#abortReason ??= reason;
    if (this.#state === "open") this.#state = "answered";
    this.#controller?.abort(reason);
  }

  /** Gives up answering. */
  drop(): void {
    this.#state = "answered";
    this.#release();
  }

  #answer(send: () => Promise<void>): Promise<void> {
    if (this.#abortReason !== undefined) return Promise.reject(this.#abortReason);
    if (this.#state !== "open") {
      const text = `the request "${this.#request.type}" has been answered`;
      return Promise.reject(new BaseError("already-answered", text, { peer: this.#request.asker }));
    }
    this.#state = "answering";
    const attempt = this.#perform(send);
    this.#attempt = attempt;
    // A handler may drop the promise: what runs the handler looks at it.
    attempt.catch(() => undefined);
    return attempt;
  }

  async #perform(send: () => Promise<void>): Promise<void> {
    try {
      await send();
    } catch (error) {
      this.#state = this.#abortReason === undefined ? "open" : "answered";
      throw error;
    }
    this.#state = "answered";
    this.#release();
  }

  /** As the request came with, or as the asker's own handshake named them; what no message may hold left out. */
  #addressesOfAsker(): readonly string[] {
    const { asker, askerAddresses } = this.#request;
    if (askerAddresses.length > 0) return askerAddresses;
    const { addresses, addressBytes } = requestFieldLimits;
    const fits = (address: string): boolean => new TextEncoder().encode(address).length <= addressBytes;
    return this.#transport.addressesOf(asker).filter(fits).slice(0, addresses);
  }

  #toAsker(items: readonly WireValue[]): Promise<void> {
    const { asker, askerAddresses } = this.#request;
    const tried = askerAddresses.slice(0, this.#limits.addressesTried);
    return tried.length === 0 ? this.#transport.send(asker, items) : this.#transport.sendTo(asker, tried, items);
  }
}

/** The text, or as much of its beginning as fits into `maxBytes` of UTF-8. */
function cut(text: string, maxBytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes));
  return text.slice(0, read);
}
