// A public key as somebody gave it: a line, a PEM text or a JSON Web Key [SEC-012] [SEC-013] [SEC-014].
import { decodePublicJwk, type PublicJwk } from "./jwk.js";
import { decodePublicPem } from "./pem.js";
import { decodeKeyText } from "./text.js";

/** Reads a public key in any form that an identity writes. @returns 32 bytes @throws SecureError `bad-key` */
export function parsePublicKey(key: string | PublicJwk): Uint8Array {
  if (typeof key !== "string") return decodePublicJwk(key);
  return key.includes("-----BEGIN") ? decodePublicPem(key) : decodeKeyText("public", key);
}
