import { decodeValue, encodeValue, type WireValue } from "@p2p/wire";
import { expect, test } from "vitest";
import { codeOfError, turnedBits } from "../testing/handshakes.js";
import { hex } from "../testing/noise-vectors-node.js";
import { identityOf } from "../testing/worlds.js";
import { decodeRotation, encodeRotation } from "./rotation.js";

const [old, next, other] = [identityOf(1), identityOf(2), identityOf(3)];
const timeMs = 1_795_000_000_000;

function codeOf(bytes: Uint8Array): string {
  try {
    decodeRotation(bytes);
  } catch (error) {
    return codeOfError(error);
  }
  return "none";
}

/** The members of a statement, some of them changed. */
function changed(changes: { readonly [key: string]: WireValue }): Uint8Array {
  const members = decodeValue(encodeRotation(old, next, timeMs)) as { readonly [key: string]: WireValue };
  return encodeValue({ ...members, ...changes });
}

test("[SEC-020] a statement names both ids, and was signed by both keys", () => {
  const rotation = decodeRotation(encodeRotation(old, next, timeMs));
  expect(rotation).toMatchObject({ from: old.id, to: next.id, timeMs });
  expect([hex(rotation.fromKey), hex(rotation.toKey)]).toEqual([hex(old.publicKey), hex(next.publicKey)]);
});

test("[SEC-021] no bit of a statement can be changed, but for keys that nobody knows", () => {
  for (const turned of turnedBits(encodeRotation(old, next, timeMs))) expect(codeOf(turned)).toBe("bad-statement");
}, 60_000);

test("[SEC-021] a statement that lacks a signature, or has that of another, is refused", () => {
  const forged = decodeValue(encodeRotation(other, next, timeMs)) as { readonly [key: string]: WireValue };
  expect(codeOf(changed({ oldSig: forged.oldSig ?? null }))).toBe("bad-statement");
  const taken = decodeValue(encodeRotation(old, other, timeMs)) as { readonly [key: string]: WireValue };
  expect(codeOf(changed({ new: other.publicKey }))).toBe("bad-statement");
  expect(codeOf(changed({ newSig: taken.newSig ?? null }))).toBe("bad-statement");
  expect(codeOf(changed({ newSig: null }))).toBe("bad-statement");
  expect(codeOf(changed({ time: timeMs + 1 }))).toBe("bad-statement");
  expect(codeOf(changed({ time: -1 }))).toBe("bad-statement");
  expect(codeOf(changed({ old: old.publicKey.subarray(1) }))).toBe("bad-statement");
  expect(codeOf(changed({ new: old.publicKey }))).toBe("bad-statement");
});

test("[SEC-022] what is no statement is refused, and what a later version adds is ignored", () => {
  expect(codeOf(changed({ later: "more" }))).toBe("none");
  expect(codeOf(new Uint8Array(0))).toBe("bad-statement");
  expect(codeOf(encodeValue([1, 2]))).toBe("bad-statement");
  expect(codeOf(new Uint8Array(513))).toBe("bad-statement");
});

test("mistakes of the caller are told as such", () => {
  expect(() => encodeRotation(old, identityOf(1), timeMs)).toThrow(TypeError);
  expect(() => encodeRotation(old, next, 0.5)).toThrow(RangeError);
});
