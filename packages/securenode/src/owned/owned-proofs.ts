// Proofs that an identity vouches for a statement, such as a write of a key that is its own [SEC-091] [SEC-093].
import type { Proofs } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import { tagged } from "../domain-tags.js";
import type { Identity } from "../identity/identity.js";
import { keyBytes } from "../identity/node-id.js";
import { join } from "../primitives/join.js";
import { KnownKeys } from "../signed/known-keys.js";

/** A public key, and a signature. */
const proofBytes = keyBytes + 64;

export class OwnedProofs implements Proofs {
  readonly #identity: Identity;
  readonly #keys = new KnownKeys();

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  prove(statement: Uint8Array): Uint8Array {
    const { publicKey } = this.#identity;
    return join([publicKey, this.#identity.sign("owned", statement)]);
  }

  isProof(proof: Uint8Array, owner: NodeId, statement: Uint8Array): boolean {
    return holds(this.#keys, proof, owner, statement);
  }
}

/** @param keys those of owners whose proofs held before */
export function holds(keys: KnownKeys, proof: Uint8Array, owner: NodeId, statement: Uint8Array): boolean {
  if (proof.length !== proofBytes) return false;
  const publicKey = proof.subarray(0, keyBytes);
  const known = keys.keyOf(owner, publicKey);
  if (known === undefined || !known.key.verify(tagged("owned", statement), proof.subarray(keyBytes))) return false;
  keys.keep(owner, known);
  return true;
}
