// Node ids: 48 bytes on the wire, base58 for people. [WIRE-052 to WIRE-054]
import { sha384 } from "#hash";
import { base58 } from "./base58.js";
import { nodeIdBytes } from "./body.js";
import { WireError } from "./errors.js";

declare const brand: unique symbol;

/** The text form of a node id: base58 of its 48 bytes as one big-endian integer. */
export type NodeId = string & { readonly [brand]: "NodeId" };

/**
 * The text form of an id.
 *
 * @throws {@link WireError} `bad-node-id` unless there are 48 bytes.
 */
export function nodeIdFromBytes(bytes: Uint8Array): NodeId {
  if (bytes.length !== nodeIdBytes) throw new WireError("bad-node-id", `a node id has 48 bytes, not ${bytes.length}`);
  // The only place, with parseNodeId, where a text becomes an id.
  return base58.encode(bytes) as NodeId;
}

/** The 48 bytes of an id. */
export function nodeIdToBytes(id: NodeId): Uint8Array {
  return decode(id);
}

/**
 * Checks a text from outside.
 *
 * @throws {@link WireError} `bad-node-id` if it is not the one text of a 48-byte id.
 */
export function parseNodeId(text: string): NodeId {
  decode(text);
  return text as NodeId;
}

function decode(text: string): Uint8Array {
  try {
    return base58.decode(text, nodeIdBytes);
  } catch (cause) {
    throw new WireError("bad-node-id", "not the text of a node id", { cause });
  }
}

/** What the id of a node without a key pair is derived from. */
export interface NodeIdSource {
  /** Any text, usually the first address that the node listens on. */
  readonly address: string;
  /** 32 bytes, see `networkId`. */
  readonly networkId: Uint8Array;
  /** Random text, drawn once per node: it makes ids distinct and not to be chosen by others. */
  readonly salt: string;
}

/** Derives an id as SHA-384 of address, network id (base58) and salt. Section 6 of spec/wire.md. */
export function deriveNodeId(source: NodeIdSource): NodeId {
  const text = source.address + base58.encode(source.networkId) + source.salt;
  return nodeIdFromBytes(sha384(new TextEncoder().encode(text)));
}
