// Rates by key: each key may do `burst` things at once and `perSecond` in the long run [BASE-136].

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Token buckets in bounded memory: a full bucket is forgotten, and beyond `maxKeys` the one unused for longest. */
export class TokenBuckets {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #maxKeys: number;
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>();

  /**
   * @param perSecond tokens that come back a second
   * @param burst tokens of a full bucket
   * @param maxKeys keys remembered. Default: 4,096
   */
  constructor(perSecond: number, burst: number, maxKeys = 4_096) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#maxKeys = maxKeys;
  }

  /** Keys remembered at present. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token of `key` at `nowMs`, monotonic. @returns false when there is none */
  take(key: string, nowMs: number): boolean {
    const tokens = this.#tokensAt(this.#buckets.get(key), nowMs);
    const isTaken = tokens >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: isTaken ? tokens - 1 : tokens, atMs: nowMs });
    this.#forget(nowMs);
    return isTaken;
  }

  /** Takes so many tokens more for what was done already; what is missing is owed, and nothing is taken until it is paid. */
  charge(key: string, tokens: number, nowMs: number): void {
    const left = this.#tokensAt(this.#buckets.get(key), nowMs) - tokens;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: left, atMs: nowMs });
    this.#forget(nowMs);
  }

  #tokensAt(bucket: Bucket | undefined, nowMs: number): number {
    if (bucket === undefined || this.#perMs === Number.POSITIVE_INFINITY) return this.#burst;
    return Math.min(this.#burst, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * this.#perMs);
  }

  /** Looks at the two unused for longest only, so that a call costs the same however many there are. */
  #forget(nowMs: number): void {
    for (let looked = 0; looked < 2; looked++) {
      const [oldest] = this.#buckets;
      if (oldest === undefined) return;
      const [key, bucket] = oldest;
      if (this.#buckets.size <= this.#maxKeys && this.#tokensAt(bucket, nowMs) < this.#burst) return;
      this.#buckets.delete(key);
    }
  }
}
