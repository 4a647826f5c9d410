// The key file: an identity encrypted with a password, as bytes [SEC-015] to [SEC-018].
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Random } from "@p2p/base";
import { sha256 } from "@p2p/wire";
import { deriveKey } from "#scrypt";
import { SecureError } from "../errors.js";
import { join } from "../primitives/join.js";
import { isBearable, type ScryptCost } from "../primitives/scrypt-cost.js";
import { isEqual } from "../secrets/is-equal.js";
import { wipe } from "../secrets/wipe.js";
import { Identity } from "./identity.js";
import { keyBytes } from "./node-id.js";

/** "p2p key" and the version of the format. */
const magic = Uint8Array.of(0x70, 0x32, 0x70, 0x20, 0x6b, 0x65, 0x79, 1);
const scryptNumber = 1;
const saltAt = 12;
const nonceAt = saltAt + 16;
const publicKeyAt = nonceAt + 24;
const sealedAt = publicKeyAt + keyBytes;
const checksumAt = sealedAt + keyBytes + 16;

/** The length of every key file. */
export const keyFileBytes: number = checksumAt + 32;

/** Encrypts an identity. Takes the time and memory of the cost, some 0.4 s and 128 MiB by default. */
export async function encodeKeyFile(
  identity: Identity,
  password: string,
  random: Random,
  cost: ScryptCost,
): Promise<Uint8Array> {
  const { logN, r, p } = cost;
  if (!isBearable(cost)) throw new RangeError("the cost of scrypt is out of bounds; see the README");
  const [salt, nonce] = [random.bytes(16), random.bytes(24)];
  const header = join([magic, Uint8Array.of(scryptNumber, logN, r, p), salt, nonce, identity.publicKey]);
  const key = await deriveKey(bytesOf(password), salt, cost);
  const seed = identity.exportSeed();
  const sealed = xchacha20poly1305(key, nonce, header).encrypt(seed);
  wipe(key, seed);
  const content = join([header, sealed]);
  return join([content, sha256(content)]);
}

/** Decrypts an identity. @throws SecureError `damaged-key-file`, `wrong-password` */
export async function decodeKeyFile(bytes: Uint8Array, password: string): Promise<Identity> {
  const content = bytes.subarray(0, checksumAt);
  if (bytes.length !== keyFileBytes || !isEqual(bytes.subarray(checksumAt), sha256(content))) {
    throw damaged("its length or its checksum is wrong");
  }
  const [kdf = 0, logN = 0, r = 0, p = 0] = content.subarray(magic.length, saltAt);
  if (magic.some((byte, index) => content[index] !== byte) || kdf !== scryptNumber) {
    throw damaged("it is of a kind or version that is not known here");
  }
  if (!isBearable({ logN, r, p })) throw damaged("the cost of its password is out of bounds");
  const key = await deriveKey(bytesOf(password), content.subarray(saltAt, nonceAt), { logN, r, p });
  const seed = open(content, key);
  wipe(key);
  if (seed === undefined)
    throw new SecureError("wrong-password", "the password is not that of the key file; try another");
  const identity = Identity.fromSeed(seed);
  wipe(seed);
  if (isEqual(identity.publicKey, content.subarray(publicKeyAt, sealedAt))) return identity;
  throw damaged("its two keys are not a pair");
}

function open(content: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  try {
    const cipher = xchacha20poly1305(key, content.subarray(nonceAt, publicKeyAt), content.subarray(0, sealedAt));
    return cipher.decrypt(content.subarray(sealedAt));
  } catch {
    return undefined;
  }
}

/** However it was typed: one character has several forms in Unicode. */
function bytesOf(password: string): Uint8Array {
  if (typeof password !== "string" || password === "") throw new TypeError("the password is a text that is not empty");
  return new TextEncoder().encode(password.normalize("NFKC"));
}

function damaged(why: string): SecureError {
  return new SecureError("damaged-key-file", `the key file cannot be read: ${why}; restore it from a copy`);
}
