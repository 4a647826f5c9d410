// The events of a node.

import type { Connection } from "./connection/connection.js";
import type { NamesOf } from "./known-names.js";
import type { ReceivedMessage } from "./messages/app-message.js";
import type { CloseReason } from "./session/close-reason.js";

/** Event names with their arguments. Events report; accepting or refusing is an option. */
export interface NodeEvents {
  /** Somebody connected to this node. */
  readonly inboundConnected: readonly [connection: Connection];
  /** This node connected to somebody. */
  readonly outboundConnected: readonly [connection: Connection];
  /** A connection that somebody dialled is over. */
  readonly inboundDisconnected: readonly [connection: Connection, reason: CloseReason];
  /** A connection that this node dialled is over. */
  readonly outboundDisconnected: readonly [connection: Connection, reason: CloseReason];
  /** An application message to this node; a request goes to its handler alone. */
  readonly message: readonly [message: ReceivedMessage];
  /** Something failed that no call waits for. */
  readonly error: readonly [error: Error];
  /** A connection that was to be kept is given up. */
  readonly reconnectFailed: readonly [address: string, error: Error];
  /** The node begins to close; its connections are still up. */
  readonly closing: readonly [];
}

export const nodeEventNames: NamesOf<NodeEvents> = {
  inboundConnected: true,
  outboundConnected: true,
  inboundDisconnected: true,
  outboundDisconnected: true,
  message: true,
  error: true,
  reconnectFailed: true,
  closing: true,
};
