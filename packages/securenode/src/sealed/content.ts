// What is sealed, under a key of the secret that the readers get [SEC-206].
import { decodeValue, sha256, type WireValue } from "@p2p/wire";
import { aeadKey } from "#aead";
import { tagged } from "../domain-tags.js";
import { SecureError } from "../errors.js";
import { join } from "../primitives/join.js";
import { wipe } from "../secrets/wipe.js";

/** All zeroes: a secret is drawn for each content, and a key is used once. */
const nonce: Uint8Array = new Uint8Array(12);

export function sealContent(secret: Uint8Array, ad: Uint8Array, content: Uint8Array): Uint8Array {
  const key = contentKeyOf(secret);
  const sealed = join(aeadKey(key).seal(nonce, ad, [content]));
  wipe(key);
  return sealed;
}

/** Undefined when it does not verify. */
export function openContent(secret: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const key = contentKeyOf(secret);
  const opened = aeadKey(key).open(nonce, ad, [sealed]);
  wipe(key);
  return opened === undefined ? undefined : join(opened);
}

/** The data of a content that was verified. @throws SecureError `bad-sealed` */
export function decodeContent(content: Uint8Array): WireValue {
  try {
    return decodeValue(content);
  } catch (cause) {
    throw new SecureError("bad-sealed", "what was sealed is no value; its sender made a mistake", { cause });
  }
}

function contentKeyOf(secret: Uint8Array): Uint8Array {
  const text = tagged("contentKey", secret);
  const key = sha256(text);
  wipe(text);
  return key;
}
