// The secret of a sealed thing, once for each reader [SEC-205].
import type { Random } from "@p2p/base";
import { dhPublicKey, drawDhKey } from "#x25519";
import { SecureError } from "../errors.js";
import { keyBytes } from "../identity/node-id.js";
import { join } from "../primitives/join.js";
import { type DhKey, type DhPublicKey, tagBytes } from "../primitives/primitives.js";
import { decapsulate, encapsulate, encapsulationBytes, messageKey, openOnce, sealOnce } from "./hpke.js";
import { readingKeyOf } from "./reading-key.js";

export const secretBytes = 32;

/** One reader's part: an encapsulation and the secret under it. */
export const stanzaBytes: number = encapsulationBytes + secretBytes + tagBytes;

/** What a stanza is good for, and nothing else. */
export interface StanzaUse<Sender> {
  /** `info` of HPKE. */
  readonly info: Uint8Array;
  /** Associated data. */
  readonly binding: Uint8Array;
  /** Whose word it is: mode auth. Without one: mode base. */
  readonly sender?: Sender;
}

/** @param reader Ed25519. @throws SecureError `bad-key` */
export function wrapSecret(
  secret: Uint8Array,
  reader: Uint8Array,
  { info, binding, sender }: StanzaUse<DhKey>,
  random: Random,
): Uint8Array {
  const readingKey = reader.length === keyBytes ? readingKeyOf(reader) : undefined;
  const made = readingKey === undefined ? undefined : encapsulate(drawDhKey(random), readingKey, sender);
  if (made === undefined) throw new SecureError("bad-key", "a reader's key is none; give the 32 bytes of `publicKey`");
  const key = messageKey(sender === undefined ? "base" : "auth", made.sharedSecret, info);
  return join([made.encapsulation, sealOnce(key, binding, secret)]);
}

/** The secret, or undefined: the stanza is another's, altered, or not of this sender. */
export function unwrapSecret(
  stanza: Uint8Array,
  reader: DhKey,
  { info, binding, sender }: StanzaUse<DhPublicKey>,
): Uint8Array | undefined {
  const shared = decapsulate(dhPublicKey(stanza.slice(0, encapsulationBytes)), reader, sender);
  if (shared === undefined) return undefined;
  const key = messageKey(sender === undefined ? "base" : "auth", shared, info);
  return openOnce(key, binding, stanza.subarray(encapsulationBytes));
}
