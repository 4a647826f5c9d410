// Items that several messages of the ring have, checked before anybody sees them. chord.cddl [CHORD-050]
import { isUnsigned, type WireValue } from "@p2p/wire";
import { ChordError } from "../errors.js";
import { positionBytes } from "../ring/arc.js";
import type { Contact } from "../ring/contact.js";

/** The most contacts in one message: a list of the greatest length, and an owner or a predecessor. */
export const maxContacts = 33;
export const maxUint32 = 0xffff_ffff;

/** Makes a contact of what a peer tells. */
export type ReadContact = (position: Uint8Array, addresses: readonly string[]) => Contact;

export function contactItem({ position, addresses }: Contact): WireValue {
  return [position, [...addresses]];
}

export function readContact(message: string, value: WireValue | undefined, read: ReadContact): Contact {
  if (!Array.isArray(value)) throw bad(message, "a contact", "an array of id and addresses");
  const addresses: unknown = value[1];
  if (!Array.isArray(addresses) || !addresses.every(isText)) throw bad(message, "the addresses", "an array of texts");
  return read(readPosition(message, value[0]), addresses);
}

export function readContacts(message: string, value: WireValue | undefined, read: ReadContact): readonly Contact[] {
  return readList(message, value).map((each) => readContact(message, each, read));
}

export function readList(message: string, value: WireValue | undefined): readonly WireValue[] {
  if (!Array.isArray(value) || value.length > maxContacts) {
    throw bad(message, "the list of contacts", `an array of at most ${maxContacts}`);
  }
  return value;
}

export function readPositions(message: string, value: WireValue, most: number): readonly Uint8Array[] {
  if (!Array.isArray(value) || value.length > most)
    throw bad(message, "the list of ids", `an array of at most ${most}`);
  return value.map((each: WireValue) => readPosition(message, each));
}

export function readPosition(message: string, value: WireValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== positionBytes) {
    throw bad(message, "an id or position", `${positionBytes} bytes`);
  }
  return value;
}

export function readUint(message: string, what: string, value: WireValue | undefined, most: number): number {
  if (!isUnsigned(value) || value > most) {
    throw bad(message, what, `an integer of 0 to ${most}`);
  }
  return value;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

export function bad(message: string, what: string, wanted: string): ChordError {
  return new ChordError("bad-message", `${what} of a ${message} message is not ${wanted}`);
}
