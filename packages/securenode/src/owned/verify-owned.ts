// Checks what somebody shows as the write of an owned key, outside of any network [SEC-090] to [SEC-093].
import { checkOptions, encodeStatement, type NamesOf, type OwnedRecord, ownerOf } from "@p2p/base";
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

const optionNames: NamesOf<VerifyOwnedOptions> = { network: true, hasNetworkKey: true };

/**
 * Whose write a record is: the owner of its key vouches for it. Whether the owner has written the key anew since, no
 * record can tell: the one with the higher `sequence` is the later.
 * @param record what `proof(key)` of a table or a ring gave, whoever brought it; undefined is nobody's
 * @returns undefined when nobody vouches for it: the key is not owned, or the record not as its owner wrote it
 */
export function verifyOwned(record: OwnedRecord | undefined, options: VerifyOwnedOptions): NodeId | undefined {
  checkOptions("of verifyOwned", optionNames, options);
  if (typeof options.network !== "string") throw new TypeError("the option `network` is the name of the network");
  if (typeof record !== "object" || record === null) return undefined;
  const { key, proof, value = null } = record;
  // It may have come from anywhere, and through JSON.
  if (typeof key !== "string" || !(proof instanceof Uint8Array)) return undefined;
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
