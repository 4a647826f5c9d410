// The bytes of origins, without decoding their text each time. [SYNC-071]
import { type NodeId, nodeIdToBytes } from "@p2p/wire";
import { noOrigin } from "./record.js";

const maxKept = 1_024;
const nothing = new Uint8Array(0);
const kept = new Map<NodeId, Uint8Array>();

/** The 48 bytes of an origin, not to be changed; none of {@link noOrigin}. */
export function originBytes(origin: NodeId): Uint8Array {
  if (origin === noOrigin) return nothing;
  let bytes = kept.get(origin);
  if (bytes === undefined) {
    bytes = nodeIdToBytes(origin);
    if (kept.size >= maxKept) kept.clear();
    kept.set(origin, bytes);
  }
  return bytes;
}
