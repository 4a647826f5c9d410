// Ed25519 by node:crypto: chosen by the "node" condition of #ed25519 [SEC-003].
import { createPrivateKey, sign, verify } from "node:crypto";
import { importPublicKey } from "./import-public-key-node.js";
import type { SigningKey } from "./primitives.js";

/** @param seed 32 bytes, copied */
export function signingKey(seed: Uint8Array): SigningKey {
  const jwk = { kty: "OKP", crv: "Ed25519", d: Buffer.from(seed).toString("base64url"), x: "" };
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  const { x = "" } = key.export({ format: "jwk" });
  return {
    publicKey: new Uint8Array(Buffer.from(x, "base64url")),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

/** Whether the signature holds, by RFC 8032. False too for a key or a signature of a wrong form. */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, message, importPublicKey("ed25519", publicKey), signature);
  } catch {
    return false;
  }
}
