// The seam for networks (mesh, chord, ...) on top of a node: what a node tells them and lets them decide.
import type { Body, Frame, NodeId } from "@p2p/wire";
import type { Connection } from "../connection/connection.js";
import type { CloseReason } from "../session/close-reason.js";

/** A network attached to a node by `node.attach`. Its methods do not block and do not throw. */
export interface Protocol {
  /** Listed in the handshake and needed of every peer. */
  readonly features: readonly string[];
  /** Subtypes of whispers that it takes; one protocol a subtype. */
  readonly subtypes: readonly number[];
  /** Whether it takes broadcasts, of any subtype; one protocol a node. */
  readonly hasBroadcasts?: boolean;
  /**
   * A connection is up. When it replaces another one with the same node, this call comes before onDisconnected of the
   * old one: compare the objects.
   */
  onConnected(connection: Connection): void;
  onDisconnected(connection: Connection, reason: CloseReason): void;
  /**
   * A body whose type, sender, time and subtype are valid; the rest is for the protocol to check. The sender is the
   * peer's claim and need not be the peer. A WireError or a BaseError `bad-message` that is thrown closes with `protocol`.
   * @param rawBody uncompressed bytes of the body
   */
  onBody(connection: Connection, body: Body, frame: Frame, rawBody: Uint8Array): void;
  /** A send was answered by false, and there is room again. */
  onDrained?(connection: Connection): void;
  /**
   * Takes a whisper for a node that is no neighbour. @returns a promise of its being on its way, or undefined when
   * the network cannot do it
   * @param body of a whisper with this node as sender; deliver it there by `node.deliver`
   */
  route?(to: NodeId, body: Uint8Array): Promise<void> | undefined;
  /** The node is closing; connections are still up. Waited for, within the close timeout. */
  onClosing?(): Promise<void> | void;
}
