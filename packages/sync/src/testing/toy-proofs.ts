// Identities for tests: proofs that are as cheap as a hash, and a security layer that changes nothing and has them. What
// is to be forged here is made otherwise: who wants to can make these.
import { encodeStatement, ownedKey, type Proofs, type Security } from "@p2p/base";
import { type NodeId, networkId, nodeIdFromBytes, nodeIdToBytes, sha256, type WireValue } from "@p2p/wire";
import { ownedRecord } from "../owned/owned-record.js";
import { Ownership } from "../owned/ownership.js";
import type { TableRecord } from "../record/record.js";
import type { MemberOptions } from "./tables.js";

const name = "Toy";

/** The network of all tables in tests, with these identities. */
export const toyNetwork: Uint8Array = networkId("test", name);

/** Ids that can own keys. */
export function ownerId(number: number): NodeId {
  return nodeIdFromBytes(new Uint8Array(48).fill(0x40 + number));
}

export function toyProofs(self: NodeId): Proofs {
  return {
    prove: (statement) => proofOf(self, statement),
    isProof: (proof, owner, statement) => {
      const wanted = proofOf(owner, statement);
      return proof.length === wanted.length && proof.every((byte, at) => byte === wanted[at]);
    },
  };
}

/** What makes the node of a member one with an identity. */
export function identified(number: number): Pick<MemberOptions, "id" | "security"> {
  const id = ownerId(number);
  const security: Security = { name, secure: async (channel) => ({ channel }), proofs: toyProofs(id) };
  return { id, security };
}

/** Counts what is verified. */
export function toyOwnership(self: NodeId, verified: Uint8Array[] = []): Ownership {
  const proofs = toyProofs(self);
  const counted: Proofs = {
    prove: proofs.prove,
    isProof: (proof, owner, statement) => {
      verified.push(statement);
      return proofs.isProof(proof, owner, statement);
    },
  };
  return new Ownership({ self, networkId: toyNetwork, proofs: counted });
}

/** A record that its owner signed. @param change what is altered after that */
export function signedRecord(
  owner: NodeId,
  keyName: string,
  sequence: number,
  value: WireValue | undefined,
  change: Partial<TableRecord> = {},
): readonly [key: string, record: TableRecord] {
  const key = ownedKey(owner, keyName);
  const proof = proofOf(owner, encodeStatement(toyNetwork, { realm: "sync", key, sequence, value }));
  return [key, { ...ownedRecord(owner, sequence, value, proof), ...change }];
}

function proofOf(owner: NodeId, statement: Uint8Array): Uint8Array {
  const id = nodeIdToBytes(owner);
  const bytes = new Uint8Array(id.length + statement.length);
  bytes.set(id);
  bytes.set(statement, id.length);
  return sha256(bytes);
}
