// The messages of the ring as the suite writes and recognises them (spec/chord.cddl).
import type { Packable } from "../reference/msgpack.js";
import { isSameBytes, toHex, type Value } from "../reference/value.js";
import type { Message } from "./message.js";
import { isWhisper, subtype } from "./messages.js";

export const ringFeatures = ["chord/1", "requests/1"] as const;

export const isStanding: (message: Message) => boolean = isWhisper(subtype.standing);
export const isQuestion: (message: Message) => boolean = isWhisper(subtype.question);
export const isAnswer: (message: Message) => boolean = isWhisper(subtype.answer);
export const isAsk: (message: Message) => boolean = isWhisper(subtype.neighbourhood);
export const isFind: (message: Message) => boolean = isWhisper(subtype.find);
export const isFound: (message: Message) => boolean = isWhisper(subtype.found);
export const isHint: (message: Message) => boolean = isWhisper(subtype.hint);
export const isLeave: (message: Message) => boolean = isWhisper(subtype.leave);

/** Whether a message of the ring, whatever it says. */
export function isOfRing({ type, subtype: kind }: Message): boolean {
  return type === 2 && kind >= subtype.standing && kind <= subtype.leave;
}

/** Bits of an ask for a neighbourhood. */
export const askBit = { notifies: 1, all: 2, life: 4, numbers: 8 } as const;
/** Bits of a find. */
export const findBit = { forOwner: 1, traced: 2 } as const;
export const findStatus = { owner: 0, next: 1, nextOwner: 2, noWay: 3, busy: 4 } as const;

export const hasBit = (message: Message, bit: number): boolean => (Number(message.items[2]) & bit) !== 0;
export const isNotice = (message: Message): boolean => isAsk(message) && hasBit(message, askBit.notifies);
export const isProbe = (message: Message): boolean => isAsk(message) && hasBit(message, askBit.life);

/** A contact as it travels. */
export interface Contact {
  readonly id: Uint8Array;
  readonly addresses: readonly string[];
}

export function contact({ id, addresses }: Contact): Packable {
  return [id, [...addresses]];
}

export interface ReadFind {
  readonly requestId: number;
  readonly position: Uint8Array;
  readonly hopsLeft: number;
  readonly bits: number;
  readonly wanted: number;
  readonly avoid: readonly Uint8Array[];
  readonly body: Uint8Array | undefined;
}

export function readFind({ items }: Message): ReadFind {
  const [, requestId, position, hopsLeft, bits, wanted, avoid = [], body] = items;
  return {
    requestId: Number(requestId),
    position: position as Uint8Array,
    hopsLeft: Number(hopsLeft),
    bits: Number(bits),
    wanted: Number(wanted),
    avoid: avoid as readonly Uint8Array[],
    body: body instanceof Uint8Array ? body : undefined,
  };
}

export const isFindOf =
  (position: Uint8Array) =>
  (message: Message): boolean =>
    isFind(message) && message.items[2] instanceof Uint8Array && isSameBytes(message.items[2], position);

export interface ReadFound {
  readonly requestId: number;
  readonly status: number;
  readonly hops: number;
  /** Ids in hexadecimal. */
  readonly contacts: readonly string[];
}

export function readFound({ items }: Message): ReadFound {
  const [, requestId, status, hops, contacts] = items;
  return { requestId: Number(requestId), status: Number(status), hops: Number(hops), contacts: idsOf(contacts) };
}

/** A neighbourhood as a node told it; ids in hexadecimal. */
export interface ReadNeighbourhood {
  readonly revision: number;
  readonly isMember: boolean;
  readonly isWhole: boolean;
  readonly predecessor: string | undefined;
  readonly successors: readonly string[];
}

/** Undefined for an answer with the revision alone. */
export function readNeighbourhood({ items }: Message): ReadNeighbourhood | undefined {
  const [, , , revision, bits, predecessor, successors] = items;
  if (bits === undefined) return undefined;
  return {
    revision: Number(revision),
    isMember: (Number(bits) & 1) !== 0,
    isWhole: (Number(bits) & 2) !== 0,
    predecessor: idOf(predecessor),
    successors: idsOf(successors),
  };
}

/** The id of a contact in hexadecimal; undefined for nil or none. */
export function idOf(value: Value | undefined): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const [id] = value as readonly Value[];
  return id instanceof Uint8Array ? toHex(id) : undefined;
}

function idsOf(value: Value | undefined): string[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Value[]).map((one) => idOf(one) ?? "none");
}
