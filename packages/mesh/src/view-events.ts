// What views are told, and what they want done: the events and effects of the active and passive view. [MESH-020]
import type { NodeId } from "@p2p/wire";
import type { Candidate } from "./passive-view.js";

export interface ViewOptions {
  readonly self: NodeId;
  /** Links that a node dials for itself, at least; so many are never taken by inbound links. */
  readonly activeMin: number;
  /** Links that a node seeks to have. */
  readonly activeTarget: number;
  /** Most links; a network with no more known nodes than this is fully connected. */
  readonly activeMax: number;
  readonly passiveSize: number;
  readonly bootstrap: readonly string[];
  /** Seeded randomness in [0, 1). */
  readonly random: () => number;
}

export type ViewEvent =
  | { readonly kind: "linkUp"; readonly id: NodeId; readonly outbound: boolean; readonly addresses: readonly string[] }
  | { readonly kind: "linkDown"; readonly id: NodeId; readonly cause: LinkEnd }
  | { readonly kind: "neighbour"; readonly from: NodeId; readonly links: number; readonly wantsPeers: boolean }
  | { readonly kind: "peers"; readonly from: NodeId; readonly entries: readonly Candidate[] }
  | { readonly kind: "dialled"; readonly target: DialTarget; readonly outcome: DialOutcome }
  | { readonly kind: "tick" };

/** How a link ended: its node had too many, vanished, said good-bye, or does not fit. */
export type LinkEnd = "full" | "gone" | "left" | "refused";

/** Whom to dial: a known node, or whoever answers at a bootstrap address. */
export type DialTarget =
  | { readonly kind: "node"; readonly id: NodeId; readonly addresses: readonly string[] }
  | { readonly kind: "bootstrap"; readonly address: string };

/** What came of a dial; `id` is who answered. */
export type DialOutcome =
  | { readonly kind: "connected"; readonly id: NodeId }
  | { readonly kind: "failed" }
  /** It is this very node, or one that will never fit: wrong network, version or features. */
  | { readonly kind: "unfit" };

export type ViewEffect =
  | { readonly kind: "dial"; readonly target: DialTarget }
  | { readonly kind: "sendNeighbour"; readonly to: NodeId; readonly links: number; readonly wantsPeers: boolean }
  | { readonly kind: "sendPeers"; readonly to: NodeId; readonly entries: readonly Candidate[] }
  | { readonly kind: "close"; readonly id: NodeId; readonly cause: "view-full" | "rate" };
