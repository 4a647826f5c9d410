// Lookups on their way, and their answers on the way back. chord.cddl [CHORD-042 to CHORD-052]
import { flags, type WireValue } from "@p2p/wire";
import type { Contact } from "../ring/contact.js";
import {
  bad,
  contactItem,
  maxContacts,
  maxUint32,
  type ReadContact,
  readContacts,
  readPosition,
  readPositions,
  readUint,
} from "./items.js";

const { subtypes } = flags;

/** The most nodes that a find is to avoid. */
export const maxAvoided = 8;
/** The largest hop limit that is passed on; larger ones are lowered to it. */
export const maxHops = 80;
/** The most ids of a way. */
export const maxPath: number = maxHops + 1;

/** Looks up a position. */
export interface Find {
  readonly requestId: number;
  readonly position: Uint8Array;
  /** How often it may still be passed on; with 0 the answer names the next node. */
  readonly hopsLeft: number;
  /** Whether the receiver is taken for the owner. */
  readonly isForOwner: boolean;
  /** Whether the answer is to list the nodes on the way. */
  readonly isTraced: boolean;
  /** Successors of the owner to tell of. */
  readonly wanted: number;
  /** Ids of nodes not to pass it to. */
  readonly avoid: readonly Uint8Array[];
  /** A whisper for the node that stands at the position. */
  readonly payload: Uint8Array | undefined;
}

const forOwnerBit = 1;
const tracedBit = 2;
const noBytes: readonly Uint8Array[] = Object.freeze([]);

export function encodeFind(find: Find): WireValue[] {
  const bits = (find.isForOwner ? forOwnerBit : 0) + (find.isTraced ? tracedBit : 0);
  const items: WireValue[] = [subtypes.find, find.requestId, find.position, find.hopsLeft, bits, find.wanted];
  if (find.avoid.length > 0 || find.payload !== undefined) items.push([...find.avoid]);
  if (find.payload !== undefined) items.push(find.payload);
  return items;
}

export function decodeFind(items: readonly WireValue[]): Find {
  const requestId = readUint("find", "the request id", items[1], maxUint32);
  const position = readPosition("find", items[2]);
  const hopsLeft = Math.min(readUint("find", "the hop limit", items[3], maxUint32), maxHops);
  const bits = readUint("find", "the bits", items[4], maxUint32);
  const wanted = Math.min(readUint("find", "the number of successors", items[5], maxUint32), maxContacts - 1);
  const payload = items[7];
  if (payload !== undefined && !(payload instanceof Uint8Array)) throw bad("find", "the whisper", "a byte string");
  return {
    requestId,
    position,
    hopsLeft,
    isForOwner: (bits & forOwnerBit) !== 0,
    isTraced: (bits & tracedBit) !== 0,
    wanted,
    avoid: items[6] === undefined ? noBytes : readPositions("find", items[6], maxAvoided),
    payload,
  };
}

/** How a lookup ended at a node. */
export const findStatus = {
  /** The first contact owns the position. */
  owner: 0,
  /** The first contact is nearer to it. */
  next: 1,
  /** The first contact is taken for its owner. */
  nextOwner: 2,
  /** There is no way on. */
  noWay: 3,
  /** The node has too much to do. */
  busy: 4,
} as const;

/** The answer to a find, on its way back. */
export interface Found {
  readonly requestId: number;
  readonly status: number;
  /** Nodes passed, the one that answers included. */
  readonly hops: number;
  readonly contacts: readonly Contact[];
  /** Ids of the nodes on the way, if they were asked for. */
  readonly path: readonly Uint8Array[];
}

export function encodeFound({ requestId, status, hops, contacts, path }: Found): WireValue[] {
  const items: WireValue[] = [subtypes.found, requestId, status, hops, contacts.map(contactItem)];
  if (path.length > 0) items.push([...path]);
  return items;
}

export function decodeFound(items: readonly WireValue[], read: ReadContact): Found {
  return {
    requestId: readUint("found", "the request id", items[1], maxUint32),
    status: readUint("found", "the status", items[2], maxUint32),
    hops: readUint("found", "the number of hops", items[3], maxUint32),
    contacts: readContacts("found", items[4], read),
    path: items[5] === undefined ? noBytes : readPositions("found", items[5], maxPath),
  };
}
