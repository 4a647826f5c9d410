// Key files on disk: whole or not at all, and for nobody else to read; chosen by the "node" condition of #key-store [SEC-016] [SEC-019].
import { type FileHandle, link, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { orAborted, systemRandom } from "@p2p/base";
import { SecureError } from "../errors.js";
import { defaultScryptCost } from "../primitives/scrypt-cost.js";
import type { Identity } from "./identity.js";
import { decodeKeyFile, encodeKeyFile, keyFileBytes } from "./key-file.js";
import type { LoadIdentityOptions, SaveIdentityOptions } from "./key-store-options.js";

/**
 * Writes an identity to a file of mode 0600, encrypted with the password.
 * @throws SecureError `key-file-exists`, `key-file-failed`; `signal.reason`
 */
export async function saveIdentity(
  path: string,
  identity: Identity,
  password: string,
  options: SaveIdentityOptions = {},
): Promise<void> {
  const { replaces = false, cost = defaultScryptCost, random = systemRandom, signal } = options;
  const bytes = await orAborted(encodeKeyFile(identity, password, random, cost), signal);
  const draft = `${path}.${Buffer.from(random.bytes(8)).toString("hex")}.tmp`;
  try {
    await writeDraft(draft, bytes);
    // A link fails where a file is; a rename would take its place.
    if (replaces) await rename(draft, path);
    else await link(draft, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") {
      throw new SecureError("key-file-exists", `${path} exists; choose another name, or the option replaces`, {
        cause,
      });
    }
    throw failed("written", path, cause);
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

/**
 * Reads the identity of a key file.
 * @throws SecureError `wrong-password`, `damaged-key-file`, `key-file-failed`; `signal.reason`
 */
export async function loadIdentity(
  path: string,
  password: string,
  { signal }: LoadIdentityOptions = {},
): Promise<Identity> {
  const bytes = await orAborted(readAll(path), signal);
  return orAborted(decodeKeyFile(bytes, password), signal);
}

/** No more than a key file has, and one byte that shows that there is more. */
async function readAll(path: string): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const { bytesRead, buffer } = await file.read(new Uint8Array(keyFileBytes + 1), 0, keyFileBytes + 1, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw failed("read", path, cause);
  } finally {
    await file?.close();
  }
}

async function writeDraft(draft: string, bytes: Uint8Array): Promise<void> {
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that the name survives a loss of power; there are systems that cannot, and need not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function failed(what: string, path: string, cause: unknown): SecureError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new SecureError("key-file-failed", `the key file ${path} could not be ${what}: ${text}`, { cause });
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}
