import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { systemRandom } from "@p2p/base";
import { sha256 } from "@p2p/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultScryptCost, isBearable, type ScryptCost } from "../primitives/scrypt-cost.js";
import { codeOfError, turnedBits } from "../testing/handshakes.js";
import { hex } from "../testing/noise-vectors-node.js";
import { identityOf } from "../testing/worlds.js";
import { decodeKeyFile, encodeKeyFile, keyFileBytes } from "./key-file.js";
import { loadIdentity, saveIdentity } from "./key-store-node.js";

/** As cheap as is taken: the tests try many passwords. */
const cost: ScryptCost = { logN: 10, r: 1, p: 1 };
const identity = identityOf(1);
const password = "correct horse battery staple";
let file: Uint8Array = new Uint8Array(0);

beforeAll(async () => {
  file = await encodeKeyFile(identity, password, systemRandom, cost);
});

const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => "none", codeOfError);

/** The file with the bytes from `at` on replaced, and its checksum made good: the work of somebody who means it. */
function forged(at: number, ...bytes: readonly number[]): Uint8Array {
  const copy = file.slice();
  copy.set(bytes, at);
  copy.set(sha256(copy.subarray(0, keyFileBytes - 32)), keyFileBytes - 32);
  return copy;
}

describe("the bytes of a key file", () => {
  test("[SEC-015] come back with the password, and with no other", async () => {
    expect(file.length).toBe(keyFileBytes);
    expect((await decodeKeyFile(file, password)).id).toBe(identity.id);
    for (const wrong of [`${password} `, "Correct horse battery staple", "x"]) {
      expect(await codeOf(decodeKeyFile(file, wrong))).toBe("wrong-password");
    }
    await expect(decodeKeyFile(file, "")).rejects.toThrow(TypeError);
  });

  test("[SEC-015] do not hold the secret, and differ each time", async () => {
    const again = await encodeKeyFile(identity, password, systemRandom, cost);
    expect(hex(again)).not.toBe(hex(file));
    expect(hex(file)).not.toContain(hex(identity.exportSeed()));
  });

  test("[SEC-018] a damaged file is told from a wrong password, whatever bit is damaged, and however short it is", async () => {
    for (const turned of turnedBits(file))
      expect(await codeOf(decodeKeyFile(turned, password))).toBe("damaged-key-file");
    for (let length = 0; length < file.length; length++) {
      expect(await codeOf(decodeKeyFile(file.subarray(0, length), password))).toBe("damaged-key-file");
    }
    expect(await codeOf(decodeKeyFile(Uint8Array.of(...file, 0), password))).toBe("damaged-key-file");
  });

  test("[SEC-017] a file that asks for more than can be borne is refused before it is tried", async () => {
    for (const [logN, r, p] of [
      [21, 1, 1],
      [20, 8, 1],
      [255, 255, 255],
      [10, 1, 5],
      [9, 1, 1],
      [10, 0, 1],
    ] as const) {
      expect(await codeOf(decodeKeyFile(forged(9, logN, r, p), password))).toBe("damaged-key-file");
    }
    expect(isBearable(defaultScryptCost)).toBe(true);
    await expect(encodeKeyFile(identity, password, systemRandom, { logN: 21, r: 8, p: 1 })).rejects.toThrow(RangeError);
  });

  test("[SEC-018] a file that was changed on purpose opens with no password", async () => {
    expect(await codeOf(decodeKeyFile(forged(8, 2), password))).toBe("damaged-key-file");
    expect(await codeOf(decodeKeyFile(forged(0, 1), password))).toBe("damaged-key-file");
    // Salt, nonce, public key, ciphertext: all are under the key of the password.
    for (const at of [12, 28, 52, 84, 120]) {
      expect(await codeOf(decodeKeyFile(forged(at, (file[at] ?? 0) ^ 1), password))).toBe("wrong-password");
    }
  });

  test("[SEC-015] a password is what was meant, however the keyboard put it together", async () => {
    const bytes = await encodeKeyFile(identity, "Zürich", systemRandom, cost);
    expect((await decodeKeyFile(bytes, "Zu\u0308rich")).id).toBe(identity.id);
  });

  test("[SEC-003] scrypt is the same natively and portably, and that of RFC 7914", async () => {
    const native = await import("../primitives/scrypt-node.js");
    const portable = await import("../primitives/scrypt.js");
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    // Section 12, third vector, its first 32 bytes.
    const rfc = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2";
    for (const { deriveKey } of [native, portable]) {
      expect(hex(await deriveKey(bytes("pleaseletmein"), bytes("SodiumChloride"), { logN: 14, r: 8, p: 1 }))).toBe(rfc);
    }
  }, 60_000);
});

describe("a key file on disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "p2p-key-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);

  test("[SEC-016] [SEC-019] is for its owner alone, whole, and alone in its folder", async () => {
    await saveIdentity(path("a.key"), identity, password, { cost });
    expect(statSync(path("a.key")).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["a.key"]);
    expect((await loadIdentity(path("a.key"), password)).id).toBe(identity.id);
    expect(await codeOf(loadIdentity(path("a.key"), "wrong"))).toBe("wrong-password");
  });

  test("[SEC-019] is not replaced by accident, and is when asked for", async () => {
    await saveIdentity(path("b.key"), identity, password, { cost });
    const before = readFileSync(path("b.key"));
    expect(await codeOf(saveIdentity(path("b.key"), identityOf(2), password, { cost }))).toBe("key-file-exists");
    expect(readFileSync(path("b.key"))).toEqual(before);
    await saveIdentity(path("b.key"), identityOf(2), "another", { cost, replaces: true });
    expect((await loadIdentity(path("b.key"), "another")).id).toBe(identityOf(2).id);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("[SEC-018] [SEC-019] what cannot be read or written is told with its cause", async () => {
    expect(await codeOf(loadIdentity(path("none.key"), password))).toBe("key-file-failed");
    expect(await codeOf(saveIdentity(path("no/such/folder.key"), identity, password, { cost }))).toBe(
      "key-file-failed",
    );
    writeFileSync(path("big.key"), new Uint8Array(100_000));
    expect(await codeOf(loadIdentity(path("big.key"), password))).toBe("damaged-key-file");
  });

  test("a wait is given up with the reason of its signal", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(loadIdentity(path("a.key"), password, { signal })).rejects.toBe(reason);
    await expect(saveIdentity(path("c.key"), identity, password, { cost, signal })).rejects.toBe(reason);
  });

  test("[SEC-002] no error shows the password or the key", async () => {
    const errors = await Promise.all([
      loadIdentity(path("none.key"), password).catch((error: unknown) => error),
      decodeKeyFile(file, `${password}!`).catch((error: unknown) => error),
      saveIdentity(path("a.key"), identity, password, { cost }).catch((error: unknown) => error),
    ]);
    for (const error of errors) {
      const shown = inspect(error, { showHidden: true, depth: Number.POSITIVE_INFINITY });
      expect(shown).not.toContain(password);
      expect(shown).not.toContain(hex(identity.exportSeed()));
    }
  });

  test("[SEC-019] where there are no files that is told", async () => {
    const portable = await import("./key-store.js");
    expect(await codeOf(portable.loadIdentity("a", password))).toBe("key-file-unavailable");
    expect(await codeOf(portable.saveIdentity("a", identity, password))).toBe("key-file-unavailable");
  });
});
