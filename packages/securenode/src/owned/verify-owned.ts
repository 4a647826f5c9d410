// Checks what somebody shows as the write of an owned key, outside of any network [SEC-090] to [SEC-093].
import { encodeStatement, type OwnedRecord, ownerOf } from "@p2p/base";
import { encodeValue, type NodeId, networkId, WireError } from "@p2p/wire";
import { protocolName } from "../noise/handshake-state.js";
import { KnownKeys } from "../signed/known-keys.js";
import { holds } from "./owned-proofs.js";

/** The network in which the key is. */
export interface VerifyOwnedOptions {
  /** Its name. */
  readonly network: string;
  /** Whether its nodes have a network key. Default: false. */
  readonly hasNetworkKey?: boolean;
}

/**
 * Whose write a record is: the owner of its key vouches for it. Whether the owner has written the key anew since, no
 * record can tell: the one with the higher `sequence` is the later.
 * @returns undefined when nobody vouches for it: the key is not owned, or the record not as its owner wrote it
 */
export function verifyOwned(record: OwnedRecord, options: VerifyOwnedOptions): NodeId | undefined {
  const { key, proof, value = null } = record;
  const owner = ownerOf(key);
  if (owner === undefined) return undefined;
  const id = networkId(options.network, protocolName(options.hasNetworkKey ?? false));
  try {
    // First, as it goes no deeper than values may be.
    encodeValue(value);
    return holds(new KnownKeys(1), proof, owner, encodeStatement(id, record)) ? owner : undefined;
  } catch (error) {
    // No owner can have written a value that cannot be encoded.
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
