// Waiting until a node has dealt with all that came before, so that what did not happen by then does not happen.
import { randomBytes } from "node:crypto";
import { subtype } from "../stage/messages.js";
import type { RawPeer } from "../stage/raw-peer.js";
import type { TestNode } from "../stage/test-node.js";

/** The node has handled everything that this peer sent, has reported it, and the peer has what came of it. */
export async function fence(peer: RawPeer, node: TestNode): Promise<void> {
  const mark = randomBytes(8).toString("hex");
  peer.whisper(subtype.message, "fence", mark);
  await node.next("message", (report) => report.type === "fence" && report.data === mark);
  await peer.barrier();
}

/** The peer has everything that the node wrote to it so far. */
export async function settle(...peers: readonly RawPeer[]): Promise<void> {
  for (const peer of peers) await peer.barrier();
}
