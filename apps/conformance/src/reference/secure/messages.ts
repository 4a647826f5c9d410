// Rotation statements and the envelopes of signed messages, written from the chapter.
import type { Rotation } from "../../codec/secure-target.js";
import { bigEndian, type Packable, pack } from "../msgpack.js";
import { Refusal } from "../refusal.js";
import { unpack } from "../unpack.js";
import { concat, isSameBytes, type Value } from "../value.js";
import type { SecureDefects } from "./defects.js";
import { isSignature, publicKeyOf, signWith } from "./ed25519.js";
import { idOfKey, tag } from "./identity.js";

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

export interface SignedParts {
  /** Whose body it is; its id is the sender's. */
  readonly seed: Uint8Array;
  readonly networkId: Uint8Array;
  readonly type?: number;
  readonly items: readonly Packable[];
  /** µs. */
  readonly time: number;
  readonly sequence: number;
  readonly to?: Uint8Array;
  /** Who signs, where it is not the sender. */
  readonly signer?: Uint8Array;
  /** Whose key is in the envelope, where it is not the sender's. */
  readonly keyOf?: Uint8Array;
  /** In the place of the sender's id. */
  readonly sender?: Uint8Array;
}

export function signedBody(parts: SignedParts, defects: SecureDefects = none): Uint8Array {
  const { seed, networkId, type = 0, items, time, sequence, to, signer = seed, keyOf = seed, sender } = parts;
  const [key, id] = [publicKeyOf(keyOf), sender ?? idOfKey(publicKeyOf(seed))];
  const rest = to === undefined ? [] : [to];
  const envelope: Packable = ["p2p/env", key, sequence, ...rest, new Uint8Array(64)];
  // The signature then stands in an item behind the envelope.
  const behind = defects.has("envelope-not-last") ? [new Uint8Array(64)] : [];
  const body = pack([type, id, time, ...items, envelope, ...behind]);
  const signature = signWith(signer, envelopeBytes(networkId, body, defects));
  return concat([body.subarray(0, -64), signature]);
}

export function envelopeBytes(networkId: Uint8Array, body: Uint8Array, defects: SecureDefects = none): Uint8Array {
  const purpose = defects.has("envelope-no-tag") ? new Uint8Array(0) : tag("envelope");
  const network = defects.has("envelope-no-network") ? new Uint8Array(32) : networkId;
  return concat([purpose, network, body.subarray(0, -64)]);
}

export interface ReadEnvelope {
  readonly key: Uint8Array;
  readonly sequence: number;
  readonly to: Uint8Array | undefined;
  /** Whether it holds, for the sender of the body and the network. */
  readonly holds: boolean;
}

/** The envelope of a body, if its last item is one. */
export function readEnvelope(
  networkId: Uint8Array,
  body: Uint8Array,
  defects: SecureDefects = none,
): ReadEnvelope | undefined {
  const [, sender, , ...items] = unpack(body) as readonly Value[];
  const last = items.at(defects.has("envelope-not-last") ? -2 : -1);
  if (!Array.isArray(last) || last[0] !== "p2p/env" || last.length < 4) return undefined;
  const [, key, sequence] = last as [unknown, Uint8Array, number];
  const isSender = sender instanceof Uint8Array && isSameBytes(idOfKey(key), sender);
  const signature = body.subarray(-64);
  const isSigned = isSignature(key, envelopeBytes(networkId, body, defects), signature);
  const to = last.length === 5 ? (last[3] as Uint8Array) : undefined;
  return { key, sequence: Number(sequence), to, holds: isSender && isSigned };
}
