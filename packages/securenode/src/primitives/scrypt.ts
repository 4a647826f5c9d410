// scrypt (RFC 7914) by @noble/hashes: where there is no Node [SEC-003].
import { scryptAsync } from "@noble/hashes/scrypt.js";
import type { ScryptCost } from "./scrypt-cost.js";

/** 32 bytes from a password. Takes 128 * N * r bytes of memory meanwhile. */
export function deriveKey(password: Uint8Array, salt: Uint8Array, { logN, r, p }: ScryptCost): Promise<Uint8Array> {
  return scryptAsync(password, salt, { N: 2 ** logN, r, p, dkLen: 32, maxmem: 2 ** 30 });
}
