// Why a connection ended: the code of the registry, a text for people, and who said so [BASE-050] to [BASE-053].
import { closeCodes } from "@p2p/wire";

/** Names of the close codes, and what has no code on the wire: `lost` without a close, `unknown` for a newer code. */
export type CloseName = keyof typeof closeCodes | "lost" | "unknown";

/** Why a connection ended, or never came to be. */
export interface CloseReason {
  /** Of the registry of close codes; {@link lostCode} when no close came. */
  readonly code: number;
  readonly name: CloseName;
  /** For people; written by the peer unless `byUs`, so show it as text and never as markup. */
  readonly text: string;
  /** Whether this node decided it. */
  readonly byUs: boolean;
}

/** Reported when a connection ended without a close message; reserved, never sent. */
export const lostCode = 255;

/** Characters of a close text that are sent, and that are kept of a peer's. */
export const maxCloseTextLength = 256;

const names = new Map<number, CloseName>([[lostCode, "lost"]]);
// The names are the keys of closeCodes: Object.entries forgets that.
for (const [name, code] of Object.entries(closeCodes)) names.set(code, name as keyof typeof closeCodes);

/** The reason of a close that this node decides. */
export function ourReason(name: Exclude<CloseName, "unknown">, text: string): CloseReason {
  const code = name === "lost" ? lostCode : closeCodes[name];
  return { code, name, text: cut(text), byUs: true };
}

/** The reason that a peer gave; control characters of its text are blanked out. */
export function peerReason(code: number, text: string): CloseReason {
  // `lost` is this node's own word: a peer that sends its number said nothing.
  const name = code === lostCode ? "unknown" : (names.get(code) ?? "unknown");
  return { code, name, text: printable(cut(text)), byUs: false };
}

/** The reason when the channel ended without a close. */
export function lostReason(error?: Error): CloseReason {
  const text = error === undefined ? "the peer ended the connection without a close" : error.message;
  return { code: lostCode, name: "lost", text: cut(text), byUs: false };
}

/** Never leaves half a character: that has no UTF-8 form, and the close would not be sent. */
function cut(text: string): string {
  return text.slice(0, maxCloseTextLength).replace(/\p{Cs}/gu, "\ufffd");
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, " ");
}
