// The messages of the ring: items of whispers, checked before anybody sees them. chord.cddl [CHORD-050 to CHORD-056]
import { flags, type WireValue } from "@p2p/wire";
import { ChordError } from "./errors.js";
import { positionBytes } from "./ring/arc.js";
import type { Contact, Neighbourhood } from "./ring/contact.js";
import type { Role } from "./ring/ring-events.js";

const { subtypes } = flags;

/** The most contacts in one message: a list of the greatest length, and an owner or a predecessor. */
const maxContacts = 33;
/** The most nodes that a find is to avoid. */
export const maxAvoided = 8;
/** The largest hop limit that is passed on; larger ones are lowered to it. */
export const maxHops = 80;
/** The most ids of a way. */
export const maxPath: number = maxHops + 1;
const maxUint32 = 0xffff_ffff;

/** Makes a contact of what a peer tells. */
export type ReadContact = (position: Uint8Array, addresses: readonly string[]) => Contact;

/** What a node tells of itself over each new link, and when it changes. */
export interface Standing {
  readonly role: Role;
  /** Whether it founds the ring if nobody else does. */
  readonly mayFound: boolean;
}

export function encodeStanding({ role, mayFound }: Standing): WireValue[] {
  return [subtypes.standing, role === "member" ? 2 : mayFound ? 1 : 0];
}

export function decodeStanding(items: readonly WireValue[]): Standing {
  const number = readUint("standing", "the standing", items[1], 2);
  if (number === 2) return { role: "member", mayFound: false };
  return number === 1 ? { role: "seeking", mayFound: true } : { role: "client", mayFound: false };
}

/** Asks for a neighbourhood. */
export interface NeighbourhoodAsk {
  readonly requestId: number;
  /** Whether the asker, a member, takes the other for its first successor. */
  readonly notifies: boolean;
  /** Whether it asks for all members that the other knows in order, instead of its list. */
  readonly isWide: boolean;
  /** Whether it asks for a sign of life alone: the revision. */
  readonly isProbe: boolean;
  /** Whether contacts of the revision that the asker has may be told by their numbers there [CHORD-057]. */
  readonly takesNumbers: boolean;
  /** The revision that the asker has of it; 0 for none. */
  readonly revision: number;
}

const notifiesBit = 1;
const wideBit = 2;
const probeBit = 4;
const numbersBit = 8;

export function encodeNeighbourhoodAsk(ask: NeighbourhoodAsk): WireValue[] {
  const { notifies, isWide, isProbe, takesNumbers } = ask;
  const bits =
    (notifies ? notifiesBit : 0) + (isWide ? wideBit : 0) + (isProbe ? probeBit : 0) + (takesNumbers ? numbersBit : 0);
  return [subtypes.neighbourhood, ask.requestId, bits, ask.revision];
}

export function decodeNeighbourhoodAsk(items: readonly WireValue[]): NeighbourhoodAsk {
  const requestId = readUint("neighbourhood", "the request id", items[1], maxUint32);
  const bits = readUint("neighbourhood", "the bits", items[2], maxUint32);
  const revision = readUint("neighbourhood", "the revision", items[3], maxUint32);
  return {
    requestId,
    notifies: (bits & notifiesBit) !== 0,
    isWide: (bits & wideBit) !== 0,
    isProbe: (bits & probeBit) !== 0,
    takesNumbers: (bits & numbersBit) !== 0,
    revision,
  };
}

/** How an answer begins; what follows depends on what was asked. */
export const answerStatus = { answered: 0, failed: 1 } as const;

export function encodeAnswer(requestId: number, status: number, values: readonly WireValue[]): WireValue[] {
  return [subtypes.answer, requestId, status, ...values];
}

export interface Answer {
  readonly requestId: number;
  readonly isFailed: boolean;
  readonly values: readonly WireValue[];
}

export function decodeAnswer(items: readonly WireValue[]): Answer {
  const requestId = readUint("answer", "the request id", items[1], maxUint32);
  const status = readUint("answer", "the status", items[2], maxUint32);
  return { requestId, isFailed: status !== answerStatus.answered, values: items.slice(3) };
}

/**
 * The values of an answer to who has not this revision yet.
 *
 * @param earlier what the asker has, if it takes numbers [CHORD-057]
 */
