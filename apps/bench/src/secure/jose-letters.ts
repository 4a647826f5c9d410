// JSON Web Encryption to X25519 keys: the most used way to encrypt for one reader or many. It says nothing of who the sender is.
import { exportJWK, GeneralEncrypt, type GeneralJWE, generalDecrypt, generateKeyPair, importJWK } from "jose";
import { payloadBytes, readerCounts, type Sealing } from "./letters.js";

const alg = "ECDH-ES+A256KW";
const enc = "A256GCM";

export async function joseSealing(): Promise<Sealing> {
  const pairs = await Promise.all(
    Array.from({ length: Math.max(...readerCounts) }, () => generateKeyPair(alg, { crv: "X25519", extractable: true })),
  );
  // As they would come from others.
  const keys = await Promise.all(pairs.map(async ({ publicKey }) => importJWK(await exportJWK(publicKey), alg)));
  const secret = pairs[0]?.privateKey;
  if (secret === undefined) throw new Error("no key");
  const data = new Uint8Array(payloadBytes).fill(7);
  return {
    async seal(count) {
      const jwe = new GeneralEncrypt(data).setProtectedHeader({ enc });
      for (const key of keys.slice(0, count)) jwe.addRecipient(key).setUnprotectedHeader({ alg });
      return jwe.encrypt();
    },
    async open(sealed) {
      // What this side has sealed is a JWE. Of many recipients the first is tried first: it is the one that opens.
      await generalDecrypt(sealed as GeneralJWE, secret);
    },
  };
}
