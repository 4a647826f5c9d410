// The reference implementation of identities and signatures as a target, with defects if wanted.
import type { SecureTarget } from "../../codec/secure-target.js";
import { concat, toHex } from "../value.js";
import type { SecureDefect } from "./defects.js";
import { holdsWithCofactor, improperKeys, isSignature } from "./ed25519.js";
import { formsOf, makeKeyFile, openKeyFile, readKey, tag } from "./identity.js";
import { isProven, ownerIn, proveWith } from "./owned-check.js";
import { makeRotation, readRotation } from "./rotation.js";
import { readEnvelope, signedTogether } from "./signed-messages.js";

const improper: ReadonlySet<string> = new Set(improperKeys().map(toHex));

export function secureReference(...broken: readonly SecureDefect[]): SecureTarget {
  const defects = new Set(broken);
  return {
    identity: async (seed) => formsOf(seed, defects),
    readKey: async (form, isSecret, text) => readKey(form, isSecret, text, defects),
    makeKeyFile: async (seed, password) => makeKeyFile(seed, password, {}, defects),
    openKeyFile: async (bytes, password) => openKeyFile(bytes, password, defects),
    makeRotation: async (oldSeed, nextSeed, timeMs) => makeRotation({ oldSeed, nextSeed, timeMs }, defects),
    readRotation: async (bytes) => readRotation(bytes, defects),
    signMessages: async ({ seed, networkId, texts, time }) => {
      const parts = texts.map((text, index) => ({
        seed,
        networkId,
        items: [0, "news", text],
        time,
        sequence: time + index,
      }));
      return signedTogether(parts, defects);
    },
    takes: async (networkId, body) => {
      const envelope = readEnvelope(networkId, body, defects);
      if (envelope === undefined) return false;
      return envelope.holds || defects.has("envelope-not-verified");
    },
    ownerOf: async (key) => ownerIn(key, defects),
    proveOwned: async (seed, statement) => proveWith(seed, statement, defects),
    isProven: async (statement, proof) => isProven(statement, proof, defects),
    verify: async (publicKey, message, signature) => {
      if (improper.has(toHex(publicKey)) && !defects.has("verify-any-key")) return false;
      const signed = concat([tag("application"), message]);
      if (!defects.has("verify-cofactor")) return isSignature(publicKey, signed, signature);
      return holdsWithCofactor({ publicKey, message: signed, signature });
    },
  };
}
