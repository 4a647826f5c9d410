// Owned keys as texts and bytes: whose they are, what proves a write, and what does not (spec/securenode.md, section 10).
import { toBase58 } from "../../reference/base58.js";
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { hash, idOfKey, seedOf } from "../../reference/secure/identity.js";
import { ownedKeyOf, proofOf } from "../../reference/secure/owned.js";
import { isProven, proveWith, shortIdText } from "../../reference/secure/owned-check.js";
import type { OwnedStatement } from "../../reference/secure/owned-statement.js";
import { concat, toHex } from "../../reference/value.js";
import type { CodecCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual } from "../../runner/expect.js";
import { secureCase, turned } from "./secure-case.js";

const [one, two] = [seedOf(1), seedOf(2)];
const networkId = hash("sha256", Uint8Array.of(9));
const ownerId = idOfKey(publicKeyOf(one));
const ownerText = toBase58(ownerId);

const statement: OwnedStatement = {
  networkId,
  realm: "sync",
  key: ownedKeyOf(one, "profile"),
  sequence: 1_795_000_000_000_000,
  value: { b: [1, "two", null], a: { x: true } },
};

/** Each differs from the statement in one thing. */
const others: readonly (readonly [string, Partial<OwnedStatement>])[] = [
  ["another network", { networkId: new Uint8Array(32) }],
  ["another realm", { realm: "chord" }],
  ["another key", { key: ownedKeyOf(one, "other") }],
  ["the key of another", { key: ownedKeyOf(two, "profile") }],
  ["a key that nobody owns", { key: "profile" }],
  ["another number", { sequence: 1 }],
  ["another value", { value: { b: [1, "two"], a: { x: true } } }],
  ["a removal", { value: undefined }],
];

export const ownedKeyCases: readonly CodecCase[] = [
  secureCase("owned-keys", "SEC-090", "owned keys are told from all others", async (secure) => {
    for (const name of ["n", "profile", "a/b", "/", "\u{1f600}", " "]) {
      checkBytes((await secure.ownerOf(`@${ownerText}/${name}`)) ?? new Uint8Array(0), ownerId, `owner of "${name}"`);
    }
    const short = shortIdText(7);
    checkEqual(short.length, 56, "length of the shortest id");
    checkEqual(
      toHex((await secure.ownerOf(`@${short}/n`)) ?? new Uint8Array(0)).slice(0, 14),
      "0".repeat(14),
      "its id",
    );
    const plain = [
      "",
      "@",
      "@/n",
      `@${ownerText}`,
      `@${ownerText}/`,
      `${ownerText}/n`,
      ` @${ownerText}/n`,
      `@ ${ownerText}/n`,
      `@1${ownerText}/n`,
      `@${shortIdText(8)}/n`,
      "@bob/n",
      `@${"z".repeat(66)}/n`,
      `@${ownerText}z/n`,
      `@${ownerText.slice(0, -1)}0/n`,
    ];
    for (const key of plain) checkEqual(await secure.ownerOf(key), undefined, `owner of "${key}"`);
  }),
  secureCase(
    "owned-proofs",
    "SEC-006 SEC-091 SEC-092",
    "a proof is a key, and a signature of the statement",
    async (secure) => {
      for (const value of [statement.value, undefined, null, 7, -0, "", new Uint8Array(3), [], {}]) {
        const written = { ...statement, value };
        const proof = await secure.proveOwned(one, written);
        checkEqual(proof.length, 96, "length of a proof");
        check(isProven(written, proof), "the target's proof does not hold");
        checkEqual(await secure.isProven(written, proofOf(one, written)), true, "whether the suite's proof holds");
      }
      for (const [what, change] of others) {
        const proof = await secure.proveOwned(one, { ...statement, ...change });
        checkEqual(isProven(statement, proof), false, `whether a proof for ${what} holds`);
      }
    },
  ),
  secureCase("owned-values", "SEC-092", "equal values have one proof, however they were made", async (secure) => {
    const proof = await secure.proveOwned(one, statement);
    const same = { ...statement, value: { a: { x: true }, b: [1, "two", null] } };
    checkBytes(await secure.proveOwned(one, same), proof, "the proof of a map in another order");
  }),
  secureCase(
    "owned-forged",
    "SEC-006 SEC-091 SEC-092 SEC-093",
    "what the owner did not write so is refused",
    async (secure) => {
      const proof = proofOf(one, statement);
      checkEqual(await secure.isProven(statement, proof), true, "a proof that holds");
      for (const [what, change] of others) {
        checkEqual(await secure.isProven({ ...statement, ...change }, proof), false, what);
      }
      const byOther = proofOf(two, statement);
      const bad: readonly (readonly [string, Uint8Array])[] = [
        ["by another key", byOther],
        [
          "with the key of the owner and the signature of another",
          concat([proof.subarray(0, 32), byOther.subarray(32)]),
        ],
        [
          "with the signature of the owner and the key of another",
          concat([byOther.subarray(0, 32), proof.subarray(32)]),
        ],
        ["without a tag", proveWith(one, statement, new Set(["owned-no-tag"]))],
        ["of the value without its hash", proveWith(one, statement, new Set(["owned-no-hash"]))],
        ["of no bytes", new Uint8Array(0)],
        ["without a signature", proof.subarray(0, 32)],
        ["that is short", proof.subarray(0, 95)],
        ["that is long", concat([proof, Uint8Array.of(0)])],
      ];
      for (const [what, bytes] of bad) checkEqual(await secure.isProven(statement, bytes), false, `a proof ${what}`);
      for (let at = 0; at < proof.length; at += 5) {
        checkEqual(await secure.isProven(statement, turned(proof, at)), false, `a proof with another byte at ${at}`);
      }
    },
  ),
];
