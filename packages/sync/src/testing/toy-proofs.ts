// Identities for tests: toy proofs, and a security layer that changes nothing and has them.
import { encodeStatement, ownedKey, type Security } from "@p2p/base";
import { toyProofs } from "@p2p/base/testing";
import { type NodeId, networkId, nodeIdFromBytes, type WireValue } from "@p2p/wire";
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

/** What makes the node of a member one with an identity. */
export function identified(number: number): Pick<MemberOptions, "id" | "security"> {
  const id = ownerId(number);
  const security: Security = { name, secure: async (channel) => ({ channel }), proofs: toyProofs(id) };
  return { id, security };
}

/** Counts what is verified. */
export function toyOwnership(self: NodeId, verified: Uint8Array[] = []): Ownership {
  const proofs = toyProofs(self, (statement) => verified.push(statement));
  return new Ownership({ self, networkId: toyNetwork, proofs });
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
  const proof = toyProofs(owner).prove(encodeStatement(toyNetwork, { realm: "sync", key, sequence, value }));
  return [key, { ...ownedRecord(owner, sequence, value, proof), ...change }];
}
