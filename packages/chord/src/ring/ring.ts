// A node's part in the ring, after Zave's corrected Chord (IEEE TSE 2017): events and time in, effects out.
// [CHORD-010 to CHORD-029]
//
// What differs from the paper: queries are two messages, between which anything may happen; rings of any size from 1 on;
// lists drop nodes known to be dead wherever they stand, instead of padding them; the notice travels with the query.
import type { NodeId } from "@p2p/wire";
import type { Contact, Neighbourhood } from "./contact.js";
import type { SizeEstimate } from "./density.js";
import type { FarView } from "./far-view.js";
import type { Neighbours } from "./neighbours.js";
import { Notices } from "./notices.js";
import { Place } from "./place.js";
import { Replies } from "./replies.js";
import { RingCore, type RingLink, type RingOptions } from "./ring-core.js";
import type { RingEffect, RingEvent, Role } from "./ring-events.js";

/** Members in one answer. */
const widest = 32;

export class Ring {
  readonly neighbours: Neighbours;
  readonly far: FarView;
  readonly #core: RingCore;
  readonly #place: Place;
  readonly #replies: Replies;
  readonly #notices: Notices;

  constructor(options: RingOptions) {
    this.#core = new RingCore(options);
    this.#place = new Place(this.#core);
    this.#replies = new Replies(this.#place);
    this.#notices = new Notices(this.#place);
    this.neighbours = this.#core.neighbours;
    this.far = this.#place.far;
  }

  get self(): Contact {
    return this.#core.self;
  }

  get role(): Role {
    return this.#core.role;
  }

  /** Whether it founds the ring if nobody else does. */
  get mayFound(): boolean {
    return this.#core.mayFound;
  }

  /** Whether it has its place, and the member after it, if there is one, knows of it. */
  get isSettled(): boolean {
    return this.#place.isSettled;
  }

  /** When the next tick is due, on the clock of `step`. */
  get dueAtMs(): number {
    return Math.min(this.#place.pace.roundAtMs, this.far.dueAtMs);
  }

  /** What it answers to who asks. */
  get neighbourhood(): Neighbourhood {
    const { predecessor, successors, isWhole } = this.neighbours;
    return { isMember: this.role === "member", isWhole, predecessor, successors };
  }

  /** The same with all members that follow it in a small ring, as many as a message holds. */
  get wideNeighbourhood(): Neighbourhood {
    const { members } = this.far.circle;
    if (members === undefined) return this.neighbourhood;
    const isWhole = members.length <= widest;
    return { ...this.neighbourhood, isWhole, successors: members.slice(0, widest) };
  }

  /** Members of the ring, this node included if it is one. */
  get size(): SizeEstimate {
    return this.#place.size;
  }

  /** Members that this node wants links to. */
  get wanted(): readonly Contact[] {
    const { predecessor, linked } = this.neighbours;
    const all = [...linked, ...this.far.contacts];
    if (predecessor !== undefined) all.push(predecessor);
    return unique(all);
  }

  /** Takes an event at a time, monotonic ms. @returns what to do, in order */
  step(event: RingEvent, nowMs: number): readonly RingEffect[] {
    this.#core.nowMs = nowMs;
    this.#take(event);
    return this.#core.takeEffects();
  }

  #take(event: RingEvent): void {
    switch (event.kind) {
      case "start":
        this.#start(event.serves, event.isFounder);
        return;
      case "named":
        this.#named(event.isOnly);
        return;
      case "tick":
        this.#tick();
        return;
      case "linked":
        this.#linked(event);
        return;
      case "unlinked":
        this.#unlinked(event.id, event.isLost);
        return;
      case "met":
        if (this.role === "member") this.far.seekThrough(event.peer);
        return;
      case "told":
        this.#replies.told(event.from, event.purpose, event.told);
        return;
      case "silent":
        this.#replies.silent(event.id, event.purpose, this.#known(event.id));
        return;
      case "found":
        this.#replies.found(event.purpose, event.owner);
        return;
      case "unreachable":
        this.far.acquaintances.failed(event.id);
        return;
      case "notified":
        this.#notices.notified(event.by);
        return;
      case "hinted":
        this.#notices.hinted(event.candidate);
        return;
      case "left":
        this.#notices.left(event.id, event.predecessor);
        return;
      case "serve":
        this.#serve(event.serves);
        return;
      default:
        event satisfies never;
    }
  }

  #start(serves: boolean, isFounder: boolean): void {
    this.#core.serves = serves;
    this.#place.pace.now();
    if (isFounder && serves) this.#place.become("member");
  }

  #named(isOnly: boolean): void {
    if (this.#core.isNamed || this.role !== "seeking") return;
    this.#core.isNamed = true;
    if (isOnly && this.#core.serves) this.#place.become("member");
    else this.#core.effect({ kind: "role", role: this.role });
  }

  #tick(): void {
    if (this.#place.pace.isDue()) this.#place.round();
    this.far.tick();
  }

  #linked(link: RingLink): void {
    const { peer, role } = link;
    this.#core.links.set(peer.id, link);
    if (role !== "member") {
      this.#place.gone(peer.id);
      return;
    }
    this.neighbours.revive(peer.id);
    if (this.role === "seeking") this.#place.pace.now();
    else this.far.linked(peer);
  }

  #unlinked(id: NodeId, isLost: boolean): void {
    const link = this.#core.links.get(id);
    this.#core.links.delete(id);
    if (link?.role !== "member") return;
    if (isLost) this.far.acquaintances.add(link.peer);
    // A lost connection is no death yet.
    if (this.far.isNear(id) || this.far.circle.members?.some((each) => each.id === id))
      this.#core.ask(link.peer, "probe");
    else this.far.drop(id);
  }

  #serve(serves: boolean): void {
    if (serves === this.#core.serves) return;
    this.#core.serves = serves;
    if (serves) {
      // Joins as if it were new: the list that it takes its place by has to be fresh.
      if (this.role === "client") this.#place.become("seeking");
      this.#place.pace.now();
      return;
    }
    if (this.role !== "member") return;
    const { predecessor, successors, linked } = this.neighbours;
    const to = unique(predecessor === undefined ? linked : [predecessor, ...linked]);
    this.#core.effect({ kind: "leave", to, predecessor });
    this.neighbours.predecessor = undefined;
    this.#place.become(successors.length > 0 ? "client" : "seeking");
  }

  #known(id: NodeId): Contact | undefined {
    return this.#core.links.get(id)?.peer ?? this.wanted.find((each) => each.id === id);
  }
}

/** Each node once. */
function unique(contacts: readonly Contact[]): readonly Contact[] {
  return [...new Map(contacts.map((each) => [each.id, each])).values()];
}
