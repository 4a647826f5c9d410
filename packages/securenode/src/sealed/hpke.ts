/**
 * HPKE (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305, modes base and auth, one message a
 * key [SEC-201].
 *
 * Of its own, and not by a library: over the primitives that are here anyway it is this file, and it is synchronous. The
 * libraries go through WebCrypto: every call is a promise that another thread settles, so that a run in virtual time
 * could not be played again.
 */
import { aeadKey } from "#aead";
import { hashBytes, hmac } from "../primitives/hmac.js";
import { join } from "../primitives/join.js";
import type { DhKey, DhPublicKey } from "../primitives/primitives.js";
import { wipe } from "../secrets/wipe.js";

/** A shared secret for one message. */
export interface Encapsulated {
  readonly sharedSecret: Uint8Array;
  /** What the receiver makes it of, 32 bytes. */
  readonly encapsulation: Uint8Array;
}

/** The key and the nonce of the one message. */
export interface MessageKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** Base: the receiver is certain of nobody. Auth: of who holds the secret key of `sender`. */
export type HpkeMode = "base" | "auth";

export const encapsulationBytes = 32;
const keyBytes = 32;
const nonceBytes = 12;

const none: Uint8Array = new Uint8Array(0);
const encoder = new TextEncoder();
const version = encoder.encode("HPKE-v1");
/** "KEM" and the number of DHKEM(X25519, HKDF-SHA256). */
const kemSuite = join([encoder.encode("KEM"), Uint8Array.of(0, 0x20)]);
/** "HPKE" and the numbers of the KEM, of HKDF-SHA256 and of ChaCha20-Poly1305. */
const suite = join([encoder.encode("HPKE"), Uint8Array.of(0, 0x20, 0, 0x01, 0, 0x03)]);
const modes: Readonly<Record<HpkeMode, number>> = { base: 0, auth: 2 };

/** Encap and AuthEncap, section 4.1. Undefined for a key of low order. @param ephemeral used once, and never again */
export function encapsulate(ephemeral: DhKey, receiver: DhPublicKey, sender?: DhKey): Encapsulated | undefined {
  const encapsulation = ephemeral.publicKey;
  const agreed = [ephemeral.agree(receiver), ...(sender === undefined ? [] : [sender.agree(receiver)])];
  const keys = [encapsulation, receiver.bytes, ...(sender === undefined ? [] : [sender.publicKey])];
  const sharedSecret = extractAndExpand(agreed, keys);
  return sharedSecret === undefined ? undefined : { sharedSecret, encapsulation };
}

/** Decap and AuthDecap, section 4.1. Undefined for a key of low order. @returns the shared secret */
export function decapsulate(encapsulation: DhPublicKey, receiver: DhKey, sender?: DhPublicKey): Uint8Array | undefined {
  const agreed = [receiver.agree(encapsulation), ...(sender === undefined ? [] : [receiver.agree(sender)])];
  const keys = [encapsulation.bytes, receiver.publicKey, ...(sender === undefined ? [] : [sender.bytes])];
  return extractAndExpand(agreed, keys);
}

/** KeySchedule, section 5.1, without a pre-shared key. @param sharedSecret overwritten */
export function messageKey(mode: HpkeMode, sharedSecret: Uint8Array, info: Uint8Array): MessageKey {
  const pskIdHash = labeledExtract(suite, none, "psk_id_hash", none);
  const infoHash = labeledExtract(suite, none, "info_hash", info);
  const context = join([Uint8Array.of(modes[mode]), pskIdHash, infoHash]);
  const secret = labeledExtract(suite, sharedSecret, "secret", none);
  const key = labeledExpand(suite, secret, "key", context, keyBytes);
  const nonce = labeledExpand(suite, secret, "base_nonce", context, nonceBytes);
  wipe(sharedSecret, secret);
  return { key, nonce };
}

/** Encrypts the one message. @param messageKey overwritten */
export function sealOnce({ key, nonce }: MessageKey, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const sealed = join(aeadKey(key).seal(nonce, aad, [plaintext]));
  wipe(key, nonce);
  return sealed;
}

/** Decrypts the one message; undefined when it does not verify. @param messageKey overwritten */
export function openOnce({ key, nonce }: MessageKey, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const opened = aeadKey(key).open(nonce, aad, [sealed]);
  wipe(key, nonce);
  return opened === undefined ? undefined : join(opened);
}

function extractAndExpand(
  agreed: readonly (Uint8Array | undefined)[],
  keys: readonly Uint8Array[],
): Uint8Array | undefined {
  const known = agreed.filter((secret) => secret !== undefined);
  if (known.length < agreed.length) {
    wipe(...known);
    return undefined;
  }
  const dh = known.length === 1 ? (known[0] ?? none) : join(known);
  const extracted = labeledExtract(kemSuite, none, "eae_prk", dh);
  const sharedSecret = labeledExpand(kemSuite, extracted, "shared_secret", join(keys), keyBytes);
  wipe(dh, extracted, ...known);
  return sharedSecret;
}

/** Section 4; HKDF-Extract of RFC 5869. */
function labeledExtract(suiteId: Uint8Array, salt: Uint8Array, label: string, material: Uint8Array): Uint8Array {
  const text = join([version, suiteId, encoder.encode(label), material]);
  const extracted = hmac(salt, text);
  wipe(text);
  return extracted;
}

/** Section 4; HKDF-Expand of RFC 5869, of one block. @param length at most 32 */
function labeledExpand(
  suiteId: Uint8Array,
  secret: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const text = join([Uint8Array.of(0, length), version, suiteId, encoder.encode(label), info, Uint8Array.of(1)]);
  const block = hmac(secret, text);
  return length === hashBytes ? block : block.slice(0, length);
}
