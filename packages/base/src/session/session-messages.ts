// The items of the session's own messages, checked [BASE-025].
import { isUnsigned, type WireValue } from "@p2p/wire";
import { BaseError } from "../errors.js";
import { type CloseReason, peerReason } from "./close-reason.js";

/** What a close says. @throws BaseError `bad-message` */
export function decodeClose(items: readonly WireValue[]): CloseReason {
  const [, code, text] = items;
  if (!isUnsigned(code) || typeof text !== "string")
    throw new BaseError("bad-message", "a close has no code or no text");
  return peerReason(code, text);
}

/** The nonce of a ping. @throws BaseError `bad-message` */
export function decodePing(items: readonly WireValue[]): number {
  const [nonce] = items;
  if (!isUnsigned(nonce)) throw new BaseError("bad-message", "the nonce of a ping is no unsigned integer");
  return nonce;
}

/** The nonce of a pong, and when the ping came by the peer's clock, µs. @throws BaseError `bad-message` */
export function decodePong(items: readonly WireValue[]): readonly [nonce: number, cameUs: number] {
  const [nonce, cameUs] = items;
  if (!isUnsigned(nonce) || !isUnsigned(cameUs)) {
    throw new BaseError("bad-message", "an item of a pong is no unsigned integer");
  }
  return [nonce, cameUs];
}
