// The answerer's side of requests: which are open, for whom, and what ends them without an answer [BASE-230..BASE-249].
// Pure: events and time in, work out; the table holds no timer and runs no handler.
import type { NodeId } from "@p2p/wire";

export interface ServedLimits {
  /** Requests that one node may have open here, forwarded ones counted to the node that forwarded them. */
  readonly perPeer: number;
  /** Requests that all nodes together may have open here. */
  readonly total: number;
}

export interface ServedRequest<T> {
  readonly requestId: number;
  /** Who gets the answer. */
  readonly asker: NodeId;
  /** Who sent the request here: the asker, or the node that forwarded it. Its slot is taken. */
  readonly sender: NodeId;
  /** True when the asker sent it over a connection, whose loss then ends it. */
  readonly isDirect: boolean;
  /** Length of the body that brought it, which is held until it has ended. */
  readonly bytes: number;
  /** Monotonic ms. */
  readonly deadline: number;
  readonly work: T;
}

export type Admission = "accepted" | "busy" | "duplicate";

export class ServedRequests<T> {
  readonly #limits: ServedLimits;
  readonly #entries = new Map<string, ServedRequest<T>>();
  readonly #perPeer = new Map<NodeId, number>();
  #bytes = 0;
  #refusedBusy = 0;
  #duplicates = 0;

  constructor(limits: ServedLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Bodies of open requests. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Requests refused because no slot was free. */
  get refusedBusy(): number {
    return this.#refusedBusy;
  }

  /** Requests ignored because the same asker has one of the same id open. */
  get duplicates(): number {
    return this.#duplicates;
  }

  countOf(sender: NodeId): number {
    return this.#perPeer.get(sender) ?? 0;
  }

  /**
   * Decides about a request before any handler sees it [BASE-232] [BASE-233].
   * @param isRoom whether the memory of the node has room for it
   */
  admit(asker: NodeId, sender: NodeId, requestId: number, isRoom = true): Admission {
    if (this.#entries.has(keyOf(asker, requestId))) {
      this.#duplicates++;
      return "duplicate";
    }
    if (!isRoom || this.#entries.size >= this.#limits.total || this.countOf(sender) >= this.#limits.perPeer) {
      this.#refusedBusy++;
      return "busy";
    }
    return "accepted";
  }

  /** Takes the slot of an accepted request. */
  add(request: ServedRequest<T>): void {
    this.#entries.set(keyOf(request.asker, request.requestId), request);
    this.#bytes += request.bytes;
    this.#perPeer.set(request.sender, this.countOf(request.sender) + 1);
  }

  /** Frees the slot; false when the request was not open any more, so that only the first answer counts [BASE-234]. */
  remove(asker: NodeId, requestId: number): boolean {
    const key = keyOf(asker, requestId);
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    const count = this.countOf(entry.sender) - 1;
    if (count > 0) this.#perPeer.set(entry.sender, count);
    else this.#perPeer.delete(entry.sender);
    return true;
  }

  /** The last connection to this node is gone: takes out what it asked over it; what it forwarded stays [BASE-236]. */
  peerLost(peer: NodeId): readonly ServedRequest<T>[] {
    if (!this.#perPeer.has(peer)) return [];
    return this.#takeAll((entry) => entry.isDirect && entry.sender === peer);
  }

  /** Takes out every request that no handler answered in time [BASE-237]. */
  expire(now: number): readonly ServedRequest<T>[] {
    return this.#takeAll((entry) => entry.deadline <= now);
  }

  /** Takes out every request, as closing the node does. */
  clear(): readonly ServedRequest<T>[] {
    return this.#takeAll(() => true);
  }

  /** The earliest deadline (monotonic ms), Infinity when nothing is open. */
  nextDeadline(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries.values()) earliest = Math.min(earliest, entry.deadline);
    return earliest;
  }

  #takeAll(matches: (entry: ServedRequest<T>) => boolean): readonly ServedRequest<T>[] {
    const taken: ServedRequest<T>[] = [];
    for (const entry of this.#entries.values()) {
      if (!matches(entry)) continue;
      this.remove(entry.asker, entry.requestId);
      taken.push(entry);
    }
    return taken;
  }
}

function keyOf(asker: NodeId, requestId: number): string {
  return `${requestId}/${asker}`;
}
