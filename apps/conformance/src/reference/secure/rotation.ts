// Rotation statements, written from the chapter.
import type { Rotation } from "../../codec/secure-target.js";
import { bigEndian, type Packable, pack } from "../msgpack.js";
import { Refusal } from "../refusal.js";
import { unpack } from "../unpack.js";
import { concat, isSameBytes, type Value } from "../value.js";
import type { SecureDefects } from "./defects.js";
import { isSignature, publicKeyOf, signWith } from "./ed25519.js";
import { tag } from "./identity.js";

const none: SecureDefects = new Set();

function rotationBytes({ old, next, timeMs }: Rotation, defects: SecureDefects): Uint8Array {
  const time = defects.has("rotation-no-time") ? new Uint8Array(0) : bigEndian(BigInt(timeMs), 8);
  const purpose = defects.has("rotation-no-tag") ? new Uint8Array(0) : tag("rotation");
  return concat([purpose, old, next, time]);
}

export interface RotationParts {
  readonly oldSeed: Uint8Array;
  readonly nextSeed: Uint8Array;
  readonly timeMs: number;
  /** Who signs in the place of the new key. */
  readonly nextSigner?: Uint8Array;
  readonly oldSigner?: Uint8Array;
  /** Members besides. */
  readonly extra?: { readonly [name: string]: Packable };
}

export function makeRotation(parts: RotationParts, defects: SecureDefects = none): Uint8Array {
  const { oldSeed, nextSeed, timeMs, nextSigner = nextSeed, oldSigner = oldSeed, extra = {} } = parts;
  const [old, next] = [publicKeyOf(oldSeed), publicKeyOf(nextSeed)];
  const message = rotationBytes({ old, next, timeMs }, defects);
  const signatures = { oldSig: signWith(oldSigner, message), newSig: signWith(nextSigner, message) };
  return pack({ old, new: next, time: timeMs, ...signatures, ...extra });
}

export function readRotation(bytes: Uint8Array, defects: SecureDefects = none): Rotation {
  if (bytes.length > 512 && !defects.has("rotation-any-length")) throw new Refusal("bad-statement");
  // Whatever it is, its members are looked at.
  const map = unpack(bytes) as { readonly [name: string]: Value };
  const { old, new: next, time, oldSig, newSig } = map;
  const isStrict = defects.has("rotation-strict-members") && Object.keys(map).length > 5;
  const areBytes = [old, next, oldSig, newSig].every((one) => one instanceof Uint8Array);
  if (!areBytes || typeof time !== "number" || isStrict) throw new Refusal("bad-statement");
  const statement = { old: old as Uint8Array, next: next as Uint8Array, timeMs: time };
  const message = rotationBytes(statement, defects);
  const isSame = isSameBytes(statement.old, statement.next) && !defects.has("rotation-same-key");
  const isOld = isSignature(statement.old, message, oldSig as Uint8Array);
  const isNew = defects.has("rotation-one-signature") || isSignature(statement.next, message, newSig as Uint8Array);
  if (isSame || !isOld || !isNew) throw new Refusal("bad-statement");
  return statement;
}
