// Who sends letters that do not verify is not heard for a while: opening each of them costs a receiver agreements [SEC-238]. Pure.
import { TokenBuckets } from "@p2p/base";
import type { NodeId } from "@p2p/wire";

/** Forged letters of one sender within {@link muteMs} before it is muted. */
export const maxForgedLetters = 5;
export const muteMs = 60_000;

/** Senders that are muted at a time: those muted for longest go first. */
const maxMuted = 4_096;

export class LetterGuard {
  readonly #forgeries = new TokenBuckets((maxForgedLetters * 1_000) / muteMs, maxForgedLetters);
  /** Until when, monotonic ms; in the order in which they were muted. */
  readonly #muted = new Map<NodeId, number>();

  /** @param nowMs monotonic, as in every call */
  isMuted(sender: NodeId, nowMs: number): boolean {
    const untilMs = this.#muted.get(sender);
    if (untilMs === undefined) return false;
    if (nowMs < untilMs) return true;
    this.#muted.delete(sender);
    return false;
  }

  /** A letter of this sender was forged. @returns whether that is one too many, and it is muted from now on */
  count(sender: NodeId, nowMs: number): boolean {
    if (this.#forgeries.take(sender, nowMs)) return false;
    this.#muted.set(sender, nowMs + muteMs);
    for (const oldest of this.#muted.keys()) {
      if (this.#muted.size <= maxMuted) break;
      this.#muted.delete(oldest);
    }
    return true;
  }
}
