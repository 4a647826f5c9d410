// What storing and loading a key file can be told [SEC-016] [SEC-019].
import type { Random } from "@p2p/base";
import type { ScryptCost } from "../primitives/scrypt-cost.js";

export interface LoadIdentityOptions {
  /** Gives up. */
  readonly signal?: AbortSignal;
}

export interface SaveIdentityOptions extends LoadIdentityOptions {
  /** Whether a file of that name is replaced: the identity in it is then gone. Default: false. */
  readonly replaces?: boolean;
  /** What each try of a password costs. Default: 2^17 rounds of 1 KiB, 128 MiB. */
  readonly cost?: ScryptCost;
  /** Default: the platform's cryptographic source. */
  readonly random?: Random;
}
