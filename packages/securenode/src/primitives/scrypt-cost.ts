// What a password costs to try [SEC-017].

export interface ScryptCost {
  /** Binary logarithm of N, the number of rounds. */
  readonly logN: number;
  /** Block size; memory is 128 * N * r bytes. */
  readonly r: number;
  /** How often, one after the other. */
  readonly p: number;
}

/** 128 MiB and some 0.4 s of one core: a password costs that much each time it is tried. */
export const defaultScryptCost: ScryptCost = Object.freeze({ logN: 17, r: 8, p: 1 });

/** What is taken from a file of others: at most 256 MiB, and the time of 4 passes over that [SEC-017]. */
export function isBearable({ logN, r, p }: ScryptCost): boolean {
  return logN >= 10 && logN <= 20 && r >= 1 && r <= 32 && p >= 1 && p <= 4 && 2 ** logN * r <= 2 ** 21;
}
