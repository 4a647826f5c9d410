// The asker's side of requests: which node may answer what, and how each request ends [BASE-210..BASE-229].
// Pure: events and time in, endings out; the table holds no timer and no promise.
import type { NodeId, WireValue } from "@p2p/wire";

export interface PendingLimits {
  /** Requests that one node may owe us. */
  readonly perPeer: number;
  /** Requests that all nodes together may owe us. */
  readonly total: number;
  /** Times one request may be forwarded. */
  readonly maxForwards: number;
  /** Body bytes of all answers held because their redirection has not arrived yet. */
  readonly earlyBytes: number;
}

/** What a node says about a request of ours. `bytes` is the length of the body that said it. */
export type AskerEvent =
  | { readonly kind: "answered"; readonly from: NodeId; readonly data: WireValue; readonly bytes: number }
  | {
      readonly kind: "refused";
      readonly from: NodeId;
      readonly code: string;
      readonly message: string;
      readonly bytes: number;
    }
  | { readonly kind: "redirected"; readonly from: NodeId; readonly to: NodeId; readonly bytes: number };

/** How a request ends. `peer` is the node that was responsible then. */
export type Outcome =
  | { readonly kind: "answered"; readonly peer: NodeId; readonly data: WireValue }
  | { readonly kind: "refused"; readonly peer: NodeId; readonly code: string; readonly message: string }
  | { readonly kind: "bad-redirect"; readonly peer: NodeId; readonly to: NodeId }
  | { readonly kind: "timeout"; readonly peer: NodeId }
  | { readonly kind: "lost"; readonly peer: NodeId };

export interface Ending<T> {
  readonly requestId: number;
  readonly waiter: T;
  readonly outcome: Outcome;
}

export interface NewRequest<T> {
  readonly requestId: number;
  readonly peer: NodeId;
  /** True when the request goes over a connection, whose loss then ends it. */
  readonly isDirect: boolean;
  /** Monotonic ms. */
  readonly deadline: number;
  readonly waiter: T;
}

interface Entry<T> {
  readonly requestId: number;
  readonly waiter: T;
  readonly deadline: number;
  responsible: NodeId;
  isDirect: boolean;
  /** The nodes that were responsible before. */
  readonly path: NodeId[];
  /** Events of nodes not named yet: a redirection travels another way than the answer that follows it. */
  early: AskerEvent[] | undefined;
}

/** Events of unnamed nodes kept for one request, whatever their size. */
const earlyEventsPerRequest = 8;

export class PendingRequests<T> {
  readonly #limits: PendingLimits;
  readonly #selfId: NodeId;
  readonly #entries = new Map<number, Entry<T>>();
  readonly #perPeer = new Map<NodeId, number>();
  #earlyBytes = 0;
  #unmatched = 0;

  constructor(selfId: NodeId, limits: PendingLimits) {
    this.#selfId = selfId;
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Answers, refusals and redirections that no open request wanted: late, unknown, twice, or of a node not asked. */
  get unmatched(): number {
    return this.#unmatched;
  }

  /** Bytes of answers held until their redirection arrives. */
  get earlyBytes(): number {
    return this.#earlyBytes;
  }

  has(requestId: number): boolean {
    return this.#entries.has(requestId);
  }

  countOf(peer: NodeId): number {
    return this.#perPeer.get(peer) ?? 0;
  }

  /** Takes a slot; false when the peer or the node has none left [BASE-212]. */
  add(request: NewRequest<T>): boolean {
    if (this.#entries.size >= this.#limits.total || this.countOf(request.peer) >= this.#limits.perPeer) return false;
    this.#entries.set(request.requestId, {
      requestId: request.requestId,
      waiter: request.waiter,
      deadline: request.deadline,
      responsible: request.peer,
      isDirect: request.isDirect,
      path: [],
      early: undefined,
    });
    this.#take(request.peer);
    return true;
  }

  /** Applies what a node said; the ending when it ends the request, else undefined. */
  apply(requestId: number, event: AskerEvent): Ending<T> | undefined {
    const entry = this.#entries.get(requestId);
    if (entry === undefined || entry.path.includes(event.from)) {
      this.#unmatched++;
      return undefined;
    }
    if (event.from !== entry.responsible) {
      this.#hold(entry, event);
      return undefined;
    }
    let next: AskerEvent | undefined = event;
    while (next !== undefined) {
      const outcome = this.#step(entry, next);
      if (outcome !== undefined) return this.#end(entry, outcome);
      next = this.#takeEarly(entry);
    }
    return undefined;
  }

  /** Gives up a request without an ending, as an abort does; false when it had ended [BASE-216]. */
  remove(requestId: number): boolean {
    const entry = this.#entries.get(requestId);
    if (entry === undefined) return false;
    this.#delete(entry);
    return true;
  }

