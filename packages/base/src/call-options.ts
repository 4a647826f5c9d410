// What a single call of a node may be told besides its arguments.
import type { NodeId, WireValue } from "@p2p/wire";
import type { Connection } from "./connection/connection.js";
import { checkOptions, type NamesOf } from "./known-names.js";
import { defaultMessageType, encodeAppMessage } from "./messages/app-message.js";

export interface DialNodeOptions {
  /** Dial again whenever the connection is lost; the promise then waits for the first success. Default: false. */
  readonly keep?: boolean;
  readonly signal?: AbortSignal;
}

export interface SendOptions {
  /** Picks the handler there. Default: `message`. */
  readonly type?: string;
  /** Nodes that do not get it. Default: none. */
  readonly exclude?: readonly (NodeId | Connection)[];
  /** Gives up waiting for room. */
  readonly signal?: AbortSignal;
}

export const dialOptionNames: NamesOf<DialNodeOptions> = { keep: true, signal: true };
const sendOptionNames: NamesOf<SendOptions> = { type: true, exclude: true, signal: true };

/** Of callers without types anything may come. @throws TypeError */
export function checkTarget(target: Connection | NodeId | string): void {
  if (typeof target === "string" || typeof target?.id === "string") return;
  throw new TypeError("a message goes to a connection, a node id, or an address");
}

/** What is sent, and to whom not. */
export interface Outgoing extends Required<Pick<SendOptions, "exclude">>, Pick<SendOptions, "signal"> {
  readonly items: readonly WireValue[];
}

/** @throws TypeError for an option that there is not; RangeError for a type that cannot be; `signal.reason` */
export function outgoing(data: WireValue, options: SendOptions): Outgoing {
  checkOptions("of a message", sendOptionNames, options);
  const { type = defaultMessageType, exclude = [], signal } = options;
  signal?.throwIfAborted();
  const items = encodeAppMessage(data, type);
  return signal === undefined ? { items, exclude } : { items, exclude, signal };
}
