// What a single call of a node may be told besides its arguments.
import type { NodeId } from "@p2p/wire";
import type { Connection } from "./connection/connection.js";
import { checkOptions, type NamesOf } from "./known-names.js";
import { type RequestOptions, requestOptionNames } from "./requests/asking.js";

export interface DialNodeOptions {
  /** Dial again whenever the connection is lost; the promise then waits for the first success. Default: false. */
  readonly keep?: boolean;
  readonly signal?: AbortSignal;
}

const dialOptionNames: NamesOf<DialNodeOptions> = { keep: true, signal: true };

export interface SendOptions {
  /** Picks the handler there. Default: `message`. */
  readonly type?: string;
  /** Nodes that do not get it. Default: none. */
  readonly exclude?: readonly (NodeId | Connection)[];
  /** Gives up waiting for room. */
  readonly signal?: AbortSignal;
}

/** Of callers without types anything may come. @throws TypeError */
export function checkTarget(target: Connection | NodeId | string): void {
  if (typeof target === "string" || typeof target?.id === "string") return;
  throw new TypeError("a message goes to a connection, a node id, or an address");
}

/** @throws TypeError for an option that there is not */
export function checkDial(options: DialNodeOptions): void {
  checkOptions("of a dial", dialOptionNames, options);
}

/** @throws TypeError for an option that there is not, and as {@link checkTarget} */
export function checkRequest(target: Connection | NodeId | string, options: RequestOptions): void {
  checkTarget(target);
  checkOptions("of a request", requestOptionNames, options);
}