export function encodeNeighbourhood(told: Neighbourhood, revision: number, earlier?: Neighbourhood): WireValue[] {
  const { isMember, isWhole, predecessor, successors } = told;
  const bits = (isMember ? 1 : 0) + (isWhole ? 2 : 0);
  // As it was told, addresses included.
  const numbers = new Map(numbered(earlier).map((each, number) => [each, number]));
  const item = (each: Contact): WireValue => numbers.get(each) ?? contact(each);
  return [revision, bits, predecessor === undefined ? null : item(predecessor), successors.map(item)];
}

/**
 * @param earlier what the asker has, as its ask said
 * @returns the revision, and the neighbourhood unless the asker has it
 */
export function decodeNeighbourhood(
  values: readonly WireValue[],
  read: ReadContact,
  earlier?: Neighbourhood,
): { readonly revision: number; readonly told: Neighbourhood | undefined } {
  const revision = readUint("answer", "the revision", values[0], maxUint32);
  if (values.length === 1) return { revision, told: undefined };
  const bits = readUint("answer", "the bits", values[1], maxUint32);
  const known = numbered(earlier);
  const readItem = (item: WireValue | undefined): Contact => {
    if (typeof item !== "number") return readContact("answer", item, read);
    const contact = known[item];
    if (contact === undefined) throw bad("answer", "a contact", "an array, or a number of one told before");
    return contact;
  };
  const predecessor = values[2] === null ? undefined : readItem(values[2]);
  const successors = readList("answer", values[3]).map(readItem);
  return { revision, told: { isMember: bits % 2 === 1, isWhole: (bits & 2) !== 0, predecessor, successors } };
}

/** The contacts of an answer in the order that numbers them: the predecessor, if it was told, and the list. */
function numbered(told: Neighbourhood | undefined): readonly Contact[] {
  if (told === undefined) return [];
  return told.predecessor === undefined ? told.successors : [told.predecessor, ...told.successors];
}

export function encodeQuestion(requestId: number, question: readonly WireValue[]): WireValue[] {
  return [subtypes.question, requestId, ...question];
}

export function decodeQuestion(items: readonly WireValue[]): {
  readonly requestId: number;
  readonly question: readonly WireValue[];
} {
  return { requestId: readUint("question", "the request id", items[1], maxUint32), question: items.slice(2) };
}

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
  const items: WireValue[] = [subtypes.found, requestId, status, hops, contacts.map(contact)];
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

export function encodeHint(candidate: Contact | undefined): WireValue[] {
  return candidate === undefined ? [subtypes.hint] : [subtypes.hint, contact(candidate)];
}

export function decodeHint(items: readonly WireValue[], read: ReadContact): Contact | undefined {
  return items[1] === undefined ? undefined : readContact("hint", items[1], read);
}

export function encodeLeave(predecessor: Contact | undefined): WireValue[] {
  return predecessor === undefined ? [subtypes.leave] : [subtypes.leave, contact(predecessor)];
}

export function decodeLeave(items: readonly WireValue[], read: ReadContact): Contact | undefined {
  return items[1] === undefined ? undefined : readContact("leave", items[1], read);
}

function contact({ position, addresses }: Contact): WireValue {
  return [position, [...addresses]];
}

function readContact(message: string, value: WireValue | undefined, read: ReadContact): Contact {
  if (!Array.isArray(value)) throw bad(message, "a contact", "an array of id and addresses");
  const addresses: unknown = value[1];
  if (!Array.isArray(addresses) || !addresses.every(isText)) throw bad(message, "the addresses", "an array of texts");
  return read(readPosition(message, value[0]), addresses);
}

function readContacts(message: string, value: WireValue | undefined, read: ReadContact): readonly Contact[] {
  return readList(message, value).map((each) => readContact(message, each, read));
}

function readList(message: string, value: WireValue | undefined): readonly WireValue[] {
  if (!Array.isArray(value) || value.length > maxContacts) {
    throw bad(message, "the list of contacts", `an array of at most ${maxContacts}`);
  }
  return value;
}

function readPositions(message: string, value: WireValue, most: number): readonly Uint8Array[] {
  if (!Array.isArray(value) || value.length > most)
    throw bad(message, "the list of ids", `an array of at most ${most}`);
  return value.map((each: WireValue) => readPosition(message, each));
}

function readPosition(message: string, value: WireValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== positionBytes) {
    throw bad(message, "an id or position", `${positionBytes} bytes`);
  }
  return value;
}

function readUint(message: string, what: string, value: WireValue | undefined, most: number): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > most) {
    throw bad(message, what, `an integer of 0 to ${most}`);
  }
  return value;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function bad(message: string, what: string, wanted: string): ChordError {
  return new ChordError("bad-message", `${what} of a ${message} message is not ${wanted}`);
}
