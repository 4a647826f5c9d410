// Of which positions a node is in charge, and of which keys there it has all that was acknowledged: what was acknowledged by
// those before it came with the range, or was read again from the other positions. Whoever takes over from a member that died
// has copies, and does not know what they lack. [CHORD-261] [CHORD-262] [CHORD-263] [CHORD-264] [CHORD-265]
import { isBetween, isOnArc, isSamePosition } from "../ring/arc.js";
import type { PositionRange } from "../ring-access.js";
import { textOf } from "../store/record-store.js";

/** What a member gave up to the one before it. */
export interface Handover {
  /** It was in charge of what is after this position. */
  readonly after: Uint8Array;
  /** And had all that was acknowledged of what is after this one; the end of the range if of nothing. */
  readonly sureAfter: Uint8Array;
}

/** What a node is to a key: a bit for each position, the first being bit 0. */
export interface Standing {
  /** It decides there: no other member does. */
  readonly charge: number;
  /** And it has all that was acknowledged there. */
  readonly sure: number;
}

interface Given extends Handover {
  readonly upTo: Uint8Array;
  /** What is after it was claimed by the member at the end, which is in charge since, or dead. */
  readonly claimedAfter: Uint8Array;
  /** From then on it is not told. */
  readonly untilMs: number;
}

/** Members whose part is remembered until they ask for it. */
const maxGiven = 16;
/**
 * For how long they are told, in ms: as long as they claim, and little longer. Who comes back in their place, unnoticed by the member
 * after it, does not have what they took.
 */
const givenMs = 5_000;
/** For how long a node waits for others who may own what its successor did not, in ms: they tell it in two rounds. */
const claimMs = 1_000;
/** No write is acknowledged so long after its first holder took it, in ms; longer than `attemptMs` of writes. */
const lateMs = 12_000;

/** Pure: told of changes of the own range, and of what others handed over. */
export class Tenure {
  #range: PositionRange | undefined;
  #isInCharge = false;
  /** Until then it is in charge of what is after `#claimAfter` only. */
  #claimsAtMs = 0;
  #claimAfter: Uint8Array = new Uint8Array(0);
  /** All that was acknowledged after it, up to this node, is here. Undefined: of nothing that is known. */
  #sureAfter: Uint8Array | undefined;
  /** Texts of keys at other positions that were read again since. */
  readonly #verified = new Set<string>();
  /** What was given up, by the text of where it ends. */
  readonly #given = new Map<string, Given>();
  /** Others were between this node and what is up to there, before it was in charge, and vanished: they may have taken writes. */
  #vanishedUpTo: Uint8Array | undefined;
  /** When it took anything over last, in ms. */
  #grownAtMs = 0;
  #epoch = 0;

