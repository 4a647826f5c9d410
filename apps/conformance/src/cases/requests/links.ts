// Peers that take part in requests.
import type { RawPeer } from "../../stage/raw-peer.js";
import type { PeerOptions, Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { fence } from "../fence.js";

/** A neighbour that names `requests/1`, which the node has taken note of. */
export async function requestPeer(stage: Stage, node: TestNode, options: PeerOptions = {}): Promise<RawPeer> {
  const peer = await stage.join(node, { features: ["requests/1"], ...options });
  await fence(peer, node);
  return peer;
}
