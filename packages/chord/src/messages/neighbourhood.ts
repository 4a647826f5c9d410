// Asks for a neighbourhood, and what their answers hold. chord.cddl [CHORD-028] [CHORD-050] [CHORD-057]
import { flags, type WireValue } from "@p2p/wire";
import type { Contact, Neighbourhood } from "../ring/contact.js";
import { bad, contactItem, maxUint32, type ReadContact, readContact, readList, readUint } from "./items.js";

const { subtypes } = flags;

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
  const item = (each: Contact): WireValue => numbers.get(each) ?? contactItem(each);
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
