// Sealed messages between nodes: what is in one, and whether it is new [SEC-230] to [SEC-234].
import { encodeValue, isUnsigned, type NodeId, type WireValue } from "@p2p/wire";
import { SecureError } from "../errors.js";
import { type Identity, verifySigned } from "../identity/identity.js";
import { join } from "../primitives/join.js";
import type { ReplayWindows } from "../signed/replay-windows.js";
import { decodeMap, isBytes } from "../wire-map.js";

/** What a node tells another, sealed. */
export interface Letter {
  /** What it is about, the sender's choice. */
  readonly type: string;
  readonly data: WireValue;
  /** Grows with each letter of the sender, also over restarts. */
  readonly number: number;
  /** µs since 1970 by the sender's clock. */
  readonly time: number;
}

/** What proves to everybody that the sender wrote a letter: `verifySigned(fromKey, "letter", bytes, signature)`. */
export interface Proof {
  readonly bytes: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

export const letterType = "p2p/letter";
/** Of a letter's type, in characters. */
const maxTypeLength = 255;

/** Letters of one network open in no other. */
export function letterContext(network: string): string {
  return `letter ${network}`;
}

/** The value to seal. @param signer proves it to everybody, not to its readers alone */
export function encodeLetter(letter: Letter, context: string, signer?: Identity): WireValue {
  const { type, data, number, time } = letter;
  if (type === "" || type.length > maxTypeLength) throw new RangeError("the type of a letter has 1 to 255 characters");
  const bytes = encodeValue({ type, data, number, time });
  return signer === undefined ? [bytes] : [bytes, signer.sign("letter", signedPart(context, bytes))];
}

/** @param fromKey that of who sealed it. @throws SecureError `bad-sealed`, `sealed-forged` */
export function decodeLetter(
  value: WireValue,
  context: string,
  fromKey: Uint8Array,
): Letter & { readonly proof: Proof | undefined } {
  const [bytes, signature]: readonly (WireValue | undefined)[] = Array.isArray(value) ? value : [];
  if (!(bytes instanceof Uint8Array)) throw bad();
  const { type, data, number, time } = decodeMap(bytes, bytes.length) ?? {};
  if (typeof type !== "string" || type === "" || type.length > maxTypeLength || data === undefined) throw bad();
  if (!isUnsigned(number) || !isUnsigned(time)) throw bad();
  if (signature === undefined) return { type, data, number, time, proof: undefined };
  if (!isBytes(signature, 64)) throw bad();
  const signed = signedPart(context, bytes);
  if (verifySigned(fromKey, "letter", signed, signature))
    return { type, data, number, time, proof: { bytes: signed, signature } };
  throw new SecureError("sealed-forged", "its sender did not sign this letter");
}

/** @throws SecureError `message-stale`, `message-replayed`; else it is remembered */
export function takeOnce(
  windows: ReplayWindows,
  from: NodeId,
  letter: Letter,
  nowMs: number,
  freshnessMs: number,
): void {
  if (Math.abs(letter.time - nowMs * 1_000) > freshnessMs * 1_000) {
    throw new SecureError("message-stale", "the letter is not of now, or a clock is wrong", { peer: from });
  }
  if (!windows.isNew(from, letter.number, letter.time)) {
    throw new SecureError("message-replayed", "the letter came before", { peer: from });
  }
  windows.accept(from, letter.number, letter.time);
}

function signedPart(context: string, bytes: Uint8Array): Uint8Array {
  return join([new TextEncoder().encode(`${context}\0`), bytes]);
}

function bad(): SecureError {
  return new SecureError("bad-sealed", "what was sealed is no letter");
}
