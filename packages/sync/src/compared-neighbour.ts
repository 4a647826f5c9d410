// What a node remembers of a neighbour for comparing tables: the comparison at work, and what has to wait.
import type { NodeId, WireValue } from "@p2p/wire";
import type { TableOpen } from "./messages/comparison.js";
import type { Session } from "./reconcile/session.js";

/** What a comparison needs of a neighbour. */
export interface ComparedLink {
  readonly id: NodeId;
  /** The longest frame body that it takes. */
  readonly maxFrameBytes: number;
  sendWhisper(items: readonly WireValue[]): boolean;
  /** Writes it at once. */
  flush(): void;
}

/** A comparison with one neighbour. */
export interface Running {
  readonly session: Session;
  readonly isOwn: boolean;
  /** Whether it needs fingerprints; undefined: not accepted yet. */
  isCompared: boolean | undefined;
  /** Whether it brings most of a table: one such at a time is enough. */
  isFilling: boolean;
  /** Monotonic ms of the latest sign of progress. */
  aliveMs: number;
}

/** Comparisons that a neighbour may begin: at once, and then a second. An honest one begins one a second, at most. */
const openBurst = 20;
const opensPerSecond = 1;

export class ComparedNeighbour {
  readonly link: ComparedLink;
  running: Running | undefined;
  /** The number of the one before, whose late turns are no fault. */
  lastSession: number | undefined;
  /** One that the neighbour has begun, and that has to wait. */
  parked: TableOpen | undefined;
  /** It may have what is missing here, or lack what is here. */
  isWanted = false;
  /** Since when it waits for others that fill the table, monotonic ms; undefined: it does not. */
  waitsSinceMs: number | undefined;
  /** Monotonic ms from which on another one may begin. */
  restsUntilMs = 0;
  /** Records that the comparison at work has brought. */
  adopted = 0;
  #tokens = openBurst;
  #tokensMs: number;

  constructor(link: ComparedLink, nowMs: number) {
    this.link = link;
    this.#tokensMs = nowMs;
  }

  /** Counts a comparison that it begins. @returns whether it may */
  mayBegin(nowMs: number): boolean {
    const more = ((nowMs - this.#tokensMs) / 1_000) * opensPerSecond;
    this.#tokens = Math.min(openBurst, this.#tokens + more) - 1;
    this.#tokensMs = nowMs;
    return this.#tokens >= 0;
  }

  /** The comparison at work is over, or given up. */
  drop(nowMs: number, pauseMs: number): void {
    if (this.running === undefined) return;
    this.lastSession = this.running.session.id;
    this.running = undefined;
    this.adopted = 0;
    this.restsUntilMs = nowMs + pauseMs;
  }
}
