// The seam for signed messages: what a node sends by way of others is signed, and what comes so is judged, before it is
// delivered and before it is passed on [MESH-055]. A layer of security brings it; networks ask it.
import type { Body, NodeId, WireValue } from "@p2p/wire";
import type { Clock } from "../runtime/clock.js";

/** `accept`: goes on and is delivered. `ignore`: neither. `reject`: neither, and its bringer is to blame. */
export type SigningVerdict = "accept" | "ignore" | "reject";

/** What signing knows of its node. */
export interface SigningContext {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  readonly clock: Clock;
}

/** The signatures of one node in one network. Synchronous: the networks ask for every message. */
export interface Signing {
  /** Listed in the handshake and needed of every peer, so that all nodes of a network sign and judge by the same rules. */
  readonly features: readonly string[];
  /** Reads what is to be remembered over restarts. Awaited before the node listens or dials; a failure is that of `open`. */
  open(): Promise<void>;
  /** Called when the last connection is gone. */
  close(): Promise<void>;
  /** The most frames for one call of {@link sign}. */
  readonly batchFrames: number;
  /** By how many bytes at most {@link sign} makes a frame longer that is not alone. */
  readonly batchGrowthBytes: number;
  /**
   * The item to put last into a body of this node, before {@link sign}.
   * @param to whom it is for, unless it is for all
   */
  envelope(to?: NodeId): WireValue;
  /**
   * Signs uncompressed frames of this node, the last items of whose bodies are each of {@link envelope}: for many it costs little
   * more than for one. A single one is signed in place.
   * @returns what to send, in the same order, each valid without the others
   */
  sign(frames: readonly Uint8Array[]): readonly Uint8Array[];
  /**
   * Judges a message of another node. A message that was accepted is a replay from then on: ask once.
   * @param rawBody the uncompressed bytes of the body
   * @param origin the sender of the body, as text
   * @param via the neighbour that brought it, where there is one
   * @param to whom it came for, unless it is for all
   */
  judge(body: Body, rawBody: Uint8Array, origin: NodeId, via?: NodeId, to?: NodeId): SigningVerdict;
}