  /** Another one after the node took over positions: what was found out about keys before does not count. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The own range is another one, or none. @returns the part that it took over from members that vanished */
  moved(range: PositionRange | undefined, nowMs: number): PositionRange | undefined {
    const before = this.#range;
    this.#range = range;
    if (range === undefined || before === undefined) {
      this.#isInCharge = false;
      this.#sureAfter = undefined;
      this.#vanishedUpTo = undefined;
      this.#verified.clear();
      this.#given.clear();
      this.#grow(nowMs);
      return undefined;
    }
    if (isSamePosition(before.after, range.after)) return undefined;
    const isSmaller = !isSamePosition(range.after, range.upTo) && isOnArc(before.after, range.after, range.upTo);
    if (isSmaller) {
      this.#give(before.after, range, nowMs);
      return undefined;
    }
    const part = { after: range.after, upTo: before.after };
    if (!this.#isInCharge) this.#vanishedUpTo = laterOf(this.#vanishedUpTo, part.upTo, range);
    for (const [text, { upTo }] of this.#given) if (isOnArc(part.after, upTo, part.upTo)) this.#given.delete(text);
    this.#grow(nowMs);
    return part;
  }

  /** The member before it is gone, and nobody else known yet: what was given up to that one is lost, also if it comes back. */
  vacated(): void {
    if (this.#range !== undefined) this.#given.delete(textOf(this.#range.after));
  }

  /** It founded the ring: nothing was acknowledged by anybody before. */
  founded(): void {
    this.#isInCharge = true;
    this.#sureAfter = this.#range?.after;
  }

  /** Nobody is there to hand anything over: it is in charge, and sure of nothing. */
  assumed(nowMs: number): void {
    this.#isInCharge = this.#range !== undefined;
    this.#grow(nowMs);
  }

  /** The member after it, which was in charge before, gave it up and told all that it had. */
  handedOver({ after, sureAfter }: Handover, nowMs: number): void {
    const range = this.#range;
    if (range === undefined || this.#isInCharge) return;
    this.#isInCharge = true;
    if (!isWithin(range, after)) {
      this.#claimAfter = after;
      this.#claimsAtMs = nowMs + claimMs;
    }
    // Who was in charge before may have been so until now.
    this.#grow(Math.max(nowMs, this.#claimsAtMs));
    if (isWithin(range, sureAfter)) this.#sureAfter = range.after;
    else if (!isSamePosition(sureAfter, range.upTo) && isOnArc(range.after, sureAfter, range.upTo))
      this.#sureAfter = sureAfter;
    const vanished = this.#vanishedUpTo;
    if (vanished !== undefined && this.#sureAfter !== undefined)
      this.#sureAfter = laterOf(this.#sureAfter, vanished, range);
  }

  /** It is about to go: what is acknowledged from now on is acknowledged by others. */
  resigned(): void {
    this.#isInCharge = false;
  }

  /**
   * What was given up of the range of a member that claims it; as empty, where the range of this node begins there and it never
   * had what is before. `none`: others stand between, and it had nothing of that. Undefined: that is not known yet.
   */
  givenTo({ after: from, upTo }: PositionRange, nowMs: number): Handover | "none" | undefined {
    const range = this.#range;
    if (range === undefined || !this.#isInCharge) return undefined;
    // The last that was given: who it was given to may have given it on before it was in charge.
    for (const [text, given] of [...this.#given].reverse()) {
      const { after, sureAfter, upTo: end, claimedAfter, untilMs } = given;
      if (nowMs >= untilMs) {
        this.#given.delete(text);
        continue;
      }
      if (isSamePosition(upTo, end)) {
        const isPart = !isSamePosition(from, end) && isOnArc(after, from, end);
        this.#given.set(text, { ...given, claimedAfter: isPart ? from.slice() : after });
      } else if (isSamePosition(after, claimedAfter) || !isOnArc(after, upTo, claimedAfter)) continue;
      const isKnown = !isSamePosition(sureAfter, end) && isOnArc(sureAfter, upTo, end);
      return { after, sureAfter: isKnown ? sureAfter : upTo };
    }
    if (isSamePosition(range.after, upTo)) return { after: upTo, sureAfter: upTo };
    return isOnArc(range.after, upTo, range.upTo) ? undefined : "none";
  }

  /** @param text of the key */
  standing(text: string, positions: readonly Uint8Array[], nowMs: number): Standing {
    const range = this.#range;
    let [charge, sure] = [0, 0];
    if (range === undefined || !this.#isInCharge) return { charge, sure };
    const isClaiming = nowMs < this.#claimsAtMs;
    const claimed = { after: this.#claimAfter, upTo: range.upTo };
    const isVerified = this.#verified.has(text);
    for (const [at, position] of positions.entries()) {
      if (!isOnArc(range.after, position, range.upTo)) continue;
      if (isClaiming && !isAfter(claimed, position)) continue;
      charge |= 1 << at;
      const isKnown = this.#sureAfter !== undefined && isOnArc(this.#sureAfter, position, range.upTo);
      if (isVerified || isKnown) sure |= 1 << at;
    }
    return { charge, sure };
  }

  /** Whether what is read again now counts: all that may still be acknowledged from before was taken by those that live. */
  mayVerify(nowMs: number): boolean {
    return this.#isInCharge && nowMs >= this.#grownAtMs + lateMs;
  }

  /** The key was read from its other positions, and this node has what was found. */
  verified(text: string): void {
    this.#verified.add(text);
  }

  /** The key is not known to be here any more. */
  doubted(text: string): void {
    this.#verified.delete(text);
  }

  #grow(nowMs: number): void {
    this.#grownAtMs = nowMs;
    this.#epoch += 1;
  }

  /** The range begins later than before. */
  #give(from: Uint8Array, { after: upTo, upTo: end }: PositionRange, nowMs: number): void {
    const known = this.#sureAfter;
    const isKnown = known !== undefined && isOnArc(known, upTo, end);
    // What this node was not in charge of is to be had from who was.
    const isClaiming = nowMs < this.#claimsAtMs;
    const after = isClaiming ? laterOf(from, this.#claimAfter, { after: from, upTo: end }) : from;
    if (this.#isInCharge && (after === from || isBetween(from, after, upTo))) {
      const text = textOf(upTo);
      this.#given.delete(text);
      this.#given.set(text, {
        after,
        sureAfter: isKnown ? known : upTo,
        upTo: upTo.slice(),
        claimedAfter: upTo.slice(),
        untilMs: nowMs + givenMs,
      });
      const [oldest] = this.#given.keys();
      if (this.#given.size > maxGiven && oldest !== undefined) this.#given.delete(oldest);
    }
    if (isKnown) this.#sureAfter = upTo;
  }
}

/** Which of two positions comes later in the range; the first where the other is none of it. */
function laterOf(one: Uint8Array | undefined, other: Uint8Array, { after, upTo }: PositionRange): Uint8Array {
  if (one === undefined) return other;
  return isOnArc(after, other, upTo) && (isSamePosition(one, after) || isOnArc(one, other, upTo)) ? other : one;
}

/** Whether the range has nothing before `from`, a position outside of it or its beginning. */
function isWithin({ after, upTo }: PositionRange, from: Uint8Array): boolean {
  return isSamePosition(after, from) || (!isSamePosition(from, upTo) && isOnArc(from, after, upTo));
}

/** Whether the position is in the part, which is empty when it ends where it begins. */
function isAfter({ after, upTo }: PositionRange, position: Uint8Array): boolean {
  return !isSamePosition(after, upTo) && isOnArc(after, position, upTo);
}
