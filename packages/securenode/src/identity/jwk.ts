// Keys as JSON Web Keys: kty OKP, crv Ed25519, RFC 8037 [SEC-013].
import { SecureError } from "../errors.js";
import { decodeBase64Url, encodeBase64Url } from "./base64.js";
import { keyBytes } from "./node-id.js";

/** An Ed25519 public key as JSON Web Key. */
export interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  /** The public key in base64url. */
  readonly x: string;
}

/** An Ed25519 secret key as JSON Web Key: keep it as you would a password. */
export interface SecretJwk extends PublicJwk {
  /** The seed in base64url. */
  readonly d: string;
}

export function encodePublicJwk(publicKey: Uint8Array): PublicJwk {
  return { kty: "OKP", crv: "Ed25519", x: encodeBase64Url(publicKey) };
}

/** The 32-byte public key. @throws SecureError `bad-key` */
export function decodePublicJwk(jwk: PublicJwk): Uint8Array {
  checkKind(jwk);
  return keyOf(jwk.x, "x");
}

export function encodeSecretJwk(publicKey: Uint8Array, seed: Uint8Array): SecretJwk {
  return { ...encodePublicJwk(publicKey), d: encodeBase64Url(seed) };
}

/** The 32-byte seed, and the public key that stands beside it. @throws SecureError `bad-key` */
export function decodeSecretJwk(jwk: SecretJwk): { readonly seed: Uint8Array; readonly publicKey: Uint8Array } {
  checkKind(jwk);
  return { seed: keyOf(jwk.d, "d"), publicKey: keyOf(jwk.x, "x") };
}

function checkKind(jwk: PublicJwk): void {
  // Of callers without types, or of JSON, anything may come, null too.
  const { kty, crv }: { readonly kty?: unknown; readonly crv?: unknown } = jwk ?? {};
  if (kty !== "OKP" || crv !== "Ed25519") throw new SecureError("bad-key", "not a JSON Web Key of Ed25519");
}

function keyOf(text: unknown, member: string): Uint8Array {
  const key = typeof text === "string" && text.length <= 64 ? decodeBase64Url(text) : undefined;
  if (key?.length !== keyBytes)
    throw new SecureError("bad-key", `member ${member} of the JSON Web Key is no 32-byte key`);
  return key;
}
