// Random choices that are the same in every run (xoshiro128**, Blackman and Vigna 2018). Not for secrets.
import { floatOf, type Random } from "../runtime/random.js";

/**
 * Makes a source whose whole sequence follows from `seed`: a 32-bit number, or the four words of the state, not all 0,
 * where many sources are to be unlike.
 */
export function seededRandom(seed: number | Uint32Array): Random {
  const state = typeof seed === "number" ? spread(seed) : seed.slice(0, 4);
  const next = (): number => {
    const [a = 0, b = 0, c = 0, d = 0] = state;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    state[2] = c ^ a;
    state[3] = d ^ b;
    state[1] = b ^ (state[2] ?? 0);
    state[0] = a ^ (state[3] ?? 0);
    state[2] = (state[2] ?? 0) ^ (b << 9);
    state[3] = rotate(state[3] ?? 0, 11);
    return result;
  };
  return {
    bytes: (length) => Uint8Array.from({ length }, () => next() >>> 24),
    float: () => floatOf(next(), next()),
  };
}

/** By splitmix32, so that near seeds give unlike sequences. */
function spread(seed: number): Uint32Array {
  let mix = seed | 0;
  return Uint32Array.from({ length: 4 }, () => {
    mix = (mix + 0x9e37_79b9) | 0;
    let word = Math.imul(mix ^ (mix >>> 16), 0x85eb_ca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2_ae35);
    return word ^ (word >>> 16);
  });
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
