// Ed25519 by node:crypto: chosen by the "node" condition of #ed25519 [SEC-003].
import { createPrivateKey, type KeyObject, sign, verify } from "node:crypto";
import { isProperPublicKey } from "./ed25519-keys.js";
import { importPublicKey } from "./import-public-key-node.js";
import type { SigningKey, VerifyingKey } from "./primitives.js";

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

/** @param publicKey 32 bytes, copied */
export function verifyingKey(publicKey: Uint8Array): VerifyingKey {
  if (!isProperPublicKey(publicKey)) return { verify: () => false };
  let key: KeyObject;
  try {
    key = importPublicKey("ed25519", publicKey);
  } catch {
    return { verify: () => false };
  }
  return { verify: (message, signature) => verify(null, message, key, signature) };
}
