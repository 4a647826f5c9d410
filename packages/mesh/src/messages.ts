// The items of the mesh's own messages: one encode and decode pair each. [MESH-030] [MESH-040] [MESH-060] [MESH-064]
import { flags, isUnsigned, type NodeId, nodeIdFromBytes, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { MeshError } from "./errors.js";
import type { Candidate } from "./passive-view.js";

const { subtypes } = flags;

/** Addresses in one peers message, over all its entries; also the most entries. */
export const maxPeersAddresses = 1_000;
/** Addresses of one entry that are read; more are ignored. */
export const maxEntryAddresses = 8;
/** The largest hop limit that is passed on; larger ones are lowered to it. */
export const maxHops = 64;
/** The largest number of an attempt. */
export const maxAttempt = 15;

/** Addresses of an entry are whatever the peer wrote: texts, not yet checked. */
export function decodePeers(items: readonly WireValue[]): Candidate[] {
  const list = items[1];
  if (!Array.isArray(list)) throw bad("peers", "the list of entries", "an array");
  if (list.length > maxPeersAddresses) throw bad("peers", "the list of entries", `of at most ${maxPeersAddresses}`);
  let count = 0;
  return list.map((entry: WireValue): Candidate => {
    if (!Array.isArray(entry) || entry.length < 2) throw bad("peers", "an entry", "an array of id and addresses");
    const id = readId("peers", entry[0]);
    const addresses: unknown = entry[1];
    if (!Array.isArray(addresses)) throw bad("peers", "the addresses of an entry", "an array");
    count += addresses.length;
    if (count > maxPeersAddresses) throw bad("peers", "the number of addresses", `at most ${maxPeersAddresses}`);
    if (!addresses.every(isText)) throw bad("peers", "an address", "a text");
    return { id, addresses: addresses.slice(0, maxEntryAddresses) };
  });
}

export function encodePeers(entries: readonly Candidate[]): WireValue[] {
  return [subtypes.peers, entries.map(({ id, addresses }) => [nodeIdToBytes(id), [...addresses]])];
}

/** What a node tells its neighbour about itself. */
export interface Neighbour {
  /** Links it has to others. */
  readonly links: number;
  /** Whether it asks for a peers message. */
  readonly wantsPeers: boolean;
}

export function decodeNeighbour(items: readonly WireValue[]): Neighbour {
  const links = readUint("neighbour", "the number of links", items[1], 0xffff_ffff);
  const wantsPeers = items[2];
  if (typeof wantsPeers !== "boolean") throw bad("neighbour", "the wish for peers", "a boolean");
  return { links, wantsPeers };
}

export function encodeNeighbour(neighbour: Neighbour): WireValue[] {
  return [subtypes.neighbour, neighbour.links, neighbour.wantsPeers];
}

/** A whisper on its way to a node that is not a neighbour. Its origin is the sender of the body around it. */
export interface Routed {
  readonly destination: NodeId;
  /** 0 follows learned routes, each further attempt floods. */
  readonly attempt: number;
  /** How often it may still be passed on. */
  readonly hopsLeft: number;
  /** The body that a neighbour would have got. */
  readonly inner: Uint8Array;
}

export function decodeRouted(items: readonly WireValue[]): Routed {
  const destination = readId("routed", items[1]);
  const attempt = readUint("routed", "the attempt", items[2], maxAttempt);
  const hopsLeft = readUint("routed", "the hop limit", items[3], 0xffff_ffff);
  const inner = items[4];
  if (!(inner instanceof Uint8Array) || inner.length === 0) throw bad("routed", "the inner body", "a byte string");
  return { destination, attempt, hopsLeft: Math.min(hopsLeft, maxHops), inner };
}

export function encodeRouted(routed: Routed): WireValue[] {
  return [subtypes.routed, nodeIdToBytes(routed.destination), routed.attempt, routed.hopsLeft, routed.inner];
}

/** Tells the origin of a routed message that it arrived. Its sender is the destination of that message. */
export interface Receipt {
  /** The origin of the routed message. */
  readonly origin: NodeId;
  readonly hopsLeft: number;
  /** Message id of the inner body, 32 bytes. */
  readonly innerId: Uint8Array;
  /** What the destination signed, where messages are signed: a body of its own. */
  readonly proof?: Uint8Array;
}

export function decodeReceipt(items: readonly WireValue[]): Receipt {
  const origin = readId("receipt", items[1]);
  const hopsLeft = readUint("receipt", "the hop limit", items[2], 0xffff_ffff);
  const [, , , innerId, proof] = items;
  if (!(innerId instanceof Uint8Array) || innerId.length !== 32) throw bad("receipt", "the message id", "32 bytes");
  const receipt = { origin, hopsLeft: Math.min(hopsLeft, maxHops), innerId };
  return proof instanceof Uint8Array ? { ...receipt, proof } : receipt;
}

export function encodeReceipt({ origin, hopsLeft, innerId, proof }: Receipt): WireValue[] {
  const items = [subtypes.receipt, nodeIdToBytes(origin), hopsLeft, innerId];
  return proof === undefined ? items : [...items, proof];
}

/** Whether the items are those of an application's broadcast: subtype, type, data, and perhaps what later versions add. */
export function isBroadcastItems(items: readonly WireValue[]): boolean {
  return items.length >= 3 && typeof items[1] === "string";
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function readId(message: string, value: WireValue | undefined): NodeId {
  if (!(value instanceof Uint8Array) || value.length !== 48) throw bad(message, "a node id", "48 bytes");
  return nodeIdFromBytes(value);
}

function readUint(message: string, what: string, value: WireValue | undefined, most: number): number {
  if (!isUnsigned(value) || value > most) {
    throw bad(message, what, `an integer of 0 to ${most}`);
  }
  return value;
}

function bad(message: string, what: string, wanted: string): MeshError {
  return new MeshError("bad-message", `${what} of a ${message} message is not ${wanted}`);
}
