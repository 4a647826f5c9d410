// Identities, their text forms and key files, written from the chapter.
import { createHash, scryptSync } from "node:crypto";
import type { IdentityForms, KeyForm } from "../../codec/secure-target.js";
import { fromBase58, toBase58 } from "../base58.js";
import { Refusal } from "../refusal.js";
import { concat, fromHex, isSameBytes, toHex } from "../value.js";
import type { SecureDefects } from "./defects.js";
import { pem, publicKeyOf } from "./ed25519.js";
import { openX, sealX } from "./xchacha.js";

const encoder = new TextEncoder();

export function tag(text: string): Uint8Array {
  return concat([encoder.encode(`p2p/1 ${text}`), Uint8Array.of(0)]);
}

export function hash(name: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(createHash(name).update(concat(parts)).digest());
}

const none: SecureDefects = new Set();

export function idOfKey(publicKey: Uint8Array, defects: SecureDefects = none): Uint8Array {
  const prefix = defects.has("id-no-tag") ? new Uint8Array(0) : tag("node id");
  if (!defects.has("id-sha256")) return hash("sha384", prefix, publicKey);
  const short = hash("sha256", prefix, publicKey);
  return concat([short, short.subarray(0, 16)]);
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

function textOf(isSecret: boolean, bytes: Uint8Array, defects: SecureDefects): string {
  const prefix = defects.has("text-other-prefix") ? "p2p-key-" : isSecret ? "p2p-secret-" : "p2p-public-";
  const check = hash("sha256", encoder.encode(prefix), bytes).subarray(0, 4);
  return `${prefix}${toBase58(concat([bytes, defects.has("text-no-checksum") ? new Uint8Array(4) : check]))}`;
}

export function formsOf(seed: Uint8Array, defects: SecureDefects = none): IdentityForms {
  const publicKey = publicKeyOf(seed);
  const crv = defects.has("jwk-other-crv") ? "X25519" : "Ed25519";
  const secretPem = pem("PRIVATE KEY", seed);
  return {
    publicKey,
    id: idOfKey(publicKey, defects),
    publicPem: pem("PUBLIC KEY", publicKey),
    secretPem: defects.has("pem-version-2") ? secretPem.replace("MC4CAQAw", "MC4CAQEw") : secretPem,
    publicJwk: JSON.stringify({ kty: "OKP", crv, x: base64url(publicKey) }),
    secretJwk: JSON.stringify({ kty: "OKP", crv, x: base64url(publicKey), d: base64url(seed) }),
    publicText: textOf(false, publicKey, defects),
    secretText: textOf(true, seed, defects),
  };
}

export function readKey(form: KeyForm, isSecret: boolean, text: string, defects: SecureDefects = none): Uint8Array {
  if (form === "text") {
    const prefix = isSecret ? "p2p-secret-" : "p2p-public-";
    if (!text.startsWith(prefix)) throw new Refusal("bad-key");
    const bytes = fromBase58(text.slice(prefix.length), 36).subarray(0, 32);
    if (!defects.has("text-no-checksum") && textOf(isSecret, bytes, none) !== text) throw new Refusal("bad-key");
    return bytes;
  }
  if (form === "pem") {
    const bytes = new Uint8Array(Buffer.from(text.replaceAll(/-----.*?-----|\s/g, ""), "base64").subarray(-32));
    const isSound = pem(isSecret ? "PRIVATE KEY" : "PUBLIC KEY", bytes).trim() === text.trim();
    if (isSound || defects.has("pem-takes-any")) return bytes;
    throw new Refusal("bad-key");
  }
  const { kty, crv, x = "", d = "" } = JSON.parse(text) as { kty?: string; crv?: string; x?: string; d?: string };
  const bytes = new Uint8Array(Buffer.from(isSecret ? d : x, "base64url"));
  if (kty !== "OKP" || crv !== "Ed25519" || bytes.length !== 32) throw new Refusal("bad-key");
  const isPair = !isSecret || base64url(publicKeyOf(bytes)) === x;
  if (!isPair && !defects.has("jwk-any-pair")) throw new Refusal("bad-key");
  return bytes;
}

export interface FileParts {
  readonly logN?: number;
  readonly r?: number;
  readonly p?: number;
  readonly kind?: number;
  readonly version?: number;
}

function keyOf(password: string, header: Uint8Array, defects: SecureDefects): Uint8Array {
  const [logN = 0, r = 0, p = 0] = header.subarray(9, 12);
  const text = defects.has("file-no-normal-form") ? password : password.normalize("NFKC");
  const options = { N: 2 ** logN, r, p, maxmem: 2 ** 30 };
  return new Uint8Array(scryptSync(encoder.encode(text), header.subarray(12, 28), 32, options));
}

export function makeKeyFile(
  seed: Uint8Array,
  password: string,
  parts: FileParts = {},
  defects: SecureDefects = none,
): Uint8Array {
  const { logN = 10, r = 8, p = 1, kind = 1, version = 1 } = parts;
  const salt = hash("sha256", encoder.encode(password), seed).subarray(0, 16);
  const nonce = hash("sha256", salt).subarray(0, 24);
  const start = [encoder.encode("p2p key"), Uint8Array.of(version, kind, logN, r, p)];
  const header = concat([...start, salt, nonce, publicKeyOf(seed)]);
  const ad = defects.has("file-no-associated-data") ? new Uint8Array(0) : header;
  // What a reader has to refuse before it computes anything needs no true key.
  const key = 2 ** logN * r > 2 ** 20 || kind !== 1 ? new Uint8Array(32) : keyOf(password, header, defects);
  const body = concat([header, sealX(key, nonce, ad, seed)]);
  return concat([body, hash("sha256", body)]);
}

export function openKeyFile(bytes: Uint8Array, password: string, defects: SecureDefects = none): Uint8Array {
  const damaged = new Refusal(defects.has("file-one-error") ? "wrong-password" : "damaged-key-file");
  const [logN = 0, r = 0, p = 0] = bytes.subarray(9, 12);
  if (bytes.length !== 164 || toHex(bytes.subarray(0, 9)) !== `${toHex(encoder.encode("p2p key"))}0101`) throw damaged;
  if (!isSameBytes(hash("sha256", bytes.subarray(0, 132)), bytes.subarray(132))) throw damaged;
  if (128 * 2 ** logN * r > 2 ** 28 || logN === 0 || r === 0 || p === 0) throw damaged;
  if (p > 4 && !defects.has("file-any-cost")) throw damaged;
  const header = bytes.subarray(0, 84);
  const ad = defects.has("file-no-associated-data") ? new Uint8Array(0) : header;
  const seed = openX(keyOf(password, header, defects), header.subarray(28, 52), ad, bytes.subarray(84, 132));
  if (seed === undefined) throw new Refusal("wrong-password");
  return seed;
}

/** The seed of a number, the same in every run. */
export function seedOf(number: number): Uint8Array {
  return hash("sha256", fromHex(number.toString(16).padStart(8, "0")));
}
