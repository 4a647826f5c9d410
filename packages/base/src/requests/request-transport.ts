// What requests need of the node that carries them; the node gives it, tests fake it.
import type { NodeId, WireValue } from "@p2p/wire";

export interface RequestTransport {
  /** This node. */
  readonly id: NodeId;
  isConnected(to: NodeId): boolean;
  /** False for a connected node whose handshake does not list the feature of requests. */
  takesRequests(to: NodeId): boolean;
  /** Where a connected node listens, as it says; empty when it is not connected. A forwarded request carries them. */
  addressesOf(peer: NodeId): readonly string[];
  /**
   * Sends a whisper (the subtype is the first item) over the connection to a node, or through the router of the
   * network. Resolves when it is queued. Rejects when it cannot be encoded or the node cannot be reached.
   */
  send(to: NodeId, items: readonly WireValue[]): Promise<void>;
  /** As send; when there is neither connection nor router, by a temporary connection to one of the addresses. */
  sendTo(to: NodeId, addresses: readonly string[], items: readonly WireValue[]): Promise<void>;
}
