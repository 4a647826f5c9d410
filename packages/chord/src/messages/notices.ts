// Hints that something is new, and the word that a member leaves. chord.cddl [CHORD-024] [CHORD-025] [CHORD-038] [CHORD-050]
import { flags, type WireValue } from "@p2p/wire";
import type { Contact } from "../ring/contact.js";
import { contactItem, type ReadContact, readContact } from "./items.js";

const { subtypes } = flags;

export function encodeHint(candidate: Contact | undefined): WireValue[] {
  return candidate === undefined ? [subtypes.hint] : [subtypes.hint, contactItem(candidate)];
}

export function decodeHint(items: readonly WireValue[], read: ReadContact): Contact | undefined {
  return items[1] === undefined ? undefined : readContact("hint", items[1], read);
}

export function encodeLeave(predecessor: Contact | undefined): WireValue[] {
  return predecessor === undefined ? [subtypes.leave] : [subtypes.leave, contactItem(predecessor)];
}

export function decodeLeave(items: readonly WireValue[], read: ReadContact): Contact | undefined {
  return items[1] === undefined ? undefined : readContact("leave", items[1], read);
}
