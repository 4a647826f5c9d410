// What a single call of a node may be told besides its arguments.
import type { NodeId } from "@p2p/wire";
import type { Connection } from "./connection/connection.js";

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
