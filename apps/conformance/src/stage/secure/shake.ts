// The handshake of a channel as the suite plays it, either role, with each part open to alteration by a case.
import { randomBytes } from "node:crypto";
import { networkId } from "../../reference/ids.js";
import { type Packable, pack } from "../../reference/msgpack.js";
import { isSignature, publicKeyOf, signWith } from "../../reference/secure/ed25519.js";
import { idOfKey, tag } from "../../reference/secure/identity.js";
import {
  type DhPair,
  keyedName,
  NoiseHandshake,
  type NoiseParameters,
  plainName,
} from "../../reference/secure/noise.js";
import { unpack } from "../../reference/unpack.js";
import { concat, type Value } from "../../reference/value.js";
import { CaseFailure, check, checkBytes } from "../../runner/expect.js";
import type { Interference } from "../interference.js";
import type { SecureLine } from "./secure-line.js";

export interface ShakeOptions {
  /** Name of the network. */
  readonly network: string;
  /** Of the identity that the suite has. Default: drawn. */
  readonly seed?: Uint8Array;
  readonly networkKey?: Uint8Array;
  /** In the place of the network id in the prologue. */
  readonly prologueId?: Uint8Array;
  readonly pairs?: Partial<Record<"ephemeral" | "static", DhPair>>;
  /** Alters a message on its way, by its number from 1. */
  readonly alter?: (message: Uint8Array, number: number) => Uint8Array;
  /** The payload, where it is another than the identity. */
  readonly payload?: (hash: Uint8Array, seed: Uint8Array) => Packable;
}

/** What is known once the node has shown who it is. */
export interface Shaken {
  /** 48 bytes: the suite's id. */
  readonly id: Uint8Array;
  readonly seed: Uint8Array;
  /** The node's payload: its identity, or a refusal. */
  readonly theirs: { readonly [name: string]: Value };
  /** 48 bytes that the node has proven; empty where it refused. */
  readonly theirId: Uint8Array;
}

/** The 32 bytes of a network with security. */
export function secureNetworkId(network: string, hasKey: boolean): Uint8Array {
  return networkId({ name: network, security: hasKey ? keyedName : plainName });
}

function parametersOf(options: ShakeOptions, interference: Interference): NoiseParameters {
  const { network, networkKey, prologueId } = options;
  const id = prologueId ?? secureNetworkId(network, networkKey !== undefined);
  const wanted: NoiseParameters = {
    name: networkKey === undefined ? plainName : keyedName,
    prologue: concat([tag("channel"), id]),
    ...(networkKey === undefined ? {} : { networkKey }),
  };
  return interference.noise?.(wanted) ?? wanted;
}

/** What the suite says of itself. */
export function identityPayload(
  hash: Uint8Array,
  seed: Uint8Array,
  signer: Uint8Array = seed,
): { [name: string]: Packable } {
  return { key: publicKeyOf(seed), sig: signWith(signer, concat([tag("channel identity"), hash])) };
}

function readPayload(
  read: { readonly payload: Uint8Array; readonly hash: Uint8Array } | undefined,
  interference: Interference,
) {
  if (read === undefined) throw new CaseFailure("a handshake message of the node does not verify");
  const told = unpack(read.payload) as { readonly [name: string]: Value };
  const theirs = interference.payload?.(told, read.hash) ?? told;
  if (theirs.code !== undefined) return { theirs, theirId: new Uint8Array(0) };
  const { key, sig } = theirs;
  check(key instanceof Uint8Array && sig instanceof Uint8Array, "the node's payload has no key or no signature");
  const isProof = isSignature(key, concat([tag("channel identity"), read.hash]), sig);
  check(isProof, "the node's identity did not sign this handshake");
  return { theirs, theirId: idOfKey(key) };
}

const usual =
  (options: ShakeOptions, seed: Uint8Array) =>
  (hash: Uint8Array): Uint8Array =>
    pack(options.payload?.(hash, seed) ?? identityPayload(hash, seed));

/** The suite dials. */
export async function shakeAsDialler(
  line: SecureLine,
  options: ShakeOptions,
  interference: Interference,
): Promise<Shaken> {
  const { alter = (message) => message, seed = new Uint8Array(randomBytes(32)) } = options;
  const noise = new NoiseHandshake(true, parametersOf(options, interference), options.pairs);
  line.sendMessage(alter(noise.writeFirst(), 1));
  const second = await line.nextMessage("the second handshake message");
  const { theirs, theirId } = readPayload(noise.readSecond(second), interference);
  const third = alter(noise.writeThird(usual(options, seed)), 3);
  line.startRecords(noise.split());
  line.sendMessage(third);
  return { id: idOfKey(publicKeyOf(seed)), seed, theirs, theirId };
}

/** The node has dialled. */
export async function shakeAsAcceptor(
  line: SecureLine,
  options: ShakeOptions,
  interference: Interference,
): Promise<Shaken> {
  const { alter = (message) => message, seed = new Uint8Array(randomBytes(32)) } = options;
  const noise = new NoiseHandshake(false, parametersOf(options, interference), options.pairs);
  const first = await line.nextMessage("the first handshake message");
  noise.readFirst(first);
  line.sendMessage(alter(noise.writeSecond(usual(options, seed)), 2));
  const third = await line.nextMessage("the third handshake message");
  const { theirs, theirId } = readPayload(noise.readThird(third), interference);
  line.startRecords(noise.split());
  return { id: idOfKey(publicKeyOf(seed)), seed, theirs, theirId };
}

/** The id that the node has proven is the one that it has. */
export function checkProven({ theirId }: Shaken, id: Uint8Array): void {
  checkBytes(theirId, id, "the id that the node has proven");
}
