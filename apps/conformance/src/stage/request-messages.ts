// Requests as the suite writes and recognises them (spec/base-requests.md).
import type { Packable } from "../reference/msgpack.js";
import type { Message } from "./message.js";
import { isWhisper, subtype } from "./messages.js";
import type { RawPeer } from "./raw-peer.js";

export const isRequest: (message: Message) => boolean = isWhisper(subtype.request);
export const isResponse: (message: Message) => boolean = isWhisper(subtype.response);
export const isRefusal: (message: Message) => boolean = isWhisper(subtype.error);
export const isForward: (message: Message) => boolean = isWhisper(subtype.forward);
export const isRedirected: (message: Message) => boolean = isWhisper(subtype.redirected);

/** A response or a refusal of one request. */
export const isEndOf =
  (requestId: number) =>
  (message: Message): boolean =>
    (isResponse(message) || isRefusal(message)) && message.items[1] === requestId;

export function sendRequest(peer: RawPeer, requestId: number, type: string, data: Packable): void {
  peer.whisper(subtype.request, requestId, type, data);
}

export function sendResponse(peer: RawPeer, requestId: Packable, data: Packable): void {
  peer.whisper(subtype.response, requestId, data);
}

export function sendRefusal(peer: RawPeer, requestId: Packable, code: string, text: string): void {
  peer.whisper(subtype.error, requestId, code, text);
}

export function sendRedirected(peer: RawPeer, requestId: Packable, to: Uint8Array): void {
  peer.whisper(subtype.redirected, requestId, to);
}

export interface ForwardFields {
  readonly asker: Uint8Array;
  readonly addresses?: readonly string[];
  readonly requestId: number;
  readonly type: string;
  readonly data: Packable;
  /** Default: the sender alone. */
  readonly path?: readonly Uint8Array[];
}

export function sendForward(peer: RawPeer, fields: ForwardFields): void {
  const { asker, addresses = [], requestId, type, data, path = [peer.id] } = fields;
  peer.whisper(subtype.forward, asker, addresses, requestId, type, data, path);
}

/** The request id of a message of requests (of a forward it is the third item). */
export function requestIdOf(message: Message): number {
  return Number(message.items[isForward(message) ? 3 : 1]);
}
