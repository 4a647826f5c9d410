// Keys as PEM: PKCS#8 and SubjectPublicKeyInfo of Ed25519, RFC 8410 [SEC-012].
import { SecureError } from "../errors.js";
import { join } from "../primitives/join.js";
import { decodeBase64, encodeBase64 } from "./base64.js";
import { keyBytes } from "./node-id.js";

/** DER up to the key itself. */
const secretPrefix = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);
const publicPrefix = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0);

/** No key is longer: what is, is not looked at. */
const maxPemLength = 1_024;

export function encodeSecretPem(seed: Uint8Array): string {
  return armour("PRIVATE KEY", join([secretPrefix, seed]));
}

/** The 32-byte seed. @throws SecureError `bad-key` */
export function decodeSecretPem(text: string): Uint8Array {
  return unwrap(text, "PRIVATE KEY", secretPrefix);
}

export function encodePublicPem(publicKey: Uint8Array): string {
  return armour("PUBLIC KEY", join([publicPrefix, publicKey]));
}

/** The 32-byte public key. @throws SecureError `bad-key` */
export function decodePublicPem(text: string): Uint8Array {
  return unwrap(text, "PUBLIC KEY", publicPrefix);
}

function armour(label: string, der: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${encodeBase64(der)}\n-----END ${label}-----\n`;
}

function unwrap(text: string, label: string, prefix: Uint8Array): Uint8Array {
  const form = new RegExp(`^\\s*-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]*)-----END ${label}-----\\s*$`);
  const match = text.length <= maxPemLength ? form.exec(text) : null;
  if (match === null) throw new SecureError("bad-key", `not a PEM text with one ${label}`);
  const der = decodeBase64((match[1] ?? "").replace(/\s/g, ""));
  if (der.length !== prefix.length + keyBytes || prefix.some((byte, index) => der[index] !== byte)) {
    throw new SecureError(
      "bad-key",
      `the PEM text holds no Ed25519 key; make one with: openssl genpkey -algorithm ed25519`,
    );
  }
  return der.subarray(prefix.length);
}
