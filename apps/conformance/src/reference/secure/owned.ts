// What the owner of a key signs, and the proof that it did, written from the chapter of securenode.
import { toBase58 } from "../base58.js";
import { canonicalValue } from "../fingerprint.js";
import { type Packable, pack } from "../msgpack.js";
import { concat } from "../value.js";
import { publicKeyOf, signWith } from "./ed25519.js";
import { hash, idOfKey, tag } from "./identity.js";
import type { OwnedStatement } from "./owned-statement.js";

/** A key that the identity of this seed owns. */
export function ownedKeyOf(seed: Uint8Array, name: string): string {
  return `@${toBase58(idOfKey(publicKeyOf(seed)))}/${name}`;
}

export function canonicalBytesOf(value: Packable): Uint8Array {
  return pack(canonicalValue(value));
}

export function statementOf({ networkId, realm, key, sequence, value }: OwnedStatement): Uint8Array {
  const content = value === undefined ? null : hash("sha256", canonicalBytesOf(value));
  return pack([networkId, realm, key, sequence, content]);
}

/** The proof by the identity of a seed, the owner's or another's. */
export function proofOf(seed: Uint8Array, statement: OwnedStatement): Uint8Array {
  return concat([publicKeyOf(seed), signWith(seed, concat([tag("owned"), statementOf(statement)]))]);
}
