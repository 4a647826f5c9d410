// Peers that take part in a mesh, and the messages of the mesh as the suite writes and recognises them (spec/mesh.md).
import { randomBytes } from "node:crypto";
import { encodeBody } from "../../reference/body.js";
import { messageId } from "../../reference/ids.js";
import type { Packable } from "../../reference/msgpack.js";
import type { Value } from "../../reference/value.js";
import type { Message } from "../../stage/message.js";
import { isBroadcast, isWhisper, subtype } from "../../stage/messages.js";
import type { RawListener } from "../../stage/raw-listener.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import type { OpenOptions, PeerOptions, Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";

export const isNeighbour: (message: Message) => boolean = isWhisper(subtype.neighbour);
export const isPeers: (message: Message) => boolean = isWhisper(subtype.peers);
export const isRouted: (message: Message) => boolean = isWhisper(subtype.routed);
export const isReceipt: (message: Message) => boolean = isWhisper(subtype.receipt);

export function openMesh(stage: Stage, options: OpenOptions = {}): Promise<TestNode> {
  return stage.open({ kind: "mesh", ...options });
}

export interface MeshPeerOptions extends PeerOptions {
  /** The number of other links that the peer tells. Default 3. */
  readonly otherLinks?: number;
  readonly wantsPeers?: boolean;
}

export const meshFeatures = ["mesh/1", "requests/1"] as const;

/** A neighbour whose link is up at both ends: both have said how many other links they have. */
export async function meshPeer(stage: Stage, node: TestNode, options: MeshPeerOptions = {}): Promise<RawPeer> {
  const peer = await stage.connect(node, options);
  await meshShake(stage, peer, options);
  return peer;
}

/** The same on a connection that is there already, whoever dialled it. */
export async function meshShake(stage: Stage, peer: RawPeer, options: MeshPeerOptions = {}): Promise<void> {
  await stage.shake(peer, { features: [...meshFeatures], ...options });
  sendNeighbour(peer, options.otherLinks ?? 3, options.wantsPeers ?? false);
  await peer.next(isNeighbour, "the neighbour message of the node");
}

export function sendNeighbour(peer: RawPeer, otherLinks: Packable, wantsPeers: Packable): void {
  peer.whisper(subtype.neighbour, otherLinks, wantsPeers);
}

export interface PeerEntry {
  readonly id: Uint8Array;
  readonly addresses: readonly string[];
}

export function sendPeers(peer: RawPeer, entries: readonly PeerEntry[]): void {
  peer.whisper(
    subtype.peers,
    entries.map(({ id, addresses }) => [id, addresses]),
  );
}

/** The entries of a peers message. */
export function entriesOf(message: Message): PeerEntry[] {
  const entries = message.items[1];
  if (!Array.isArray(entries)) return [];
  return (entries as Value[]).map((entry) => {
    const [id, addresses] = entry as [Uint8Array, readonly string[]];
    return { id, addresses };
  });
}

/** A broadcast of the peer's own; returns its body. */
export function sendBroadcast(peer: RawPeer, data: Packable, type = "news"): Uint8Array {
  return peer.send(0, 0, type, data);
}

export const isBroadcastOf =
  (data: Value) =>
  (message: Message): boolean =>
    isBroadcast(message) && message.items[2] === data;

export interface RoutedFields {
  readonly destination: Uint8Array;
  readonly attempt?: Packable;
  readonly hopsLeft?: Packable;
  readonly inner: Packable;
  readonly sender?: Uint8Array;
}

export function sendRouted(peer: RawPeer, fields: RoutedFields): void {
  const { destination, attempt = 0, hopsLeft = 8, inner, sender } = fields;
  const items = [subtype.routed, destination, attempt, hopsLeft, inner] as const;
  if (sender === undefined) peer.send(2, ...items);
  else peer.sendAs(sender, 2, ...items);
}

/** A whisper as a neighbour would have got it. */
export function innerMessage(sender: Uint8Array, data: Value, type = "direct"): Uint8Array {
  return encodeBody({ type: 2, sender, time: Date.now() * 1000, items: [subtype.message, type, data] });
}

export function sendReceipt(
  peer: RawPeer,
  destination: Uint8Array,
  origin: Uint8Array,
  inner: Uint8Array,
  hopsLeft = 8,
): void {
  peer.sendAs(destination, 2, subtype.receipt, origin, hopsLeft, messageId(inner));
}

export function randomId(): Uint8Array {
  return new Uint8Array(randomBytes(48));
}

/** The node has dealt with everything that this peer sent, and delivered it. */
export async function meshFence(peer: RawPeer, node: TestNode): Promise<void> {
  const mark = randomBytes(8).toString("hex");
  sendBroadcast(peer, mark, "fence");
  await node.next("broadcast", (report) => report.type === "fence" && report.data === mark);
  await peer.barrier();
}

/** Data of the broadcasts that the node delivered, the fences left out. */
export function delivered(node: TestNode): unknown[] {
  return node
    .seen("broadcast")
    .filter((report) => report.type !== "fence")
    .map((report) => report.data);
}

/** Data of the direct messages that the node delivered. */
export function directData(node: TestNode): unknown[] {
  return node
    .seen("message")
    .filter((report) => report.type === "direct")
    .map((report) => report.data);
}

/** A listener whose connections have the id that an entry for it names. */
export async function namedListener(
  stage: Stage,
): Promise<{ readonly id: Uint8Array; readonly listener: RawListener }> {
  const id = randomId();
  return { id, listener: await stage.listen({ id }) };
}
