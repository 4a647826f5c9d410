// What happens to a node's part in the ring, and what it does then: plain data. [CHORD-020 to CHORD-038]
import type { NodeId } from "@p2p/wire";
import type { Contact, Neighbourhood } from "./contact.js";

/** `seeking`: knows no place yet. `client`: knows its place, but stands in nobody's list. `member`: part of the ring. */
export type Role = "seeking" | "client" | "member";

/** Why a node is asked for its neighbourhood. */
export type AskPurpose =
  /** The first successor, each round. */
  | "stabilise"
  /** It may be a nearer successor. */
  | "adopt"
  /** Is it alive? */
  | "probe"
  /** It is to be the successor of a node that joins. */
  | "join"
  /** It is to be the predecessor of a node that joins. */
  | "inherit"
  /** It is the last one known of a small ring. */
  | "walk";

/** What a position is looked up for: a place to join, another ring than this node's, or the finger of a number. */
export type FindPurpose = "join" | "merge" | number;

export type RingEvent =
  /** The node opens. `isFounder`: it has nobody to join by. */
  | { readonly kind: "start"; readonly serves: boolean; readonly isFounder: boolean }
  /** This node is among those to join by, so that it may found the ring if the others do not; `isOnly`: there is no other. */
  | { readonly kind: "named"; readonly isOnly: boolean }
  /** Time has passed. */
  | { readonly kind: "tick" }
  /** A neighbour told what it is; repeated when that changes. */
  | { readonly kind: "linked"; readonly peer: Contact; readonly role: Role; readonly mayFound: boolean }
  /** A link is over. `isLost`: not because one of the two had no use for it any more. */
  | { readonly kind: "unlinked"; readonly id: NodeId; readonly isLost: boolean }
  /** A member that may be of another ring. */
  | { readonly kind: "met"; readonly peer: Contact }
  /** The answer to an ask. */
  | { readonly kind: "told"; readonly from: Contact; readonly purpose: AskPurpose; readonly told: Neighbourhood }
  /** An ask was not answered, though tried anew. */
  | { readonly kind: "silent"; readonly id: NodeId; readonly purpose: AskPurpose }
  /** The answer to a find; without an owner when there was none. */
  | { readonly kind: "found"; readonly purpose: FindPurpose; readonly owner: Contact | undefined }
  /** A member that was not dialled for a find: it cannot be reached. */
  | { readonly kind: "unreachable"; readonly id: NodeId }
  /** A member takes this node for its first successor. */
  | { readonly kind: "notified"; readonly by: Contact }
  /** A neighbour tells that something is new near this node. */
  | { readonly kind: "hinted"; readonly candidate: Contact | undefined }
  /** A member left the ring; it told who was before it. */
  | { readonly kind: "left"; readonly id: NodeId; readonly predecessor: Contact | undefined }
  /** The application wants to be, or not to be, a member. */
  | { readonly kind: "serve"; readonly serves: boolean };

export type RingEffect =
  /** Ask for the neighbourhood, dialling if need be. `notifies`: tells that this node is the one before it. */
  | { readonly kind: "ask"; readonly to: Contact; readonly purpose: AskPurpose; readonly notifies: boolean }
  /** Look up a position, through a certain node if one is given, which is dialled if need be. */
  | { readonly kind: "find"; readonly position: Uint8Array; readonly purpose: FindPurpose; readonly via?: Contact }
  | { readonly kind: "hint"; readonly to: Contact; readonly candidate?: Contact }
  /** Tell all neighbours of the new role. */
  | { readonly kind: "role"; readonly role: Role }
  /** Tell these members that this node leaves, and who was before it. */
  | { readonly kind: "leave"; readonly to: readonly Contact[]; readonly predecessor: Contact | undefined }
  /** The predecessor, the successors or other wanted links are others than before. */
  | { readonly kind: "changed" };
