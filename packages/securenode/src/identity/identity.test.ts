import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { inspect } from "node:util";
import { seededRandom } from "@p2p/base/testing";
import { base58, nodeIdToBytes } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { SecureError } from "../errors.js";
import { codeOfError } from "../testing/handshakes.js";
import { hex, unhex } from "../testing/noise-vectors-node.js";
import { identityOf } from "../testing/worlds.js";
import { Identity, verifySigned } from "./identity.js";
import type { PublicJwk, SecretJwk } from "./jwk.js";
import { nodeIdOfKey } from "./node-id.js";
import { parsePublicKey } from "./public-key.js";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return codeOfError(error);
  }
  return "none";
}

describe("keys", () => {
  test("[SEC-010] the id is SHA-384 of a tag and the public key", () => {
    // RFC 8032, section 7.1, test 1; the id by: printf 'p2p/1 node id\0' + key | sha384sum
    const identity = Identity.fromSeed(unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
    expect(hex(identity.publicKey)).toBe("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    const digest = execFileSync("sha384sum", {
      input: Buffer.concat([Buffer.from("p2p/1 node id\0"), identity.publicKey]),
      encoding: "utf8",
    });
    expect(hex(nodeIdToBytes(identity.id))).toBe(digest.slice(0, 96));
    expect(nodeIdOfKey(identity.publicKey)).toBe(identity.id);
    expect(codeOf(() => nodeIdOfKey(new Uint8Array(31)))).toBe("bad-key");
  });

  test("[SEC-011] two identities differ, those of one seed do not", () => {
    expect(Identity.generate().id).not.toBe(Identity.generate().id);
    expect(Identity.generate(seededRandom(4)).id).toBe(Identity.generate(seededRandom(4)).id);
    expect(codeOf(() => Identity.fromSeed(new Uint8Array(33)))).toBe("bad-key");
  });

  test("[SEC-006] a signature holds for its purpose, message and key alone", () => {
    const [identity, other] = [identityOf(1), identityOf(2)];
    const message = Uint8Array.of(1, 2, 3);
    const signature = identity.sign("application", message);
    expect(verifySigned(identity.publicKey, "application", message, signature)).toBe(true);
    expect(verifySigned(identity.publicKey, "rotation", message, signature)).toBe(false);
    expect(verifySigned(identity.publicKey, "application", Uint8Array.of(1, 2), signature)).toBe(false);
    expect(verifySigned(other.publicKey, "application", message, signature)).toBe(false);
    expect(verifySigned(new Uint8Array(5), "application", message, signature)).toBe(false);
    expect(verifySigned(identity.publicKey, "application", message, new Uint8Array(63))).toBe(false);
  });

  test("[SEC-003] native and portable keys and signatures are one", async () => {
    const portable = await import("../primitives/ed25519.js");
    const native = await import("../primitives/ed25519-node.js");
    for (let number = 0; number < 4; number++) {
      const seed = seededRandom(number).bytes(32);
      const message = seededRandom(number + 10).bytes(number * 40);
      const [mine, theirs] = [native.signingKey(seed), portable.signingKey(seed)];
      expect(hex(mine.publicKey)).toBe(hex(theirs.publicKey));
      const signature = mine.sign(message);
      expect(hex(theirs.sign(message))).toBe(hex(signature));
      for (const { verifyingKey } of [portable, native]) {
        expect(verifyingKey(mine.publicKey).verify(message, signature)).toBe(true);
      }
      signature[40] = (signature[40] ?? 0) ^ 1;
      for (const { verifyingKey } of [portable, native]) {
        expect(verifyingKey(mine.publicKey).verify(message, signature)).toBe(false);
      }
    }
  });
});

