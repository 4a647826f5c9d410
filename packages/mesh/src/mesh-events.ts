// The events of a mesh.
import type { CloseReason, Connection, NamesOf } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import type { Message } from "./message.js";

/** Event names with their arguments. Events report; accepting or refusing is an option. */
export interface MeshEvents {
  /** A neighbour is there, dialled by this node or by itself. */
  readonly peerConnected: readonly [peer: NodeId, connection: Connection];
  /** A neighbour is gone. */
  readonly peerDisconnected: readonly [peer: NodeId, reason: CloseReason];
  /** A broadcast of another node, or a message to this node alone. */
  readonly message: readonly [message: Message];
  /** Something failed that no call waits for; also each bootstrap address that a node without links cannot dial. */
  readonly error: readonly [error: Error];
}

export const meshEventNames: NamesOf<MeshEvents> = {
  peerConnected: true,
  peerDisconnected: true,
  message: true,
  error: true,
};
