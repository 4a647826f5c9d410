// Which broadcasts went by: each is passed on once, whatever its time says. [SYNC-303]

/** How old a broadcast may be. Less than the 60 s of 0.7, whose nodes bounce what is exactly that old. */
const oldestSeconds = 55;
/** How far ahead a broadcast may be; 0.7 sets no bound. */
const aheadSeconds = 3_600;

/** Message ids in the order in which they came; the oldest make room. */
export class LegacySeen {
  readonly #ids = new Set<string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** @returns whether it is new */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > this.#most) {
      const [oldest] = this.#ids;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    return true;
  }
}

/** Whether a broadcast of this time is heard at all. */
export function isTimely(time: number, nowSeconds: number): boolean {
  return time >= nowSeconds - oldestSeconds && time <= nowSeconds + aheadSeconds;
}
