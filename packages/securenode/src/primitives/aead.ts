// ChaCha20-Poly1305 by @noble/ciphers: where there is no Node [SEC-003].
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { join } from "./join.js";
import { type AeadKey, tagBytes } from "./primitives.js";

/** @param key 32 bytes, copied */
export function aeadKey(key: Uint8Array): AeadKey {
  const own = key.slice();
  return {
    seal: (nonce, ad, parts) => [chacha20poly1305(own, nonce, ad).encrypt(join(parts))],
    open(nonce, ad, parts) {
      const sealed = join(parts);
      if (sealed.length < tagBytes) return undefined;
      try {
        return [chacha20poly1305(own, nonce, ad).decrypt(sealed)];
      } catch {
        return undefined;
      }
    },
  };
}
