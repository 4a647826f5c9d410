import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Identity, readingKeyPair } from "../identity/identity.js";
import { hex, unhex } from "../testing/noise-vectors-node.js";
import { readingKeyOf } from "./reading-key.js";

test("[SEC-202] [SEC-203] the keys are a pair, and those of another implementation", () => {
  const property = fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
    const identity = Identity.fromSeed(seed);
    const own = hex(readingKeyPair(identity).publicKey);
    expect(hex(readingKeyOf(identity.publicKey)?.bytes ?? new Uint8Array(0))).toBe(own);
    expect(hex(ed25519.utils.toMontgomery(identity.publicKey))).toBe(own);
    expect(hex(x25519.getPublicKey(ed25519.utils.toMontgomerySecret(seed)))).toBe(own);
  });
  fc.assert(property, { numRuns: 30 });
});

test("[SEC-204] what no key pair has makes no key", () => {
  const one = `01${"00".repeat(31)}`;
  const prime = `ed${"ff".repeat(30)}7f`;
  for (const text of [one, `${one.slice(0, 62)}80`, prime, "ff".repeat(32)])
    expect(readingKeyOf(unhex(text))).toBeUndefined();
});

test("[SEC-203] the key is gone with the identity, and is not shown", () => {
  const identity = Identity.fromSeed(new Uint8Array(32).fill(1));
  expect(readingKeyPair(identity)).toBe(readingKeyPair(identity));
  identity.destroy();
  expect(() => readingKeyPair(identity)).toThrow(TypeError);
});
