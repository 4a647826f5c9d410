// Messages that their readers alone can read, and know the sender of, whoever passes them on [SEC-210] to [SEC-219].
import { type Random, systemRandom } from "@p2p/base";
import { encodeValue, type NodeId, sha256, type WireValue } from "@p2p/wire";
import { tagged } from "../domain-tags.js";
import { SecureError } from "../errors.js";
import { type Identity, readingKeyPair } from "../identity/identity.js";
import { nodeIdOfKey } from "../identity/node-id.js";
import { join } from "../primitives/join.js";
import type { DhPublicKey } from "../primitives/primitives.js";
import { isEqual } from "../secrets/is-equal.js";
import { wipe } from "../secrets/wipe.js";
import { decodeContent, openContent, sealContent } from "./content.js";
import { checkAt, decodeSealed, encodeOutline, maxHiddenReaders, type SealedParts } from "./message-format.js";
import { compareBytes, maxReaders, orderedReaders } from "./reader-keys.js";
import { readingKeyOf } from "./reading-key.js";
import { type StanzaUse, secretBytes, unwrapSecret, wrapSecret } from "./stanza.js";

export interface SealOptions {
  /** The public keys of who shall read it: 1 to 256, or 16 when hidden. */
  readonly to: readonly Uint8Array[];
  /** Who it is from: readers are certain of it, and can prove it to nobody else. Default: from nobody. */
  readonly from?: Identity;
  /** What it is for, such as the name of a room: it opens with the same context only, which is not in it. Default: "". */
  readonly context?: string;
  /** Whether the readers are not named: each of them tries to open every part. Default: false. */
  readonly hideReaders?: boolean;
  /** Default: {@link systemRandom}. */
  readonly random?: Random;
}

export interface UnsealOptions {
  /** Who reads. */
  readonly identity: Identity;
  /** The only sender whose message is wanted. Default: whoever. */
  readonly from?: NodeId;
  /** That of the sealing. Default: "". */
  readonly context?: string;
}

/** A sealed message that was opened, and verified. */
export interface Unsealed {
  readonly data: WireValue;
  /** Who sealed it; undefined when it says nobody. */
  readonly from: NodeId | undefined;
  /** The sender's public key, 32 bytes: what an answer is sealed for. */
  readonly fromKey: Uint8Array | undefined;
  /** All who can read it, in no order that says anything; undefined when they are hidden. */
  readonly readers: readonly NodeId[] | undefined;
}

/**
 * Seals data for its readers. Sealing for oneself too takes one's own key in `to`.
 * @throws SecureError `bad-key`; RangeError for a number of readers that cannot be; WireError for data that cannot be encoded
 */
export function seal(data: WireValue, options: SealOptions): Uint8Array {
  const { to, from, context = "", hideReaders = false, random = systemRandom } = options;
  const content = encodeValue(data);
  const readers = orderedReaders(to, hideReaders ? maxHiddenReaders : maxReaders);
  const secret = random.bytes(secretBytes);
  const outline = encodeOutline(from?.publicKey, readers, hideReaders);
  outline.set(checkOf(secret, outline, context, content), checkAt);
  const sender = from === undefined ? {} : { sender: readingKeyPair(from) };
  const use = { ...useOf(outline, context), ...sender };
  const stanzas = readers.map((reader) => wrapSecret(secret, reader, use, random));
  if (hideReaders) stanzas.sort(compareBytes);
  const head = join([outline, ...stanzas]);
  const sealed = sealContent(secret, join([head, bytesOf(context)]), content);
  wipe(secret);
  return join([head, sealed]);
}

/**
 * Opens a sealed message. That it comes again, or late, shows in what it says and not here: see the chapter.
 * @throws SecureError `bad-sealed`, `not-a-reader`, `sealed-forged`, `wrong-sender`
 */
export function unseal(bytes: Uint8Array, options: UnsealOptions): Unsealed {
  const { identity, from, context = "" } = options;
  const parts = decodeSealed(bytes);
  const sender = parts.sender === undefined ? undefined : nodeIdOfKey(parts.sender);
  if (from !== undefined && from !== sender) {
    const who = sender === undefined ? "says nobody" : "names another";
    throw new SecureError("wrong-sender", `the message is to be from ${from} and ${who}`, { peer: from });
  }
  const secret = secretFor(identity, parts, context);
  const content = openContent(secret, join([parts.head, bytesOf(context)]), parts.sealed);
  const check = content && checkOf(secret, withoutCheck(parts.outline), context, content);
  wipe(secret);
  if (content === undefined || check === undefined || !isEqual(check, parts.check)) throw forged(sender);
  return {
    data: decodeContent(content),
    from: sender,
    fromKey: parts.sender?.slice(),
    readers: parts.readers?.map((reader) => nodeIdOfKey(reader)),
  };
}

function secretFor(identity: Identity, parts: SealedParts, context: string): Uint8Array {
  const { readers, stanzas, sender } = parts;
  const use = { ...useOf(parts.outline, context), ...senderOf(sender) };
  if (readers === undefined) {
    for (const stanza of stanzas) {
      const secret = unwrapSecret(stanza, readingKeyPair(identity), use);
      if (secret !== undefined) return secret;
    }
    throw notAReader(identity);
  }
  const index = readers.findIndex((reader) => isEqual(reader, identity.publicKey));
  const stanza = stanzas[index];
  if (stanza === undefined) throw notAReader(identity);
  const secret = unwrapSecret(stanza, readingKeyPair(identity), use);
  if (secret === undefined) throw forged(sender && nodeIdOfKey(sender));
  return secret;
}

function senderOf(sender: Uint8Array | undefined): { readonly sender?: DhPublicKey } {
  if (sender === undefined) return {};
  const key = readingKeyOf(sender);
  if (key === undefined) throw forged(nodeIdOfKey(sender));
  return { sender: key };
}

/** What a stanza is tied to: who it is from and for, where, and (by the check) what it opens. */
function useOf(outline: Uint8Array, context: string): StanzaUse<never> {
  return { info: tagged("sealedMessage"), binding: sha256(tagged("sealedMessage", outline, bytesOf(context))) };
}

/**
 * Ties the readers' parts to the content: none of them, who all know the secret, can put other content under it. Tells
 * nothing of the content, as nobody else knows the secret.
 */
function checkOf(secret: Uint8Array, blankOutline: Uint8Array, context: string, content: Uint8Array): Uint8Array {
  const place = sha256(tagged("sealedMessage", blankOutline, bytesOf(context)));
  const text = tagged("contentCheck", secret, place, sha256(content));
  const check = sha256(text);
  wipe(text);
  return check;
}

function withoutCheck(outline: Uint8Array): Uint8Array {
  return outline.slice().fill(0, checkAt, checkAt + 32);
}

function bytesOf(context: string): Uint8Array {
  return new TextEncoder().encode(context);
}

function notAReader(identity: Identity): SecureError {
  return new SecureError("not-a-reader", `it is not sealed for ${identity.id}; ask its sender for it`);
}

function forged(sender: NodeId | undefined): SecureError {
  const text = "it does not verify: altered, not of who it says, or for another context; take nothing of it";
  return new SecureError("sealed-forged", text, sender === undefined ? {} : { peer: sender });
}
