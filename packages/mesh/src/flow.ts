// Who may hold up whom: while a neighbour cannot take more, reading stops, but a stalled neighbour is not waited for.
// Pure: it only keeps the book. [MESH-072] [MESH-073]

export interface FlowOptions {
  /** How long a neighbour that takes nothing is waited for, in ms. */
  readonly graceMs: number;
  /** A neighbour that takes at least this much is waited for on and on, in bytes per ms. */
  readonly minBytesPerMs: number;
}

interface Blocked {
  readonly sinceMs: number;
  readonly takenBytes: number;
  isLagging: boolean;
}

/** Keeps, by key, who cannot take more at present. */
export class Flow<Key> {
  readonly #options: FlowOptions;
  readonly #blocked = new Map<Key, Blocked>();
  #waitedFor = 0;

  constructor(options: FlowOptions) {
    this.#options = options;
  }

  /** Whether somebody is worth waiting for: then nothing more should be read or sent. */
  get isHeld(): boolean {
    return this.#waitedFor > 0;
  }

  isBlocked(key: Key): boolean {
    return this.#blocked.has(key);
  }

  /** Whether it is blocked and not waited for any more. */
  isLagging(key: Key): boolean {
    return this.#blocked.get(key)?.isLagging === true;
  }

  /** A send was answered by "wait". @param takenBytes what it took so far, over its whole life */
  block(key: Key, takenBytes: number, nowMs: number): void {
    if (this.#blocked.has(key)) return;
    this.#blocked.set(key, { sinceMs: nowMs, takenBytes, isLagging: false });
    this.#waitedFor += 1;
  }

  /** It can take more again, or is gone. */
  unblock(key: Key): void {
    const blocked = this.#blocked.get(key);
    if (blocked === undefined) return;
    this.#blocked.delete(key);
    if (!blocked.isLagging) this.#waitedFor -= 1;
  }

  /** Looks who is not worth waiting for any more. To be called now and then while held. */
  review(nowMs: number, takenBytesOf: (key: Key) => number): void {
    const { graceMs, minBytesPerMs } = this.#options;
    for (const [key, blocked] of this.#blocked) {
      if (blocked.isLagging) continue;
      const takenBytes = takenBytesOf(key) - blocked.takenBytes;
      if (nowMs - blocked.sinceMs <= graceMs + takenBytes / minBytesPerMs) continue;
      blocked.isLagging = true;
      this.#waitedFor -= 1;
    }
  }

  clear(): void {
    this.#blocked.clear();
    this.#waitedFor = 0;
  }
}
