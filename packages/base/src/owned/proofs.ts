// The seam for what an identity vouches for, whoever passes it on: a layer of security brings it, tables and
// dictionaries ask it. [SEC-091] [SEC-093]
import type { NodeId } from "@p2p/wire";

/** Bytes of a proof, at most. */
export const maxProofBytes = 128;

/** Proofs by the identity of one node, and of those by others. Synchronous: networks ask for every record. */
export interface Proofs {
  /** Proves that this node vouches for the statement. @returns at most {@link maxProofBytes} */
  prove(statement: Uint8Array): Uint8Array;
  /** Whether the node of this id vouches for the statement. False for bytes that are no proof at all: it does not throw. */
  isProof(proof: Uint8Array, owner: NodeId, statement: Uint8Array): boolean;
}
