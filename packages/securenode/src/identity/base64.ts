// Base64 (RFC 4648) of few bytes, on every platform.
import { SecureError } from "../errors.js";

export function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** @throws SecureError `bad-key`; the text may be a secret, so the error does not show it */
export function decodeBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new SecureError("bad-key", "not the base64 text of a key; copy it anew, in full");
  }
}

/** The alphabet of JWK: `-` and `_`, and no padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @throws SecureError `bad-key` */
export function decodeBase64Url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new SecureError("bad-key", "not the base64url text of a key");
  return decodeBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}