  /**
   * The request could not be sent, or got no receipt; true when that ends it, which it does not once the node asked has
   * passed it on [BASE-223].
   */
  sendFailed(requestId: number): boolean {
    const entry = this.#entries.get(requestId);
    return entry !== undefined && entry.path.length === 0 && this.remove(requestId);
  }

  /** The last connection to this node is gone [BASE-215]. */
  peerLost(peer: NodeId): readonly Ending<T>[] {
    if (!this.#perPeer.has(peer)) return [];
    return this.#endAll(
      (entry) => entry.isDirect && entry.responsible === peer,
      (entry) => ({ kind: "lost", peer: entry.responsible }),
    );
  }

  /** Ends every request whose deadline has come [BASE-214]. */
  expire(now: number): readonly Ending<T>[] {
    return this.#endAll(
      (entry) => entry.deadline <= now,
      (entry) => ({ kind: "timeout", peer: entry.responsible }),
    );
  }

  /** Drops all that was held of nodes not named yet, for want of memory. */
  forgetEarly(): void {
    for (const entry of this.#entries.values()) this.#dropEarly(entry);
  }

  /** Takes out every request, as closing the node does. */
  clear(): readonly T[] {
    const waiters = [...this.#entries.values()].map((entry) => entry.waiter);
    this.#entries.clear();
    this.#perPeer.clear();
    this.#earlyBytes = 0;
    return waiters;
  }

  /** The earliest deadline (monotonic ms), Infinity when nothing is pending. */
  nextDeadline(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries.values()) earliest = Math.min(earliest, entry.deadline);
    return earliest;
  }

  #step(entry: Entry<T>, event: AskerEvent): Outcome | undefined {
    const peer = event.from;
    switch (event.kind) {
      case "answered":
        return { kind: "answered", peer, data: event.data };
      case "refused":
        return { kind: "refused", peer, code: event.code, message: event.message };
      case "redirected":
        return this.#redirect(entry, event.to);
      default:
        return event satisfies never;
    }
  }

  #redirect(entry: Entry<T>, to: NodeId): Outcome | undefined {
    const { responsible, path } = entry;
    const isLoop = to === this.#selfId || to === responsible || path.includes(to);
    if (isLoop || path.length >= this.#limits.maxForwards) return { kind: "bad-redirect", peer: responsible, to };
    this.#release(responsible);
    path.push(responsible);
    entry.responsible = to;
    entry.isDirect = false;
    // May pass the limit of the new node: the request is already on its way [BASE-222].
    this.#take(to);
    return undefined;
  }

  #hold(entry: Entry<T>, event: AskerEvent): void {
    const held = entry.early ?? [];
    const isFull = held.length >= earlyEventsPerRequest || this.#earlyBytes + event.bytes > this.#limits.earlyBytes;
    const isRepeat = held.some((other) => other.from === event.from && other.kind === event.kind);
    if (isFull || isRepeat) {
      this.#unmatched++;
      return;
    }
    held.push(event);
    entry.early = held;
    this.#earlyBytes += event.bytes;
  }

  #takeEarly(entry: Entry<T>): AskerEvent | undefined {
    const held = entry.early;
    const index = held?.findIndex((event) => event.from === entry.responsible) ?? -1;
    if (held === undefined || index < 0) return undefined;
    const [event] = held.splice(index, 1);
    this.#earlyBytes -= event?.bytes ?? 0;
    return event;
  }

  #endAll(matches: (entry: Entry<T>) => boolean, outcome: (entry: Entry<T>) => Outcome): readonly Ending<T>[] {
    const endings: Ending<T>[] = [];
    for (const entry of this.#entries.values()) {
      if (matches(entry)) endings.push(this.#end(entry, outcome(entry)));
    }
    return endings;
  }

  #end(entry: Entry<T>, outcome: Outcome): Ending<T> {
    this.#delete(entry);
    return { requestId: entry.requestId, waiter: entry.waiter, outcome };
  }

  #delete(entry: Entry<T>): void {
    this.#entries.delete(entry.requestId);
    this.#release(entry.responsible);
    this.#dropEarly(entry);
  }

  #dropEarly(entry: Entry<T>): void {
    for (const event of entry.early ?? []) {
      this.#earlyBytes -= event.bytes;
      this.#unmatched++;
    }
    entry.early = undefined;
  }

  #take(peer: NodeId): void {
    this.#perPeer.set(peer, this.countOf(peer) + 1);
  }

  #release(peer: NodeId): void {
    const count = this.countOf(peer) - 1;
    if (count > 0) this.#perPeer.set(peer, count);
    else this.#perPeer.delete(peer);
  }
}
