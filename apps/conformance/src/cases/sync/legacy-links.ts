// Members of a 0.7 table, and peers that take part in it (spec/sync-legacy.md).
import { createHash } from "node:crypto";
import { toBase58 } from "../../reference/base58.js";
import {
  bytes07,
  type Dialect07,
  dialects07,
  isHandshake07,
  isPeers07,
  LegacyPeer,
  subtype07,
} from "../../stage/legacy-peer.js";
import type { OpenOptions, Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";

/** The wall clock of the members under test, in seconds. */
export const now = 1_800_000_000;

/** A table whose clock stands. */
export async function openLegacy(stage: Stage, options: OpenOptions = {}): Promise<TestNode> {
  const node = await stage.open({ kind: "legacy-sync", clock: "manual", ...options });
  await node.call({ do: "set-wall", ms: now * 1_000 });
  return node;
}

export function legacyNetworkId(network: string, leases = true): string {
  const text = `${network}${leases ? "1" : "0"}Plaintext0.7`;
  return toBase58(new Uint8Array(createHash("sha256").update(text).digest()));
}

export interface LegacyPeerOptions {
  readonly dialect?: Dialect07;
  readonly leases?: boolean;
}

/** A connection on which nothing was said. */
export async function strangerOf(
  stage: Stage,
  node: TestNode,
  id: string,
  dialect: Dialect07 = dialects07.str,
): Promise<LegacyPeer> {
  return new LegacyPeer(await stage.connect(node), id, dialect);
}

/** A neighbour: both have said who they are, and the first peers list is taken. */
export async function legacyPeer(
  stage: Stage,
  node: TestNode,
  id: string,
  { dialect = dialects07.str, leases = true }: LegacyPeerOptions = {},
): Promise<LegacyPeer> {
  const peer = await strangerOf(stage, node, id, dialect);
  peer.sendHandshake(legacyNetworkId(stage.network, leases), now);
  await peer.next(isHandshake07, "the handshake of the node");
  await peer.next(isPeers07, "the first peers list of the node");
  return peer;
}

/** A write of a peer's own, heard by the node. */
export async function writes(peer: LegacyPeer, key: string, value: unknown, time: number = now): Promise<void> {
  peer.send(0, time, subtype07.store, bytes07(key), value as string);
  await peer.fence(now);
}
