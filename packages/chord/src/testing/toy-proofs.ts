// Proofs for tests: as cheap as a hash, and no harder to forge for who wants to. What is to be forged is made otherwise.
import type { Proofs } from "@p2p/base";
import { type NodeId, nodeIdToBytes, sha256 } from "@p2p/wire";

/** The network of owned keys in tests, 32 bytes. */
export const networkId: Uint8Array = new Uint8Array(32).fill(9);

/** @param self whose node proves */
export function toyProofs(self: NodeId): Proofs {
  return {
    prove: (statement) => proofOf(self, statement),
    isProof: (proof, owner, statement) => {
      const wanted = proofOf(owner, statement);
      return proof.length === wanted.length && proof.every((byte, at) => byte === wanted[at]);
    },
  };
}

function proofOf(owner: NodeId, statement: Uint8Array): Uint8Array {
  const id = nodeIdToBytes(owner);
  const bytes = new Uint8Array(id.length + statement.length);
  bytes.set(id);
  bytes.set(statement, id.length);
  return sha256(bytes);
}
