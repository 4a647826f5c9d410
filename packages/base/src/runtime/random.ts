// The seam of randomness: every random choice of the package comes from a Random [BASE-109].

export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Uint8Array;
  /** A number in [0, 1). */
  float(): number;
}

/** The most that one call of `getRandomValues` gives. */
const maxRequestBytes = 65_536;

/** Words kept for {@link Random.float}, two a number, so that a call of the platform serves many. */
const pool = new Uint32Array(128);
let poolLeft = 0;

/** The platform's cryptographic source (WebCrypto). */
export const systemRandom: Random = {
  bytes(length) {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += maxRequestBytes) {
      crypto.getRandomValues(bytes.subarray(offset, offset + maxRequestBytes));
    }
    return bytes;
  },
  float() {
    if (poolLeft === 0) {
      crypto.getRandomValues(pool);
      poolLeft = pool.length;
    }
    poolLeft -= 2;
    return floatOf(pool[poolLeft] ?? 0, pool[poolLeft + 1] ?? 0);
  },
};

/** 53 random bits of two 32-bit words as a number in [0, 1). */
export function floatOf(high: number, low: number): number {
  return ((high >>> 5) * 0x400_0000 + (low >>> 6)) / 0x20_0000_0000_0000;
}
