// What a node tells of itself over each new link. chord.cddl [CHORD-003] [CHORD-050]
import { flags, type WireValue } from "@p2p/wire";
import type { Role } from "../ring/ring-events.js";
import { readUint } from "./items.js";

const { subtypes } = flags;

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
