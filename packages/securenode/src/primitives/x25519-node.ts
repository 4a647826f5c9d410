// X25519 by node:crypto: chosen by the "node" condition of #x25519 [SEC-003].
import { createPrivateKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { type Random, systemRandom } from "@p2p/base";
import { wipe } from "../secrets/wipe.js";
import { importPublicKey } from "./import-public-key-node.js";
import type { DhKey, DhPublicKey } from "./primitives.js";

/** A public key that was imported once for all agreements. */
interface ImportedKey extends DhPublicKey {
  readonly imported: KeyObject;
}

/** @param secret 32 bytes, copied */
export function dhKey(secret: Uint8Array): DhKey {
  // JWK is the fastest way in (Node 24: 52 us with the public key, 67 us as PKCS#8); `x` is computed, not read.
  const jwk = { kty: "OKP", crv: "X25519", d: Buffer.from(secret).toString("base64url"), x: "" };
  return keyOf(createPrivateKey({ key: jwk, format: "jwk" }));
}

/** A key drawn from `random`. The platform's own source is asked by OpenSSL itself: that saves 20 us. */
export function drawDhKey(random: Random): DhKey {
  if (random === systemRandom) return keyOf(generateKeyPairSync("x25519").privateKey);
  const secret = random.bytes(32);
  const key = dhKey(secret);
  wipe(secret);
  return key;
}

function keyOf(privateKey: KeyObject): DhKey {
  const { x = "" } = privateKey.export({ format: "jwk" });
  return {
    publicKey: new Uint8Array(Buffer.from(x, "base64url")),
    agree(other) {
      // All public keys of this file's users were made by it.
      const publicKey = (other as ImportedKey).imported;
      try {
        return diffieHellman({ privateKey, publicKey });
      } catch {
        return undefined;
      }
    },
  };
}

/** @param bytes 32 bytes, kept */
export function dhPublicKey(bytes: Uint8Array): DhPublicKey {
  const key: ImportedKey = { bytes, imported: importPublicKey("x25519", bytes) };
  return key;
}
