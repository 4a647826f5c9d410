// The identity of a key file, drawn and stored when there is none yet [SEC-019].
import { checkOptions, type NamesOf, type Random } from "@p2p/base";
import { loadIdentity, saveIdentity } from "#key-store";
import { SecureError } from "../errors.js";
import { Identity } from "../identity/identity.js";
import type { ScryptCost } from "../primitives/scrypt-cost.js";

/** Where an identity is kept. */
export interface KeyFileOptions {
  readonly path: string;
  readonly password: string;
  /** Gives up. */
  readonly signal?: AbortSignal;
  /** What each try of the password costs, in a file that is new. Default: 2^17 rounds of 1 KiB, 128 MiB. */
  readonly cost?: ScryptCost;
  /** Draws a new identity. Default: the platform's cryptographic source. */
  readonly random?: Random;
}

const keyFileNames: NamesOf<KeyFileOptions> = { path: true, password: true, signal: true, cost: true, random: true };

/** @throws SecureError `wrong-password`, `damaged-key-file`, `key-file-failed`, `key-file-unavailable`; `signal.reason` */
export async function identityOfKeyFile(keyFile: KeyFileOptions): Promise<Identity> {
  checkOptions("of a key file", keyFileNames, keyFile);
  const { path, password, signal, cost, random } = keyFile;
  const options = signal === undefined ? {} : { signal };
  try {
    return await loadIdentity(path, password, options);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  const identity = Identity.generate(random);
  try {
    await saveIdentity(path, identity, password, cost === undefined ? options : { ...options, cost });
    return identity;
  } catch (error) {
    identity.destroy();
    if (!(error instanceof SecureError) || error.code !== "key-file-exists") throw error;
    // Somebody else was faster.
    return loadIdentity(path, password, options);
  }
}

function isAbsent(error: unknown): boolean {
  if (!(error instanceof SecureError) || error.code !== "key-file-failed") return false;
  return error.cause instanceof Error && "code" in error.cause && error.cause.code === "ENOENT";
}
