// The id of a node that has a key: an id that proves itself [SEC-010].
import { type NodeId, nodeIdFromBytes, sha384 } from "@p2p/wire";
import { tagged } from "../domain-tags.js";
import { SecureError } from "../errors.js";

/** Bytes of an Ed25519 public key, and of the seed of a secret one. */
export const keyBytes = 32;

/** The node id of an Ed25519 public key. @throws SecureError `bad-key` unless it has 32 bytes */
export function nodeIdOfKey(publicKey: Uint8Array): NodeId {
  if (publicKey.length !== keyBytes) throw new SecureError("bad-key", `a public key has ${keyBytes} bytes`);
  return nodeIdFromBytes(sha384(tagged("nodeId", publicKey)));
}
