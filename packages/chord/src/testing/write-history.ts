// What was acknowledged of each key, and what reads of it may find: what was acknowledged before they began, or newer.

export interface WriteCounts {
  /** Writes that were acknowledged. */
  readonly acknowledged: number;
  /** Reads that found what they may find. */
  readonly right: number;
  /** Operations that failed, or whose process died. */
  readonly failed: number;
}

/** `stale`: it found less than had been acknowledged, or what nobody wrote. */
export type ReadEnd = "right" | "stale" | "failed";

interface KeyHistory {
  /** The number that was written last, acknowledged or not. */
  latest: number;
  acknowledged: number;
  acknowledgedAtMs: number;
}

/** Each write of a key has a number greater than all before; a key has one writer at a time. */
export class WriteHistory {
  readonly #nowMs: () => number;
  readonly #keys = new Map<string, KeyHistory>();
  readonly #known: string[] = [];
  readonly #stale: string[] = [];
  readonly #waits = new Set<() => void>();
  #acknowledged = 0;
  #right = 0;
  #failed = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get counts(): WriteCounts {
    return { acknowledged: this.#acknowledged, right: this.#right, failed: this.#failed };
  }

  /** Sentences, one for each read that found less than it had to. */
  get stale(): readonly string[] {
    return this.#stale;
  }

  /** Keys with an acknowledged value. */
  get keys(): readonly string[] {
    return this.#known;
  }

  /** Writes the next number to the key. A write that fails may have happened. */
  async write(key: string, perform: (value: number) => Promise<unknown>): Promise<void> {
    const history = this.#keys.get(key) ?? { latest: 0, acknowledged: 0, acknowledgedAtMs: 0 };
    this.#keys.set(key, history);
    history.latest += 1;
    const value = history.latest;
    try {
      await perform(value);
    } catch {
      this.#failed += 1;
      return;
    }
    if (history.acknowledged === 0) this.#known.push(key);
    history.acknowledged = value;
    history.acknowledgedAtMs = this.#nowMs();
    this.#acknowledged += 1;
    for (const look of [...this.#waits]) look();
  }

  /** Reads the key, and notes it unless it finds what it has to. */
  async read(key: string, perform: () => Promise<number | null>): Promise<ReadEnd> {
    const { acknowledged: least, acknowledgedAtMs } = this.#keys.get(key) ?? { acknowledged: 0, acknowledgedAtMs: 0 };
    const agoMs = this.#nowMs() - acknowledgedAtMs;
    let found: number | null;
    try {
      found = await perform();
    } catch {
      this.#failed += 1;
      return "failed";
    }
    const most = this.#keys.get(key)?.latest ?? 0;
    if ((found ?? 0) >= least && (found ?? 0) <= most) {
      this.#right += 1;
      return "right";
    }
    this.#stale.push(`${key}: ${found ?? "nothing"} was read ${agoMs.toFixed(0)} ms after ${least} was acknowledged`);
    return "stale";
  }

  /** Resolves when so many more writes are acknowledged. */
  more(count: number): Promise<void> {
    const goal = this.#acknowledged + count;
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#acknowledged < goal) return;
        this.#waits.delete(look);
        resolve();
      };
      this.#waits.add(look);
      look();
    });
  }
}
