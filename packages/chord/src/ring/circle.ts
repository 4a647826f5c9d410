// All members of a small ring, so that each has a link to each and finds in one hop. [CHORD-036] [CHORD-037]
import type { NodeId } from "@p2p/wire";
import { isBetween } from "./arc.js";
import type { Contact, Neighbourhood } from "./contact.js";
import type { Neighbours } from "./neighbours.js";

/** The most members, this node included, that all keep links to all. */
export const smallRing = 64;

export class Circle {
  readonly #neighbours: Neighbours;
  /** All other members clockwise, once they are known; undefined while they are not, or are too many. */
  members: readonly Contact[] | undefined;
  /** The part that the walk under way has seen. */
  #walk: Contact[] = [];
  /** What came up beside the walk. */
  #news: Contact[] = [];

  constructor(neighbours: Neighbours) {
    this.#neighbours = neighbours;
  }

  /** Begins to walk round. `linked`: members that are there, whatever others tell. @returns whom to ask first */
  begin(linked: readonly Contact[]): Contact | undefined {
    const { head } = this.#neighbours;
    this.#news = linked.slice(0, smallRing);
    this.#walk = head === undefined ? [] : [head];
    if (head === undefined) this.#finish();
    return head;
  }

  /** The last one of the walk told who follows it. @returns whom to ask next */
  told(from: Contact, told: Neighbourhood, nowMs: number): Contact | undefined {
    const { self } = this.#neighbours;
    if (this.#walk.at(-1)?.id !== from.id) return undefined;
    let last = from;
    let isRound = told.isWhole;
    for (const each of told.successors) {
      if (each.id !== self.id && this.#neighbours.isDead(each.id, nowMs)) continue;
      if (!isBetween(last.position, each.position, self.position)) {
        isRound = true;
        break;
      }
      this.#walk.push(each);
      last = each;
      if (this.#walk.length >= smallRing) {
        this.members = undefined;
        return undefined;
      }
    }
    if (!isRound) return last === from ? undefined : last;
    this.#finish();
    return undefined;
  }

  /** There is another member. @returns whether it is new here */
  add(member: Contact): boolean {
    if (member.id === this.#neighbours.self.id) return false;
    this.#news.push(member);
    if (this.#news.length > smallRing) this.#news.shift();
    const { members } = this;
    if (members === undefined || members.some((each) => each.id === member.id)) return false;
    const { self } = this.#neighbours;
    const found = members.findIndex((each) => isBetween(self.position, member.position, each.position));
    const index = found < 0 ? members.length : found;
    this.members = members.length + 2 > smallRing ? undefined : members.toSpliced(index, 0, member);
    return true;
  }

  /** It is a member no more. */
  drop(id: NodeId): void {
    this.#news = this.#news.filter((each) => each.id !== id);
    if (this.members?.some((each) => each.id === id)) this.members = this.members.filter((each) => each.id !== id);
  }

  #finish(): void {
    this.members = this.#walk;
    this.#walk = [];
    for (const each of this.#news.splice(0)) this.add(each);
    this.#news = [];
  }
}
