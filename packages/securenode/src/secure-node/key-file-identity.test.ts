import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SecureNode } from "../securenode.js";
import { codeOfError } from "../testing/handshakes.js";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "p2p-keys-"));
});

afterEach(() => rm(folder, { recursive: true }));

test("[SEC-016] [SEC-018] [SEC-019] a node has the identity of its file, which is made at its first start", async () => {
  const keyFile = { path: join(folder, "node.key"), password: "correct horse", cost: { logN: 10, r: 8, p: 1 } };
  const options = { network: "club" };
  const made = await Promise.all([SecureNode.fromKeyFile(keyFile, options), SecureNode.fromKeyFile(keyFile, options)]);
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  expect((await stat(keyFile.path)).mode & 0o777).toBe(0o600);
  const again = await SecureNode.fromKeyFile(keyFile, options);
  expect([again.id, again.node.id]).toEqual([made[0]?.id, made[0]?.id]);
  const wrong = { ...keyFile, password: "wrong" };
  expect(await SecureNode.fromKeyFile(wrong, options).then(() => "none", codeOfError)).toBe("wrong-password");
  await writeFile(keyFile.path, "broken");
  expect(await SecureNode.fromKeyFile(keyFile, options).then(() => "none", codeOfError)).toBe("damaged-key-file");
  const nowhere = { ...keyFile, path: join(folder, "no", "node.key") };
  expect(await SecureNode.fromKeyFile(nowhere, options).then(() => "none", codeOfError)).toBe("key-file-failed");
});
