// Identities: ids, text forms, key files, rotation, signatures of messages (spec/securenode.md, sections 1 to 4 and 9).
import type { IdentityForms, KeyForm, SecureTarget } from "../../codec/secure-target.js";
import {
  improperKeys,
  oddSignature,
  publicKeyOf,
  signatureOfNobody,
  signWith,
} from "../../reference/secure/ed25519.js";
import { formsOf, hash, makeKeyFile, openKeyFile, seedOf, tag } from "../../reference/secure/identity.js";
import { makeRotation, readRotation } from "../../reference/secure/rotation.js";
import { concat } from "../../reference/value.js";
import type { CodecCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual, checkRefused } from "../../runner/expect.js";
import { secureCase, turned } from "./secure-case.js";

const [one, two] = [seedOf(1), seedOf(2)];
const timeMs = 1_795_000_000_000;

/** Each form of a key is the one of the chapter, and read again; the altered ones are refused. */
async function checkForm(
  secure: SecureTarget,
  form: KeyForm,
  pick: (forms: IdentityForms) => readonly [publicText: string, secretText: string],
  bad: readonly (readonly [isSecret: boolean, text: string])[],
): Promise<void> {
  const [publicText, secretText] = pick(await secure.identity(one));
  checkEqual(
    [publicText.trim(), secretText.trim()],
    pick(formsOf(one)).map((text) => text.trim()),
    form,
  );
  checkBytes(await secure.readKey(form, false, pick(formsOf(one))[0]), publicKeyOf(one), `public key of ${form}`);
  checkBytes(await secure.readKey(form, true, pick(formsOf(one))[1]), one, `secret key of ${form}`);
  for (const [isSecret, text] of bad) await checkRefused(secure.readKey(form, isSecret, text), `reading ${text}`);
}

/** With the checksum of a sound file. */
function mended(file: Uint8Array): Uint8Array {
  return concat([file.subarray(0, 132), hash("sha256", file.subarray(0, 132))]);
}

const forms = formsOf(one);

