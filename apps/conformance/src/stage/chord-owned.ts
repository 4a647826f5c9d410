// Owned keys of a ring: their writes as the suite makes them, a node under security, and peers that ask it or hold for it.

import { randomBytes } from "node:crypto";
import { publicKeyOf } from "../reference/secure/ed25519.js";
import { idOfKey, seedOf } from "../reference/secure/identity.js";
import { ownedKeyOf, proofOf } from "../reference/secure/owned.js";
import { toHex, type Value } from "../reference/value.js";
import { clientWith, type RingClient } from "./chord-client.js";
import { plain, type Write } from "./chord-dictionary.js";
import { Holder, joinAsClient } from "./chord-holder.js";
import { nowhere, StagedRing } from "./chord-ring.js";
import { SecureRingPeer } from "./secure/secure-ring-peer.js";
import { secureNetworkId } from "./secure/shake.js";
import type { OpenOptions, Stage } from "./stage.js";

/** The identity of the node under test. */
export const nodeSeed: Uint8Array = seedOf(40);
/** Whose key it is about in most cases; it need not be there. */
export const ownerSeed: Uint8Array = seedOf(41);
export const ownerId: Uint8Array = idOf(ownerSeed);

export function idOf(seed: Uint8Array): Uint8Array {
  return idOfKey(publicKeyOf(seed));
}

export interface OwnedParts {
  readonly sequence: number;
  /** Undefined: a delete. */
  readonly value: Value | undefined;
  /** Default: `name` of {@link ownerSeed}. */
  readonly key?: string;
  /** Who signs. Default: the owner. */
  readonly signer?: Uint8Array;
  /** What is signed, where it is another than what is written. */
  readonly signed?: { readonly networkId?: Uint8Array; readonly realm?: "sync"; readonly key?: string };
}

export const ownedName: string = ownedKeyOf(ownerSeed, "name");

/** A write of an owned key, sound but for what is given. */
export function ownedWriteOf(stage: Stage, parts: OwnedParts): Write {
  const { sequence, value, key = ownedName, signer = ownerSeed, signed = {} } = parts;
  const networkId = secureNetworkId(stage.network, false);
  const proof = proofOf(signer, { networkId, realm: "chord", key, sequence, value, ...signed });
  return { ...plain(sequence, value, ownerId), proof };
}

export interface OwnedAsking {
  readonly ring: StagedRing;
  readonly nowUs: number;
  /** Of another identity each time. */
  client(): Promise<OwnedClient>;
}

export type OwnedClient = RingClient<SecureRingPeer>;

export const secured: OpenOptions = { security: "noise", seed: toHex(nodeSeed) };

/** A node that founds a ring, and clients that ask it. */
export async function openOwned(stage: Stage, options: OpenOptions = {}): Promise<OwnedAsking> {
  const nowMs = Math.floor(Date.now() / 1_000) * 1_000;
  const ring = await StagedRing.open(stage, { ...secured, wallMs: nowMs, ...options });
  return { ring, nowUs: nowMs * 1_000, client: () => clientOf(stage, ring) };
}

export function clientOf(stage: Stage, ring: StagedRing, seed: Uint8Array = randomBytes(32)): Promise<OwnedClient> {
  return clientWith(ring, new SecureRingPeer(stage, seed), ownedName);
}

/** A node that is a client of a ring of five members. */
export interface OwnedRing {
  readonly ring: StagedRing;
  readonly holders: readonly [Holder, Holder, Holder, Holder, Holder];
  readonly nowUs: number;
}

export async function openHolders(stage: Stage, options: OpenOptions = {}): Promise<OwnedRing> {
  const wallMs = Math.floor(Date.now() / 1_000) * 1_000;
  const ring = await StagedRing.open(stage, { ...secured, serve: false, bootstrap: [nowhere], wallMs, ...options });
  const holders: Holder[] = [];
  for (let number = 50; number < 55; number += 1) {
    const peer = new SecureRingPeer(stage, seedOf(number));
    await peer.listen();
    ring.peers.push(peer);
    holders.push(new Holder(peer));
  }
  await joinAsClient(ring);
  return { ring, holders: holders as unknown as OwnedRing["holders"], nowUs: wallMs * 1_000 };
}
