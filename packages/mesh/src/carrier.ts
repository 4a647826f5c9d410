// The seam for protocols on top of a mesh that have broadcasts of a subtype of their own. [MESH-016] [MESH-053] [MESH-054]
import type { NodeId, WireValue } from "@p2p/wire";
import type { Verdict } from "./validators.js";

/** A received broadcast of a carried subtype. Byte strings in it are views of what was received. */
export interface Carried {
  /** The subtype is the first one; the rest is for the carrier to check. */
  readonly items: readonly WireValue[];
  /** Its origin: a claim, unless a layer of security proves it. */
  readonly from: NodeId;
  /** The neighbour that brought it. */
  readonly via: NodeId;
  /** µs, by the clock of the origin. */
  readonly time: number;
  /** Length of the body that it came in. */
  readonly bytes: number;
}

/**
 * Takes a broadcast of another node, once, and judges it: it goes on to other nodes if the answer is `accept`. Who brings
 * what is rejected is to blame, as with validators.
 * @throws BaseError `bad-message`, WireError for what no honest node passes on: closes the link with `protocol`
 */
export type Carrier = (message: Carried) => Verdict;

/**
 * Broadcasts items, the subtype put before them. As `Mesh.broadcast`.
 * @returns false when it is on its way but more should wait for `Mesh.drained`
 */
export type CarriedSender = (...items: readonly WireValue[]) => boolean;
