// Of which positions a node knows for sure whether there is anything: those whose former owners told it all. Who has taken over
// from members that it only believes to be dead, without a copy of what they held, does not know: the key may live on behind a
// partition, and is not to be created a second time. [CHORD-218]
import { isOnArc, isSamePosition } from "../ring/arc.js";
import type { PositionRange } from "../ring-access.js";
import { textOf } from "../store/record-store.js";

/** Ranges of other members that are remembered: of the nearest before this one. */
const maxTold = 16;

/** Pure: told of changes of the own range, and of comparisons. */
export class Coverage {
  /** After so long without a sign of those who vanished, they count as dead, in ms. */
  readonly #abandonMs: number;
  #range: PositionRange | undefined;
  /** What is after it, up to this node, is known. Undefined: nothing is. */
  #sureAfter: Uint8Array | undefined;
  /** Since when there is more in the range than is known, in ms. */
  #unsureSinceMs: number | undefined;
  /** Ranges that their owners compared with this node, by the text of their last position. */
  readonly #told = new Map<string, PositionRange>();

  constructor(abandonMs: number) {
    this.#abandonMs = abandonMs;
  }

  /** The own range is another one, or none. */
  moved(range: PositionRange | undefined, nowMs: number): void {
    this.#range = range;
    if (range === undefined) {
      this.#sureAfter = undefined;
      this.#unsureSinceMs = undefined;
      return;
    }
    if (this.#sureAfter === undefined) {
      this.#unsureSinceMs ??= nowMs;
      return;
    }
    while (!isWithin(range, this.#sureAfter)) {
      const before = this.#told.get(textOf(this.#sureAfter));
      // Its owner had nothing, or all of the circle is told.
      if (before === undefined || isSamePosition(before.after, this.#sureAfter)) break;
      this.#sureAfter = before.after;
      if (isOnArc(before.after, range.upTo, before.upTo)) this.#sureAfter = range.upTo;
    }
    if (isWithin(range, this.#sureAfter)) this.#learnt(range);
    else this.#unsureSinceMs ??= nowMs;
    this.#forget(range);
  }

  /** The own range was fetched from who had it, or nobody ever had it. */
  fetched(): void {
    if (this.#range !== undefined) this.#learnt(this.#range);
  }

  /** The owner of a range compares it with this node. */
  told(range: PositionRange): void {
    const text = textOf(range.upTo);
    this.#told.delete(text);
    this.#told.set(text, { after: range.after.slice(), upTo: range.upTo.slice() });
    const [oldest] = this.#told.keys();
    if (this.#told.size > maxTold && oldest !== undefined) this.#told.delete(oldest);
  }

  /** For each position, whether this node owns it and would know of a key there: the first is bit 0. */
  sureOf(positions: readonly Uint8Array[], nowMs: number): number {
    const range = this.#range;
    if (range === undefined) return 0;
    if (this.#unsureSinceMs !== undefined && nowMs - this.#unsureSinceMs >= this.#abandonMs) this.#learnt(range);
    const sureAfter = this.#sureAfter;
    if (sureAfter === undefined) return 0;
    const isSure = (position: Uint8Array) =>
      isOnArc(range.after, position, range.upTo) && isOnArc(sureAfter, position, range.upTo);
    return positions.reduce((bits, position, at) => (isSure(position) ? bits | (1 << at) : bits), 0);
  }

  /** Whoever is not before this node any more, but for others that told as well, has somebody else to copy for it. */
  #forget({ after }: PositionRange): void {
    const row = new Map<string, PositionRange>();
    for (let text = textOf(after); !row.has(text); ) {
      const told = this.#told.get(text);
      if (told === undefined) break;
      row.set(text, told);
      text = textOf(told.after);
    }
    this.#told.clear();
    for (const [text, told] of row) this.#told.set(text, told);
  }

  #learnt({ after }: PositionRange): void {
    this.#sureAfter = after;
    this.#unsureSinceMs = undefined;
  }
}

/** Whether the range has nothing before `sureAfter`. */
function isWithin({ after, upTo }: PositionRange, sureAfter: Uint8Array): boolean {
  if (isSamePosition(sureAfter, upTo)) return true;
  return !isSamePosition(after, upTo) && (isSamePosition(after, sureAfter) || isOnArc(sureAfter, after, upTo));
}
