// What cases on signed messages have in common: nodes and neighbours of a network that requires signatures, and signed broadcasts.
import { randomBytes } from "node:crypto";
import type { Packable } from "../../reference/msgpack.js";
import { seedOf } from "../../reference/secure/identity.js";
import { type SignedParts, signedBody } from "../../reference/secure/signed-messages.js";
import { checkEqual } from "../../runner/expect.js";
import { isBroadcast } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { secureNetworkId } from "../../stage/secure/shake.js";
import { several } from "../../stage/several.js";
import type { OpenOptions, Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { isNeighbour, sendNeighbour } from "../mesh/links.js";
import { openSecure, securePeer } from "./channels.js";

export const signedFeatures: readonly string[] = ["mesh/1", "requests/1", "signed/1"];

let lastSequence = Date.now() * 1000;

/** A number above all before. @param step leaves room below it */
export function nextSequence(step = 1): number {
  lastSequence += step;
  return lastSequence;
}

export function openSigned(stage: Stage, options: OpenOptions = {}): Promise<TestNode> {
  return openSecure(stage, { kind: "mesh", messages: "require", ...options });
}

/** A neighbour under security in a network that requires signatures. */
export async function neighbour(
  stage: Stage,
  node: TestNode,
  features: readonly string[] = signedFeatures,
): Promise<RawPeer> {
  const { peer } = await securePeer(stage, node, { features });
  sendNeighbour(peer, 3, false);
  await peer.next(isNeighbour, "the neighbour message of the node");
  return peer;
}

export type Parts = Partial<Omit<SignedParts, "networkId" | "items">> & { readonly data?: Packable };

/** What a broadcast is made of, sound but for what is given. */
export function partsOf(stage: Stage, { data = "hello", ...parts }: Parts = {}): SignedParts {
  const time = Date.now() * 1000;
  const networkId = secureNetworkId(stage.network, false);
  return { seed: seedOf(1), time, sequence: nextSequence(), networkId, items: [0, "news", data], ...parts };
}

/** Its body, signed alone. */
export function broadcast(stage: Stage, parts: Parts = {}): Uint8Array {
  return signedBody(partsOf(stage, parts));
}

/** The body of a whisper to one node, signed for it: what a routed message has inside. */
export function innerBody(
  stage: Stage,
  to: Uint8Array,
  items: SignedParts["items"],
  parts: Partial<SignedParts> = {},
): Uint8Array {
  const usual = { ...partsOf(stage), type: 2, items, to };
  return signedBody({ ...usual, ...parts });
}

/** The node has judged everything that this peer sent before. */
export async function signedFence(stage: Stage, peer: RawPeer, node: TestNode): Promise<void> {
  const data = randomBytes(8).toString("hex");
  peer.sendBody(broadcast(stage, { seed: seedOf(99), data }));
  await node.next("broadcast", (report) => report.data === data);
  await peer.barrier();
}

export const newsOf = (node: TestNode): unknown[] =>
  node
    .seen("broadcast")
    .map((report) => report.data)
    .filter((data) => !/^[0-9a-f]{16}$/.test(String(data)));

/** None of the bodies is delivered, nor passed on to another neighbour. */
export async function checkRefusedAll(
  stage: Stage,
  bodies: readonly Uint8Array[],
  options: OpenOptions = {},
): Promise<void> {
  const node = await openSigned(stage, { limits: { maxRejected: 1_000 }, ...options });
  const [sender, other] = await several(2, () => neighbour(stage, node));
  for (const body of bodies) sender.sendBody(body);
  await signedFence(stage, sender, node);
  await other.barrier();
  checkEqual(newsOf(node), [], "broadcasts delivered");
  const relayed = other.inbox.all.filter((message) => isBroadcast(message) && message.items[2] === "hello");
  checkEqual(relayed.length, 0, "broadcasts passed on");
}

export function changed(body: Uint8Array, at: number): Uint8Array {
  const copy = body.slice();
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
