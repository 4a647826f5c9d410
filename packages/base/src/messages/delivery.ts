// Where a received body goes: to the application, to requests, or to the network that takes it [BASE-070] to [BASE-072].
import { type Body, type Frame, flags, type NodeId, type NodeIdCache, type WireValue } from "@p2p/wire";
import type { Connection } from "../connection/connection.js";
import type { Link } from "../connection/link.js";
import { BaseError } from "../errors.js";
import { requestSubtypes } from "../requests/request-messages.js";
import type { Requests } from "../requests/requests.js";
import { compareBytes } from "../session/duplicates.js";
import { decodeAppMessage, ReceivedMessage } from "./app-message.js";
import type { Handler, Handlers } from "./handlers.js";
import type { Inbox } from "./inbox.js";
import { MessageContext } from "./message-context.js";
import type { Protocols } from "./protocols.js";
import type { Signing } from "./signing.js";

const { mainTypes, subtypes } = flags;

export interface DeliveryParts {
  readonly id: NodeId;
  readonly names: NodeIdCache;
  readonly signing: Signing | undefined;
  readonly handlers: Handlers;
  readonly protocols: Protocols;
  readonly requests: Requests;
  readonly inbox: Inbox;
  readonly closing: AbortSignal;
  readonly hasListeners: () => boolean;
  readonly onMessage: (message: ReceivedMessage) => void;
  readonly onError: (error: unknown) => void;
  readonly reply: (to: NodeId, data: WireValue, type: string) => Promise<void>;
}

const isRequestSubtype: readonly boolean[] = Array.from({ length: 0x40 }, (_, n) => requestSubtypes.includes(n));

export class Delivery {
  readonly #parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** A body of a neighbour. Unknown types and subtypes are ignored. @throws BaseError `bad-message`, WireError */
  receive(link: Link, body: Body, frame: Frame, rawBody: Uint8Array): void {
    if (body.type === mainTypes.broadcast) {
      this.#parts.protocols.broadcast(link, body, frame, rawBody);
      return;
    }
    const subtype = body.items[0];
    if (body.type !== mainTypes.whisper || typeof subtype !== "number") return;
    if (subtype === subtypes.whisper) {
      checkSender(link, body);
      link.touch();
      this.#message(body, link.id, link, rawBody.length);
    } else if (isRequestSubtype[subtype] === true) {
      checkSender(link, body);
      link.touch();
      const arrival = { from: link.id, time: body.time, bytes: rawBody.length, isDirect: true };
      this.#parts.requests.receive(body.items, arrival);
    } else this.#parts.protocols.whisper(subtype, link, body, frame, rawBody);
  }

  /** A body that a network brought from a node that is no neighbour. @throws BaseError `bad-message`, WireError */
  receiveRouted(body: Body, rawBody: Uint8Array, isJudged: boolean): void {
    const { id, names, signing } = this.#parts;
    const from = names.toText(body.sender);
    if (!isJudged && signing !== undefined && signing.judge(body, rawBody, from, undefined, id) !== "accept") {
      throw new BaseError("bad-message", "a routed message that its sender did not sign for this node now", {
        peer: from,
      });
    }
    const subtype = body.items[0];
    if (body.type === mainTypes.whisper && subtype === subtypes.whisper) {
      this.#message(body, from, undefined, rawBody.length);
    } else if (body.type === mainTypes.whisper && typeof subtype === "number" && isRequestSubtype[subtype] === true) {
      this.#parts.requests.receive(body.items, { from, time: body.time, bytes: rawBody.length, isDirect: false });
    } else throw new BaseError("bad-message", "a routed body that is no message of an application", { peer: from });
  }

  #message(body: Body, from: NodeId, connection: Connection | undefined, bytes: number): void {
    const { handlers, inbox, hasListeners, onMessage } = this.#parts;
    const [type, data] = decodeAppMessage(body.items);
    const handler = handlers.get(type);
    const isHeard = hasListeners();
    if (handler === undefined && !isHeard && !inbox.hasReaders) return;
    const message = new ReceivedMessage(type, data, from, body.time, connection, bytes);
    if (handler !== undefined) this.#handle(handler, message);
    if (isHeard) onMessage(message);
    if (inbox.hasReaders) inbox.push(message);
  }

  #handle(handler: Handler, message: ReceivedMessage): void {
    try {
      const result = handler(message, new MessageContext(message, this.#parts.reply, this.#parts.closing));
      if (result instanceof Promise) result.catch((cause: unknown) => this.#failed(message, cause));
    } catch (cause) {
      this.#failed(message, cause);
    }
  }

  #failed(message: ReceivedMessage, cause: unknown): void {
    const text = cause instanceof Error ? cause.message : String(cause);
    this.#parts.onError(
      new BaseError("handler-failed", `the handler of "${message.type}" failed: ${text}`, {
        cause,
        peer: message.from,
      }),
    );
  }
}

/** A message to a neighbour comes from the neighbour itself; networks route in messages of their own [BASE-072]. */
function checkSender(link: Link, body: Body): void {
  if (compareBytes(body.sender, link.idBytes) !== 0) {
    throw new BaseError("bad-message", "a message to a neighbour in the name of another node");
  }
}
