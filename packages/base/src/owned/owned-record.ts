// What the owner of a key signs, and what others can check by it, in a network and outside. [SEC-092]
import { encodeValue, sha256, type WireValue } from "@p2p/wire";
import { canonicalBytes } from "./canonical-value.js";

/** A write of an owned key, with what proves it. */
export interface OwnedRecord {
  /** What the key is a key of: a table, or the dictionary of a ring. */
  readonly realm: "sync" | "chord";
  readonly key: string;
  /** The higher one is the later write: µs since 1970 by the owner's clock, or more. */
  readonly sequence: number;
  /** Undefined: the key was removed. */
  readonly value: WireValue | undefined;
  /** By the {@link Proofs} of the owner. */
  readonly proof: Uint8Array;
}

/**
 * The bytes that the owner signs, and for which a proof holds.
 * @param networkId 32 bytes
 * @throws WireError for a value that cannot be encoded
 */
export function encodeStatement(networkId: Uint8Array, record: Omit<OwnedRecord, "proof">): Uint8Array {
  const { realm, key, sequence, value } = record;
  return encodeValue([networkId, realm, key, sequence, value === undefined ? null : sha256(canonicalBytes(value))]);
}
