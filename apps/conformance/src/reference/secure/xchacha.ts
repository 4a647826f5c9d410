// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): HChaCha20 in front of node:crypto's ChaCha20-Poly1305.
import { createCipheriv, createDecipheriv } from "node:crypto";
import { concat } from "../value.js";

function subkey(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const state = new Uint32Array(16);
  state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
  const words = new DataView(concat([key, nonce.subarray(0, 16)]).buffer);
  for (let at = 0; at < 12; at++) state[4 + at] = words.getUint32(4 * at, true);
  const turn = (a: number, b: number, bits: number, c: number): void => {
    state[a] = (state[a] as number) + (state[b] as number);
    const mixed = ((state[c] as number) ^ (state[a] as number)) >>> 0;
    state[c] = (mixed << bits) | (mixed >>> (32 - bits));
  };
  const quarter = (a: number, b: number, c: number, e: number): void => {
    turn(a, b, 16, e);
    turn(c, e, 12, b);
    turn(a, b, 8, e);
    turn(c, e, 7, b);
  };
  for (let round = 0; round < 10; round++) {
    for (const [a, b, c, e] of rounds) quarter(a, b, c, e);
  }
  const out = new DataView(new ArrayBuffer(32));
  for (let at = 0; at < 4; at++) {
    out.setUint32(4 * at, state[at] as number, true);
    out.setUint32(16 + 4 * at, state[12 + at] as number, true);
  }
  return new Uint8Array(out.buffer);
}

const rounds: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

const shortNonce = (nonce: Uint8Array): Uint8Array => concat([new Uint8Array(4), nonce.subarray(16)]);

export function sealX(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, text: Uint8Array): Uint8Array {
  return seal(subkey(key, nonce), shortNonce(nonce), ad, text);
}

/** Undefined when the tag does not verify. */
export function openX(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  return open(subkey(key, nonce), shortNonce(nonce), ad, sealed);
}

export function seal(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, text: Uint8Array): Uint8Array {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  cipher.setAAD(ad, { plaintextLength: text.length });
  return concat([
    new Uint8Array(cipher.update(text)),
    new Uint8Array(cipher.final()),
    new Uint8Array(cipher.getAuthTag()),
  ]);
}

export function open(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < 16) return undefined;
  const cipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  cipher.setAAD(ad, { plaintextLength: sealed.length - 16 });
  cipher.setAuthTag(sealed.subarray(sealed.length - 16));
  try {
    return concat([new Uint8Array(cipher.update(sealed.subarray(0, -16))), new Uint8Array(cipher.final())]);
  } catch {
    return undefined;
  }
}
