// Who was told of what, so that nobody is told the same again and again. [SYNC-049]

/** Subjects that are remembered. */
const maxNotices = 4_096;

export class Notices {
  /** When a subject was told last, monotonic ms; the one told longest ago comes first. */
  readonly #toldMs = new Map<string, number>();
  readonly #everyMs: number;

  /** @param everyMs how often the same is told */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** Whether it is time to tell of a subject, and takes note that it is done. */
  isDue(subject: string, nowMs: number): boolean {
    const toldMs = this.#toldMs.get(subject);
    if (toldMs !== undefined && nowMs - toldMs < this.#everyMs) return false;
    this.#toldMs.delete(subject);
    if (this.#toldMs.size >= maxNotices) {
      for (const oldest of this.#toldMs.keys()) {
        this.#toldMs.delete(oldest);
        break;
      }
    }
    this.#toldMs.set(subject, nowMs);
    return true;
  }
}
