// The seen vector: up to when everything that each origin wrote was seen here, adopted or not. [SYNC-060 to SYNC-064]
import type { NodeId } from "@p2p/wire";

/** What an update tells about the updates before it. */
export type Sighting =
  /** Nothing is missing between what was seen and it. */
  | "next"
  /** Updates of its origin are missing: reconcile. */
  | "gap"
  /** It was covered by what was seen. */
  | "old"
  /** There is no room for its origin: comparing at once would not help. */
  | "full";

interface Seen {
  /** Everything up to here was seen. */
  toUs: number;
  /** After a gap: everything after `islandFromUs` up to `islandToUs` was seen as well; 0: there is no island. */
  islandFromUs: number;
  islandToUs: number;
}

/** What was seen of one origin. */
export type SeenEntry = readonly [origin: NodeId, toUs: number];

export class SeenVector {
  readonly #entries = new Map<NodeId, Seen>();
  readonly #maxOrigins: number;

  /** @param maxOrigins default 65,536; what is seen of others is not kept */
  constructor(maxOrigins = 65_536) {
    this.#maxOrigins = maxOrigins;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** In µs; 0: nothing is known. */
  get(origin: NodeId): number {
    return this.#entries.get(origin)?.toUs ?? 0;
  }

  /** Takes note of an update, all of which was taken. @param prevUs the stamp of the origin's update before it, 0: none */
  note(origin: NodeId, prevUs: number, stampUs: number): Sighting {
    const seen = this.#entries.get(origin);
    if (seen === undefined) {
      if (this.#entries.size >= this.#maxOrigins) return "full";
      const isFirst = prevUs === 0;
      this.#entries.set(origin, {
        toUs: isFirst ? stampUs : 0,
        islandFromUs: isFirst ? 0 : prevUs,
        islandToUs: isFirst ? 0 : stampUs,
      });
      return isFirst ? "next" : "gap";
    }
    if (stampUs <= seen.toUs) return "old";
    if (prevUs <= seen.toUs) {
      seen.toUs = stampUs;
      joinIsland(seen);
      return "next";
    }
    if (seen.islandToUs !== 0 && stampUs <= seen.islandToUs && prevUs >= seen.islandFromUs) return "old";
    if (seen.islandToUs !== 0 && prevUs >= seen.islandFromUs && prevUs <= seen.islandToUs) {
      seen.islandToUs = stampUs;
    } else if (stampUs > seen.islandToUs) {
      seen.islandFromUs = prevUs;
      seen.islandToUs = stampUs;
    }
    return "gap";
  }

  /** A reconciliation is over: what the peer had seen when it began, is seen here too. */
  merge(entries: Iterable<SeenEntry>): void {
    for (const [origin, toUs] of entries) {
      const seen = this.#entries.get(origin);
      if (seen === undefined) {
        if (this.#entries.size < this.#maxOrigins) this.#entries.set(origin, { toUs, islandFromUs: 0, islandToUs: 0 });
      } else if (toUs > seen.toUs) {
        seen.toUs = toUs;
        joinIsland(seen);
      }
    }
  }

  /** All that was seen without gaps, as it is now. */
  entries(): SeenEntry[] {
    const list: SeenEntry[] = [];
    for (const [origin, { toUs }] of this.#entries) if (toUs > 0) list.push([origin, toUs]);
    return list;
  }

  /** Forgets an origin of which no record is left and which was not heard of for long. */
  forget(origin: NodeId): void {
    this.#entries.delete(origin);
  }
}

function joinIsland(seen: Seen): void {
  if (seen.islandToUs === 0 || seen.islandFromUs > seen.toUs) return;
  seen.toUs = Math.max(seen.toUs, seen.islandToUs);
  seen.islandFromUs = 0;
  seen.islandToUs = 0;
}
