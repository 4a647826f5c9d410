// The X25519 keys of identities, and HPKE's modes base and auth for one message, written from the chapter and RFC 9180.
import { createHash, createHmac } from "node:crypto";
import { concat, fromHex, toHex } from "../value.js";
import { agree, type DhPair, pairOf } from "./noise.js";
import { type SealedDefects, soundSealing } from "./sealed-defects.js";
import { open, seal } from "./xchacha.js";

const prime = 2n ** 255n - 19n;
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const none = new Uint8Array(0);

/** The secret X25519 key of a seed's identity. */
export function readingPair(seed: Uint8Array, defects: SealedDefects = soundSealing): DhPair {
  const name = defects.has("seal-secret-sha256") ? "sha256" : "sha512";
  return pairOf(new Uint8Array(createHash(name).update(seed).digest().subarray(0, 32)));
}

/** The X25519 key of a public Ed25519 key; undefined for what has to be refused. */
export function readingKey(publicKey: Uint8Array, defects: SealedDefects = soundSealing): Uint8Array | undefined {
  const all = BigInt(`0x${toHex(publicKey.slice().reverse())}`);
  const y = defects.has("seal-u-sign") ? all : all % 2n ** 255n;
  const isProper = y < prime && y !== 1n;
  if (!isProper && !defects.has("seal-any-key") && !defects.has("seal-u-sign")) return undefined;
  const [above, below] = defects.has("seal-u-inverted") ? [1n - y, 1n + y] : [1n + y, 1n - y];
  const u = mod(above * inverse(mod(below)));
  return fromHex(u.toString(16).padStart(64, "0")).reverse();
}

const mod = (value: bigint): bigint => ((value % prime) + prime) % prime;

/** By Euclid; of 0 it is 0. */
function inverse(value: bigint): bigint {
  let [rest, next, factor, nextFactor] = [prime, value, 0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return value === 0n ? 0n : mod(factor);
}

/** What two keys agree on; undefined where it is zeroes. */
export function agreed(
  pair: DhPair,
  publicKey: Uint8Array,
  defects: SealedDefects = soundSealing,
): Uint8Array | undefined {
  try {
    return agree(pair, publicKey);
  } catch {
    return defects.has("seal-zeroes") ? new Uint8Array(32) : undefined;
  }
}

/** The other party of mode auth: its key, and what was agreed on with it. */
export interface Authenticated {
  readonly key: Uint8Array;
  readonly dh: Uint8Array;
}

export interface HpkeUse {
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
}

interface Agreement {
  readonly encapsulation: Uint8Array;
  readonly dh: Uint8Array;
  /** The reader's X25519 key. */
  readonly reader: Uint8Array;
  readonly sender: Authenticated | undefined;
  readonly info: Uint8Array;
}

function mac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(createHmac("sha256", key).update(concat(parts)).digest());
}

/** Key and nonce of the one message. */
function messageKey({ encapsulation, dh, reader, sender, info }: Agreement, defects: SealedDefects) {
  const aead = defects.has("seal-other-suite") ? 1 : 3;
  const kem = concat([text("KEM"), Uint8Array.of(0, 0x20)]);
  const suite = concat([text("HPKE"), Uint8Array.of(0, 0x20, 0, 1, 0, aead)]);
  const extract = (id: Uint8Array, salt: Uint8Array, label: string, input: Uint8Array): Uint8Array =>
    mac(salt, text("HPKE-v1"), id, text(label), input);
  const expand = (id: Uint8Array, secret: Uint8Array, label: string, context: Uint8Array, length: number) =>
    mac(secret, Uint8Array.of(0, length), text("HPKE-v1"), id, text(label), context, Uint8Array.of(1)).slice(0, length);
  const all = concat([dh, sender?.dh ?? none]);
  const keys = concat([encapsulation, reader, sender?.key ?? none]);
  const shared = expand(kem, extract(kem, none, "eae_prk", all), "shared_secret", keys, 32);
  const hashes = [extract(suite, none, "psk_id_hash", none), extract(suite, none, "info_hash", info)];
  const context = concat([Uint8Array.of(sender === undefined ? 0 : 2), ...hashes]);
  const secret = extract(suite, shared, "secret", none);
  return { key: expand(suite, secret, "key", context, 32), nonce: expand(suite, secret, "base_nonce", context, 12) };
}

export interface SealOnceParts extends HpkeUse {
  readonly plaintext: Uint8Array;
  readonly ephemeral: DhPair;
  /** X25519. */
  readonly reader: Uint8Array;
  readonly sender?: Authenticated | undefined;
  /** In the place of what the ephemeral key and the reader's agree on. */
  readonly dh?: Uint8Array;
}

/** Encapsulation and ciphertext. */
export function sealOnce(parts: SealOnceParts, defects: SealedDefects = soundSealing): Uint8Array {
  const { plaintext, ephemeral, reader, sender, aad, info } = parts;
  const dh = parts.dh ?? agreed(ephemeral, reader, defects);
  if (dh === undefined) throw new TypeError("the keys agree on nothing");
  const encapsulation = ephemeral.publicKey;
  const { key, nonce } = messageKey({ encapsulation, dh, reader, sender, info }, defects);
  const sealed = seal(key, nonce, aad, plaintext);
  return concat(defects.has("seal-stanza-order") ? [sealed, encapsulation] : [encapsulation, sealed]);
}

/** Undefined when it does not verify. @param sender X25519, for mode auth */
export function openOnce(
  stanza: Uint8Array,
  pair: DhPair,
  { info, aad, sender }: HpkeUse & { readonly sender?: Uint8Array | undefined },
  defects: SealedDefects = soundSealing,
): Uint8Array | undefined {
  const at = defects.has("seal-stanza-order") ? stanza.length - 32 : 0;
  const encapsulation = stanza.slice(at, at + 32);
  const sealed = at === 0 ? stanza.subarray(32) : stanza.subarray(0, at);
  const dh = agreed(pair, encapsulation, defects);
  const senderDh = sender === undefined ? none : agreed(pair, sender, defects);
  if (dh === undefined || senderDh === undefined) return undefined;
  const authenticated = sender === undefined ? undefined : { key: sender, dh: senderDh };
  const agreement = { encapsulation, dh, reader: pair.publicKey, sender: authenticated, info };
  const { key, nonce } = messageKey(agreement, defects);
  return open(key, nonce, aad, sealed);
}
