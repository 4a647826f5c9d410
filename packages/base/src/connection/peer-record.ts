// What a connection keeps of its peer's handshake: as little as can be, as there are many.
import { type NodeId, nodeIdFromBytes } from "@p2p/wire";
import type { Handshake } from "../session/handshake.js";
import { reachableAddresses } from "../transport/reachable-addresses.js";
import type { SharedLists } from "./shared-lists.js";

export interface PeerRecord {
  readonly id: NodeId;
  /** 48 bytes. */
  readonly idBytes: Uint8Array;
  readonly addresses: readonly string[];
  readonly features: readonly string[];
  /** Codecs of both sides, in this node's order. */
  readonly codecs: readonly number[];
  readonly maxFrameBytes: number;
  /** The boot bytes as text. */
  readonly boot: string;
}

export interface PeerRecordParts {
  readonly lists: SharedLists;
  readonly codecs: readonly number[];
}

/** @param sender of the handshake's body @param seenAt the channel's remote address */
export function peerRecord(
  handshake: Handshake,
  sender: Uint8Array,
  seenAt: string,
  parts: PeerRecordParts,
): PeerRecord {
  // A copy: the view would keep the whole chunk it came in.
  const idBytes = sender.slice();
  return {
    // Not by a cache of names, which would keep another copy of the bytes.
    id: nodeIdFromBytes(idBytes),
    idBytes,
    addresses: reachableAddresses(handshake.addresses, seenAt),
    features: parts.lists.shared(handshake.features),
    codecs: parts.lists.shared(parts.codecs.filter((codec) => handshake.codecs.includes(codec))),
    maxFrameBytes: handshake.maxFrameBytes,
    boot: String.fromCharCode(...handshake.boot),
  };
}
