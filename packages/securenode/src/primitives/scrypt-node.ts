// scrypt (RFC 7914) by node:crypto, off the main thread: chosen by the "node" condition of #scrypt [SEC-003].
import { scrypt } from "node:crypto";
import type { ScryptCost } from "./scrypt-cost.js";

/** 32 bytes from a password. Takes 128 * N * r bytes of memory meanwhile. */
export function deriveKey(password: Uint8Array, salt: Uint8Array, { logN, r, p }: ScryptCost): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, { N: 2 ** logN, r, p, maxmem: 2 ** 30 }, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
}
