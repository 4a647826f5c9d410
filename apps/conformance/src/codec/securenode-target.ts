// The identities and signed messages of @p2p/securenode as a target.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeStatement, type OwnedRecord, ownerOf, systemClock } from "@p2p/base";
import { Identity, loadIdentity, noise, SecureError, saveIdentity, verifySigned } from "@p2p/securenode";
import { decodeRotation, encodeRotation, parsePublicKey, type SecretJwk } from "@p2p/securenode/keys";
import { decodeBody, encodeBody, frameBody, frameOf, nodeIdFromBytes, nodeIdToBytes } from "@p2p/wire";
import { Refusal } from "../reference/refusal.js";
import type { SecureTarget } from "./secure-target.js";

/** A typed error of the package is a refusal; anything else is a crash. */
async function refusing<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof SecureError) throw new Refusal(error.code, error.message, { cause: error });
    throw error;
  }
}

async function inFolder<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "p2p-key-"));
  try {
    return await use(join(folder, "key"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const cheap = { logN: 10, r: 8, p: 1 };

function readSecret(form: string, text: string): Identity {
  if (form === "pem") return Identity.fromPem(text);
  // The package looks at every member.
  return form === "jwk" ? Identity.fromJwk(JSON.parse(text) as SecretJwk) : Identity.fromText(text);
}

export const securenodeTarget: SecureTarget = {
  identity: async (seed) => {
    const one = Identity.fromSeed(seed);
    return {
      publicKey: one.publicKey,
      id: nodeIdToBytes(one.id),
      publicPem: one.publicPem,
      secretPem: one.exportPem(),
      publicJwk: JSON.stringify(one.publicJwk),
      secretJwk: JSON.stringify(one.exportJwk()),
      publicText: one.publicText,
      secretText: one.exportText(),
    };
  },
  readKey: (form, isSecret, text) =>
    refusing(() => {
      if (isSecret) return readSecret(form, text).exportSeed();
      return parsePublicKey(form === "jwk" ? (JSON.parse(text) as SecretJwk) : text);
    }),
  makeKeyFile: (seed, password) =>
    inFolder(async (path) => {
      await saveIdentity(path, Identity.fromSeed(seed), password, { cost: cheap });
      return new Uint8Array(await readFile(path));
    }),
  openKeyFile: (bytes, password) =>
    inFolder(async (path) => {
      await writeFile(path, bytes, { mode: 0o600 });
      return refusing(async () => (await loadIdentity(path, password)).exportSeed());
    }),
  makeRotation: async (old, next, timeMs) => encodeRotation(Identity.fromSeed(old), Identity.fromSeed(next), timeMs),
  readRotation: (bytes) =>
    refusing(() => {
      const { fromKey, toKey, timeMs } = decodeRotation(bytes);
      return { old: fromKey, next: toKey, timeMs };
    }),
  signMessages: async ({ seed, networkId, texts, time }) => {
    const identity = Identity.fromSeed(seed);
    const signing = noise({ identity, messages: "require" }).signing({ networkId, clock: systemClock });
    if (signing === undefined) throw new TypeError("a network that requires signatures has none");
    await signing.open();
    const sender = nodeIdToBytes(identity.id);
    const frames = texts.map((text) => {
      const items = [0, "news", text, signing.envelope()];
      return frameOf(encodeBody({ type: 0, sender, time, items }));
    });
    return signing.sign(frames).map(frameBody);
  },
  takes: async (networkId, raw) => {
    const body = decodeBody(raw);
    const clock = { ...systemClock, now: () => body.time / 1_000 };
    const signing = noise({ identity: Identity.generate(), messages: "require" }).signing({ networkId, clock });
    await signing?.open();
    return signing?.judge(body, raw, nodeIdFromBytes(body.sender)) === "accept";
  },
  ownerOf: async (key) => {
    const owner = ownerOf(key);
    return owner === undefined ? undefined : nodeIdToBytes(owner);
  },
  proveOwned: async (seed, { networkId, ...record }) => {
    const { proofs } = noise({ identity: Identity.fromSeed(seed) });
    return proofs.prove(encodeStatement(networkId, record as Omit<OwnedRecord, "proof">));
  },
  isProven: async ({ networkId, ...record }, proof) => {
    const owner = ownerOf(record.key);
    if (owner === undefined) return false;
    const statement = encodeStatement(networkId, record as Omit<OwnedRecord, "proof">);
    return noise({ identity: Identity.generate() }).proofs.isProof(proof, owner, statement);
  },
  verify: async (publicKey, message, signature) => verifySigned(publicKey, "application", message, signature),
};