describe("[SEC-012] [SEC-013] [SEC-014] keys as text", () => {
  const identity = identityOf(1);

  test("go out and come in again in every form", () => {
    for (const again of [
      Identity.fromPem(identity.exportPem()),
      Identity.fromJwk(identity.exportJwk()),
      Identity.fromText(identity.exportText()),
      Identity.fromSeed(identity.exportSeed()),
    ]) {
      expect(again.id).toBe(identity.id);
      expect(hex(again.sign("application", Uint8Array.of(1)))).toBe(
        hex(identity.sign("application", Uint8Array.of(1))),
      );
    }
    for (const key of [identity.publicPem, identity.publicJwk, identity.publicText]) {
      expect(hex(parsePublicKey(key))).toBe(hex(identity.publicKey));
    }
  });

  test("are what other programs read and write", () => {
    const secret = createPrivateKey(identity.exportPem());
    expect(createPublicKey(identity.publicPem).export({ format: "jwk" })).toMatchObject(identity.publicJwk);
    const signature = sign(null, Buffer.from("hello"), secret);
    expect(verify(null, Buffer.from("hello"), createPublicKey(identity.publicPem), signature)).toBe(true);
    const made = generateKeyPairSync("ed25519");
    const pem = made.privateKey.export({ format: "pem", type: "pkcs8" });
    const read = Identity.fromPem(String(pem));
    expect(read.publicPem).toBe(made.publicKey.export({ format: "pem", type: "spki" }));
    // What node:crypto exports has these members.
    expect(Identity.fromJwk(made.privateKey.export({ format: "jwk" }) as unknown as SecretJwk).id).toBe(read.id);
  });

  test("are refused when anything is wrong, and the error does not show them", () => {
    const { d, ...publicJwk } = identity.exportJwk();
    const x448 = generateKeyPairSync("x448").privateKey.export({ format: "pem", type: "pkcs8" });
    const wrong: (() => unknown)[] = [
      () => Identity.fromPem(""),
      () => Identity.fromPem(identity.publicPem),
      () => Identity.fromPem(identity.exportPem().replace("MC4", "MC5")),
      () => Identity.fromPem(identity.exportPem().replace("-----END", "x-----END")),
      () => Identity.fromPem(`${identity.exportPem()}${" ".repeat(2_000)}`),
      () => Identity.fromPem(String(x448)),
      () => Identity.fromJwk({ ...publicJwk, d: identityOf(2).exportJwk().d }),
      () => Identity.fromJwk({ ...publicJwk, d: d.slice(1) }),
      () => Identity.fromJwk({ ...publicJwk, d: `${d.slice(0, -1)}!` }),
      () => Identity.fromJwk({ ...publicJwk, d, crv: "X25519" as "Ed25519" }),
      // As a caller without types has it.
      () => Identity.fromJwk(publicJwk as SecretJwk),
      () => Identity.fromText(identity.publicText),
      () => Identity.fromText(identity.exportText().slice(0, -1)),
      () => Identity.fromText(`${identity.exportText()}1`),
      () => Identity.fromText(identity.exportText().replace(/.$/, (last) => (last === "2" ? "3" : "2"))),
      () => parsePublicKey(identity.exportText()),
      () => parsePublicKey(identity.exportPem()),
      () => parsePublicKey({ ...publicJwk, x: "AAAA" }),
      () => parsePublicKey({} as PublicJwk),
      // What JSON.parse makes of a file that says null.
      () => Identity.fromJwk(null as unknown as SecretJwk),
      () => parsePublicKey(null as unknown as PublicJwk),
    ];
    for (const run of wrong) {
      expect(codeOf(run)).toBe("bad-key");
      expect(inspect(caught(run))).not.toContain(d.slice(0, 20));
    }
  });
});

describe("secrets", () => {
  const identity = identityOf(1);
  const seed = identity.exportSeed();
  const forms = [
    hex(seed),
    Buffer.from(seed).toString("base64").slice(0, 40),
    base58.encode(seed),
    String(seed),
    seed.join(", "),
  ];

  test("[SEC-002] do not show when an identity is printed, joined or serialised", () => {
    const shown = [
      inspect(identity, { showHidden: true, depth: Number.POSITIVE_INFINITY, maxArrayLength: null }),
      inspect({ inside: [identity] }, { depth: Number.POSITIVE_INFINITY, maxArrayLength: null }),
      JSON.stringify(identity),
      String(identity),
      JSON.stringify(structuredClone({ ...identity })),
    ];
    for (const text of shown) for (const form of forms) expect(text).not.toContain(form);
    expect(JSON.parse(shown[2] ?? "")).toEqual({ id: identity.id });
    expect(String(identity)).toBe(identity.id);
  });

  test("[SEC-004] a destroyed identity signs and shows nothing more, and keeps what is public", () => {
    const gone = identityOf(1);
    gone.destroy();
    gone.destroy();
    expect(gone.id).toBe(identity.id);
    expect(gone.publicText).toBe(identity.publicText);
    for (const run of [
      () => gone.sign("application", seed),
      () => gone.exportPem(),
      () => gone.exportJwk(),
      () => gone.exportText(),
      () => gone.exportSeed(),
    ]) {
      expect(run).toThrow(TypeError);
    }
  });

  test("[SEC-004] the seed that an identity is made of is copied, and so is what it gives", () => {
    const mine = seed.slice();
    const made = Identity.fromSeed(mine);
    mine.fill(0);
    made.exportSeed().fill(0);
    expect(hex(made.exportSeed())).toBe(hex(seed));
  });
});

function caught(run: () => unknown): SecureError {
  try {
    run();
  } catch (error) {
    if (error instanceof SecureError) return error;
  }
  throw new Error("nothing was thrown");
}
