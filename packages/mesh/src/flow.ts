// Who may hold up whom: while a neighbour cannot take more, others wait; but nobody waits for a stalled neighbour.
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
  /** Not only own messages wait for it, but also what others send. */
  isFull: boolean;
  isLagging: boolean;
}

/**
 * Keeps, by key, who cannot take more at present. Two marks: above the first, own messages wait; above the second
 * (`isFull`) nothing more is read from others. So relays come first, and nodes that relay to one another in a circle do
 * not all stop.
 */
export class Flow<Key> {
  readonly #options: FlowOptions;
  readonly #blocked = new Map<Key, Blocked>();
  #waitedFor = 0;
  #full = 0;

  constructor(options: FlowOptions) {
    this.#options = options;
  }

  /** Whether somebody is worth waiting for with own messages. */
  get isBlocked(): boolean {
    return this.#waitedFor > 0;
  }

  /** How many cannot take more, waited for or not. */
  get blockedCount(): number {
    return this.#blocked.size;
  }

  /** Whether nothing should be read from this one, as somebody else is full and worth waiting for. */
  holds(key: Key): boolean {
    if (this.#full === 0) return false;
    const own = this.#blocked.get(key);
    return this.#full > (own?.isFull === true && !own.isLagging ? 1 : 0);
  }

  /** Whether it is blocked and not waited for any more. */
  isLagging(key: Key): boolean {
    return this.#blocked.get(key)?.isLagging === true;
  }

  /**
   * A send was answered by "wait".
   *
   * @param takenBytes what it took so far, over its whole life
   */
  block(key: Key, isFull: boolean, takenBytes: number, nowMs: number): void {
    const blocked = this.#blocked.get(key);
    if (blocked === undefined) {
      this.#blocked.set(key, { sinceMs: nowMs, takenBytes, isFull, isLagging: false });
      this.#waitedFor += 1;
      if (isFull) this.#full += 1;
    } else if (isFull && !blocked.isFull) {
      blocked.isFull = true;
      if (!blocked.isLagging) this.#full += 1;
    }
  }

  /** It can take more again, or is gone. */
  unblock(key: Key): void {
    const blocked = this.#blocked.get(key);
    if (blocked === undefined) return;
    this.#blocked.delete(key);
    if (!blocked.isLagging) this.#forget(blocked);
  }

  /** Looks who is not worth waiting for any more. To be called now and then while somebody is blocked. */
  review(nowMs: number, takenBytesOf: (key: Key) => number): void {
    const { graceMs, minBytesPerMs } = this.#options;
    for (const [key, blocked] of this.#blocked) {
      if (blocked.isLagging) continue;
      const takenBytes = takenBytesOf(key) - blocked.takenBytes;
      if (nowMs - blocked.sinceMs <= graceMs + takenBytes / minBytesPerMs) continue;
      blocked.isLagging = true;
      this.#forget(blocked);
    }
  }

  #forget(blocked: Blocked): void {
    this.#waitedFor -= 1;
    if (blocked.isFull) this.#full -= 1;
  }
}
