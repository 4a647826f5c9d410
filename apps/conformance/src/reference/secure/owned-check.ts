// Whose key a text is, and whether its owner vouches for a write, written from the chapter of securenode, with defects if wanted.
import { fromBase58, toBase58 } from "../base58.js";
import { pack } from "../msgpack.js";
import { Refusal } from "../refusal.js";
import { concat, isSameBytes } from "../value.js";
import type { SecureDefects } from "./defects.js";
import { isSignature, publicKeyOf, signWith } from "./ed25519.js";
import { hash, idOfKey, tag } from "./identity.js";
import { canonicalBytesOf } from "./owned.js";
import type { OwnedStatement } from "./owned-statement.js";

const none: SecureDefects = new Set();
const proofBytes = 96;

/** 48 bytes; undefined for a text that is no owned key. */
export function ownerIn(text: string, defects: SecureDefects = none): Uint8Array | undefined {
  const found = /^@([^/]*)\/(.*)$/su.exec(text);
  const [, id = "", name = ""] = found ?? [];
  if (found === null || (name === "" && !defects.has("owned-no-name"))) return undefined;
  if ((id.length < 56 || id.length > 66) && !defects.has("owned-any-length")) return undefined;
  try {
    return fromBase58(id, 48);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function signedBytes(statement: OwnedStatement, defects: SecureDefects): Uint8Array {
  const { networkId, realm, key, sequence, value } = statement;
  const bytesOf = defects.has("owned-as-written") ? pack : canonicalBytesOf;
  const bytes = value === undefined ? null : bytesOf(value);
  const content = bytes === null || defects.has("owned-no-hash") ? bytes : hash("sha256", bytes);
  const network = defects.has("owned-no-network") ? new Uint8Array(32) : networkId;
  const kind = defects.has("owned-one-realm") ? "sync" : realm;
  const prefix = defects.has("owned-no-tag") ? new Uint8Array(0) : tag("owned");
  return concat([prefix, pack([network, kind, key, sequence, content])]);
}

/** The proof by the identity of a seed. */
export function proveWith(seed: Uint8Array, statement: OwnedStatement, defects: SecureDefects = none): Uint8Array {
  return concat([publicKeyOf(seed), signWith(seed, signedBytes(statement, defects))]);
}

export function isProven(statement: OwnedStatement, proof: Uint8Array, defects: SecureDefects = none): boolean {
  const owner = ownerIn(statement.key);
  if (owner === undefined || (proof.length !== proofBytes && !defects.has("owned-long-proof"))) return false;
  const publicKey = proof.subarray(0, 32);
  if (!defects.has("owned-any-key") && !isSameBytes(idOfKey(publicKey), owner)) return false;
  const holds = isSignature(publicKey, signedBytes(statement, defects), proof.subarray(32, proofBytes));
  return holds || defects.has("owned-not-verified");
}

/** The text of an id whose first bytes are zero. */
export function shortIdText(zeroes: number): string {
  return toBase58(new Uint8Array(48).fill(255, zeroes));
}
