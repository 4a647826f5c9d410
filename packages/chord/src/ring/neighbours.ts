// A node's neighbours on the circle: its predecessor and its list of successors, and who of them is known to be dead.
// [CHORD-010 to CHORD-016]
import type { NodeId } from "@p2p/wire";
import { isBetween } from "./arc.js";
import type { Contact, Neighbourhood } from "./contact.js";

/** How long the word that a node is dead keeps it out of the lists that others tell, in ms. */
const deadForMs = 30_000;
const maxDead = 1_024;

/** What became other: nothing, the far end of the list, or the predecessor or one of the first successors. */
export type Change = "none" | "far" | "near";

/** Successors that are near: the head, and who takes its place. */
const nearCount = 2;

/**
 * Of a longer list, the rest stands by: each link costs both ends its handshake, pings and memory. Between the two, so that
 * not each death near by takes another link.
 */
const linkedCount = { least: 8, most: 12 } as const;

export class Neighbours {
  readonly self: Contact;
  /** Undefined while none is known. */
  predecessor: Contact | undefined;
  /** Nearest first; none is this node. */
  successors: readonly Contact[] = [];
  /** Whether `successors` are all members but this node, as far as it knows. */
  isWhole = true;
  /** The length that the list should have. */
  length: number;
  #linkedCount: number = linkedCount.most;
  /** Node to the time at which it may be believed in again. */
  readonly #dead = new Map<NodeId, number>();

  constructor(self: Contact, length: number) {
    this.self = self;
    this.length = length;
  }

  get head(): Contact | undefined {
    return this.successors[0];
  }

  /** The successors that this node keeps links to [CHORD-039]. */
  get linked(): readonly Contact[] {
    return this.successors.slice(0, this.#linkedCount);
  }

  /** Whether the node is between this one and its first successor, so that it should be the first. */
  isNearer(candidate: Contact): boolean {
    const { self } = this;
    if (candidate.id === self.id) return false;
    return isBetween(self.position, candidate.position, (this.head ?? self).position);
  }

  /** Whether the node is between the predecessor and this one. */
  isNearerBefore(candidate: Contact): boolean {
    const { self, predecessor } = this;
    if (candidate.id === self.id) return false;
    return predecessor === undefined || isBetween(predecessor.position, candidate.position, self.position);
  }

  /** Makes the list `head` and what it tells, up to this node itself. @returns what is another now */
  adopt(head: Contact, told: Neighbourhood, nowMs: number): Change {
    return this.#set([head, ...told.successors], told.isWhole, nowMs);
  }

  /** Makes the list that of a predecessor, which is the last one if it knows the whole ring. As adopt. */
  inherit(from: Contact, told: Neighbourhood, nowMs: number): Change {
    return this.#set(told.isWhole ? [...told.successors, from] : told.successors, told.isWhole, nowMs);
  }

  /** The node is dead, or no member any more. @returns what is another now */
  drop(id: NodeId, nowMs: number): Change {
    if (this.#dead.size >= maxDead) this.#forgetDead(nowMs);
    this.#dead.set(id, nowMs + deadForMs);
    const isPredecessor = this.predecessor?.id === id;
    if (isPredecessor) this.predecessor = undefined;
    const index = this.successors.findIndex((each) => each.id === id);
    if (index >= 0) this.#become(this.successors.filter((each) => each.id !== id));
    if (isPredecessor || (index >= 0 && index < nearCount)) return "near";
    return index < 0 ? "none" : "far";
  }

  /** There is a sign of life. */
  revive(id: NodeId): void {
    this.#dead.delete(id);
  }

  isDead(id: NodeId, nowMs: number): boolean {
    const untilMs = this.#dead.get(id);
    return untilMs !== undefined && untilMs > nowMs;
  }

  /** Takes candidates as long as each is farther from this node than the one before. */
  #set(candidates: readonly Contact[], isWhole: boolean, nowMs: number): Change {
    const { self } = this;
    const list: Contact[] = [];
    let last = self;
    const wasWhole = this.isWhole;
    this.isWhole = isWhole;
    for (const each of candidates) {
      if (each.id !== self.id && this.isDead(each.id, nowMs)) continue;
      // Past this node, or a list in no order: what was told ends here, having come round.
      if (each.id === self.id || !(last === self || isBetween(last.position, each.position, self.position))) {
        this.isWhole = true;
        break;
      }
      if (list.length === this.length) {
        this.isWhole = false;
        break;
      }
      list.push(each);
      last = each;
    }
    const old = this.successors;
    this.#become(list);
    for (let index = 0; index < nearCount; index++) if (old[index]?.id !== list[index]?.id) return "near";
    const isSame = wasWhole === this.isWhole && old.length === list.length;
    return isSame && list.every((each, index) => each.id === old[index]?.id) ? "none" : "far";
  }

  /** As many as before keep links, and those among them, as far as they are few enough or too few. */
  #become(list: readonly Contact[]): void {
    const { linked } = this;
    const place = list.findLastIndex(({ id }) => linked.some((each) => each.id === id));
    const count = place < 0 ? linkedCount.most : place + 1;
    this.#linkedCount = Math.min(linkedCount.most, Math.max(linkedCount.least, count));
    this.successors = list;
  }

  #forgetDead(nowMs: number): void {
    for (const [id, untilMs] of this.#dead) if (untilMs <= nowMs) this.#dead.delete(id);
    for (const id of this.#dead.keys()) {
      if (this.#dead.size < maxDead) return;
      this.#dead.delete(id);
    }
  }
}
