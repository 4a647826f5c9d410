// A node as others tell of it: who it is, and where it can be dialled. Its id is its position. [CHORD-003]
import type { NodeId } from "@p2p/wire";

export interface Contact {
  readonly id: NodeId;
  /** The id as 48 bytes: where it stands on the circle; not to be changed. */
  readonly position: Uint8Array;
  readonly addresses: readonly string[];
}

/** What a node tells of its place in the ring. */
export interface Neighbourhood {
  /** Whether it is a member: only members stand in lists of others. */
  readonly isMember: boolean;
  /** Whether its successors are all members but itself. */
  readonly isWhole: boolean;
  readonly predecessor: Contact | undefined;
  /** Those that follow it clockwise, nearest first. */
  readonly successors: readonly Contact[];
}

export function isSameNeighbourhood(a: Neighbourhood, b: Neighbourhood | undefined): boolean {
  if (b === undefined || a.isMember !== b.isMember || a.isWhole !== b.isWhole) return false;
  if (a.predecessor?.id !== b.predecessor?.id || a.successors.length !== b.successors.length) return false;
  return a.successors.every(({ id }, at) => id === b.successors[at]?.id);
}
