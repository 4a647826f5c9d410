// What both sides of a comparison have seen: told as hashes first where that is long, and then in turns. [SYNC-063] [SYNC-086]
import { maxTurnSeen } from "../messages/comparison.js";
import { bad } from "../messages/read.js";
import { entriesFor, type SeenSummary, summarize } from "../messages/seen-summary.js";
import type { SeenEntry } from "../seen-vector.js";

/** Origins of which a peer may tell what it has seen. */
const maxSeen = 65_536;

export class SeenExchange {
  readonly #own: readonly SeenEntry[];
  /** What the own message begins with. */
  readonly summary: SeenSummary;
  readonly #peers: SeenEntry[] = [];
  #toSend: SeenEntry[] = [];

  /** @param own what was seen before anything is told */
  constructor(own: readonly SeenEntry[]) {
    this.#own = own;
    this.summary = summarize(own);
  }

  /** Whether something is left to be told. */
  get hasMore(): boolean {
    return this.#toSend.length > 0;
  }

  /** What the peer has seen when the comparison began, as far as it told. */
  get peers(): readonly SeenEntry[] {
    return this.#peers;
  }

  /** What the peer's message began with. */
  takeSummary(peers: SeenSummary): void {
    if (!(peers instanceof Uint8Array)) this.#peers.push(...peers);
    this.#toSend = entriesFor(this.#own, this.summary, peers);
  }

  /** @throws SyncError `bad-message` for more than there can be */
  take(entries: readonly SeenEntry[]): void {
    for (const entry of entries) this.#peers.push(entry);
    if (this.#peers.length > maxSeen) throw bad("what was seen", `of at most ${maxSeen} origins`);
  }

  /** What goes into the next turn. */
  next(): SeenEntry[] {
    return this.#toSend.splice(0, maxTurnSeen);
  }
}
