// Proofs for tests: as cheap as a hash, and no harder to make for who wants to. What is to be forged is made otherwise.
import { type NodeId, nodeIdToBytes, sha256 } from "@p2p/wire";
import type { Proofs } from "../owned/proofs.js";

/** @param self whose node proves @param onJudged is told of every statement whose proof is checked */
export function toyProofs(self: NodeId, onJudged: (statement: Uint8Array) => void = () => undefined): Proofs {
  return {
    prove: (statement) => proofOf(self, statement),
    isProof: (proof, owner, statement) => {
      onJudged(statement);
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