export const identityCases: readonly CodecCase[] = [
  secureCase("id", "SEC-006 SEC-010", "the id is SHA-384 of the tag and the public key", async (secure) => {
    for (const seed of [one, two]) {
      const { id, publicKey } = await secure.identity(seed);
      checkBytes(publicKey, publicKeyOf(seed), "public key");
      checkBytes(id, formsOf(seed).id, "id");
    }
  }),
  secureCase("pem", "SEC-012", "PEM is that of RFC 8410, and nothing else is read", (secure) =>
    checkForm(secure, "pem", ({ publicPem, secretPem }) => [publicPem, secretPem], [
      [false, forms.secretPem],
      [true, forms.publicPem],
      [true, forms.secretPem.replace("MC4CAQAw", "MC4CAQEw")],
      [false, forms.publicPem.replace("MCowBQYDK2Vw", "MCowBQYDK2Vu")],
    ]),
  ),
  secureCase("jwk", "SEC-013", "a JSON Web Key is that of RFC 8037, its two keys a pair", async (secure) => {
    const pick = ({ publicJwk, secretJwk }: IdentityForms): readonly [string, string] => [publicJwk, secretJwk];
    const [publicJwk, secretJwk] = pick(await secure.identity(one));
    checkEqual(
      [JSON.parse(publicJwk), JSON.parse(secretJwk)],
      pick(forms).map((text) => JSON.parse(text)),
      "keys",
    );
    checkBytes(await secure.readKey("jwk", true, forms.secretJwk), one, "secret key");
    checkBytes(await secure.readKey("jwk", false, forms.publicJwk), publicKeyOf(one), "public key");
    const other = JSON.parse(formsOf(two).publicJwk) as { x: string };
    const mixed = JSON.stringify({ ...JSON.parse(forms.secretJwk), x: other.x });
    await checkRefused(secure.readKey("jwk", true, mixed), "a secret key with the public key of another");
    await checkRefused(secure.readKey("jwk", false, forms.publicJwk.replace("Ed25519", "X25519")), "another curve");
  }),
  secureCase("text", "SEC-014", "the line of text has its prefix and its checksum", (secure) =>
    checkForm(secure, "text", ({ publicText, secretText }) => [publicText, secretText], [
      [true, forms.publicText],
      [false, forms.secretText],
      [false, formsOf(one, new Set(["text-no-checksum"])).publicText],
      [false, forms.publicText.slice(0, -1)],
    ]),
  ),
  secureCase("key-file", "SEC-015", "the key file is that of the chapter, both ways", async (secure) => {
    for (const password of ["secret", "Zu\u0308rich \ufb01ne"]) {
      checkBytes(await secure.openKeyFile(makeKeyFile(one, password), password), one, "seed of the suite's file");
      checkBytes(openKeyFile(await secure.makeKeyFile(two, password), password), two, "seed of the target's file");
    }
  }),
  secureCase("key-file-cost", "SEC-017 SEC-018", "a file that costs too much is refused", async (secure) => {
    const costly = [{ p: 5 }, { logN: 19 }, { logN: 63 }, { logN: 14, r: 255 }, { kind: 2 }, { version: 2 }];
    for (const parts of costly) {
      const refusal = await checkRefused(secure.openKeyFile(makeKeyFile(one, "x", parts), "x"), JSON.stringify(parts));
      checkEqual(refusal.code, "damaged-key-file", "code of the refusal");
    }
  }),
  secureCase("key-file-errors", "SEC-018", "a damaged file is told from a wrong password", async (secure) => {
    const file = makeKeyFile(one, "right");
    const codeOf = async (bytes: Uint8Array, password: string): Promise<string> =>
      (await checkRefused(secure.openKeyFile(bytes, password), "opening")).code;
    checkEqual(await codeOf(file, "wrong"), "wrong-password", "with another password");
    for (const damaged of [
      turned(file, 20),
      turned(file, 100),
      turned(file, 163),
      file.subarray(1),
      concat([file, file]),
    ]) {
      checkEqual(await codeOf(damaged, "right"), "damaged-key-file", "a damaged file");
    }
    // Who alters it on purpose gets no seed.
    for (const at of [12, 30, 60, 90]) {
      await checkRefused(secure.openKeyFile(mended(turned(file, at)), "right"), `byte ${at} altered on purpose`);
    }
  }),
  secureCase("rotation", "SEC-006 SEC-020", "both signatures are over keys and time", async (secure) => {
    const wanted = { old: publicKeyOf(one), next: publicKeyOf(two), timeMs };
    checkEqual(readRotation(await secure.makeRotation(one, two, timeMs)), wanted, "the target's statement");
    checkEqual(await secure.readRotation(makeRotation({ oldSeed: one, nextSeed: two, timeMs })), wanted, "the suite's");
  }),
  secureCase("rotation-refused", "SEC-021 SEC-022", "a statement that not both signed is refused", async (secure) => {
    const parts = { oldSeed: one, nextSeed: two, timeMs };
    await checkRefused(secure.readRotation(makeRotation({ ...parts, nextSigner: one })), "signed by the old key twice");
    await checkRefused(secure.readRotation(makeRotation({ ...parts, oldSigner: two })), "signed by the new key twice");
    await checkRefused(secure.readRotation(makeRotation({ ...parts, nextSeed: one })), "the same key");
    const long = makeRotation({ ...parts, extra: { note: "x".repeat(400) } });
    check(long.length > 512, "the long statement is long");
    await checkRefused(secure.readRotation(long), "more than 512 bytes");
  }),
  secureCase("unknown-members", "SEC-007", "unknown members of a map are ignored", async (secure) => {
    const statement = makeRotation({ oldSeed: one, nextSeed: two, timeMs, extra: { later: [1, "x"] } });
    checkBytes((await secure.readRotation(statement)).next, publicKeyOf(two), "the new key");
  }),
  secureCase(
    "verification",
    "SEC-083",
    "signatures hold without the cofactor, and under proper keys alone",
    async (secure) => {
      const message = Uint8Array.of(1, 2, 3);
      const signed = concat([tag("application"), message]);
      checkEqual(await secure.verify(publicKeyOf(one), message, signWith(one, signed)), true, "a sound signature");
      checkEqual(await secure.verify(publicKeyOf(one), signed, signWith(one, signed)), false, "a tag too many");
      for (const [ofKey, ofNonce] of [
        [0, 1],
        [1, 0],
        [4, 0],
        [0, 4],
      ] as const) {
        const odd = oddSignature(signed, ofKey, ofNonce);
        const holds = await secure.verify(odd.publicKey, message, odd.signature);
        // With a key that has a part of small order it holds by chance.
        if (ofKey === 0) checkEqual(holds, false, `a nonce point with ${ofNonce} parts of small order`);
      }
      for (const key of improperKeys())
        checkEqual(await secure.verify(key, message, signatureOfNobody()), false, "an improper key");
    },
  ),
];
