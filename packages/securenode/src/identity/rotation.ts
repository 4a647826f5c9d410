// A new key in place of an old one, by a statement that both signed [SEC-020] to [SEC-023].
import { encodeValue, isUnsigned, type NodeId } from "@p2p/wire";
import { SecureError } from "../errors.js";
import { join } from "../primitives/join.js";
import { isEqual } from "../secrets/is-equal.js";
import { decodeMap, isBytes } from "../wire-map.js";
import { type Identity, verifySigned } from "./identity.js";
import { keyBytes, nodeIdOfKey } from "./node-id.js";

/** What a rotation statement says, once it is verified. */
export interface Rotation {
  /** Who it was. */
  readonly from: NodeId;
  /** Who it is from now on. */
  readonly to: NodeId;
  /** 32 bytes. */
  readonly fromKey: Uint8Array;
  /** 32 bytes. */
  readonly toKey: Uint8Array;
  /** When the statement was made by the signer's clock, milliseconds since 1970. */
  readonly timeMs: number;
}

/** No statement is longer. */
const maxStatementBytes = 512;

/**
 * States that `next` takes the place of `current`. Whoever trusts the old id and gets the bytes can trust the new one.
 * @param timeMs the time of the statement, milliseconds since 1970
 */
export function encodeRotation(current: Identity, next: Identity, timeMs: number): Uint8Array {
  if (current.id === next.id) throw new TypeError("an identity does not rotate to itself");
  if (!Number.isSafeInteger(timeMs) || timeMs < 0) throw new RangeError("the time is in whole milliseconds since 1970");
  const message = signedPart(current.publicKey, next.publicKey, timeMs);
  return encodeValue({
    old: current.publicKey,
    new: next.publicKey,
    time: timeMs,
    oldSig: current.sign("rotation", message),
    newSig: next.sign("rotation", message),
  });
}

/** Reads and verifies a statement. @throws SecureError `bad-statement` */
export function decodeRotation(bytes: Uint8Array): Rotation {
  const { old, new: next, time, oldSig, newSig } = decodeMap(bytes, maxStatementBytes) ?? {};
  const hasKeys = isBytes(old, keyBytes) && isBytes(next, keyBytes);
  if (!hasKeys || !isUnsigned(time) || !isBytes(oldSig, 64) || !isBytes(newSig, 64)) {
    throw bad("a member is absent or of a wrong form");
  }
  if (isEqual(old, next)) throw bad("the old key is the new one");
  const message = signedPart(old, next, time);
  if (!verifySigned(old, "rotation", message, oldSig)) throw bad("the old key did not sign it");
  if (!verifySigned(next, "rotation", message, newSig)) throw bad("the new key did not sign it");
  return { from: nodeIdOfKey(old), to: nodeIdOfKey(next), fromKey: old.slice(), toKey: next.slice(), timeMs: time };
}

function signedPart(old: Uint8Array, next: Uint8Array, timeMs: number): Uint8Array {
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(timeMs));
  return join([old, next, time]);
}

function bad(why: string): SecureError {
  return new SecureError("bad-statement", `not a rotation statement to trust: ${why}; keep the key that is known`);
}
