// A node's part in the ring, after Zave's corrected Chord (IEEE TSE 2017): events and time in, effects out.
// [CHORD-010 to CHORD-029]
//
// What differs from the paper: queries are two messages, between which anything may happen; rings of any size from 1 on;
// lists drop nodes known to be dead wherever they stand, instead of padding them; the notice travels with the query.
import type { NodeId } from "@p2p/wire";
import { isBetween } from "./arc.js";
import type { Contact, Neighbourhood } from "./contact.js";
import { listLength, type SizeEstimate } from "./density.js";
import { FarView } from "./far-view.js";
import { Joining } from "./joining.js";
import type { Neighbours } from "./neighbours.js";
import { RingCore, type RingLink, type RingOptions } from "./ring-core.js";
import type { AskPurpose, FindPurpose, RingEffect, RingEvent, Role } from "./ring-events.js";

/** Members in one answer. */
const widest = 32;

export class Ring {
  readonly neighbours: Neighbours;
  readonly far: FarView;
  readonly #core: RingCore;
  readonly #joining: Joining;
  /** Who wants to take the place of a predecessor that is being probed. */
  #claimant: Contact | undefined;
  #isSettled = false;
  #paceMs: number;
  #roundAtMs = Number.POSITIVE_INFINITY;

  constructor(options: RingOptions) {
    this.#core = new RingCore(options);
    this.#paceMs = options.times.hurryMs;
    this.neighbours = this.#core.neighbours;
    this.far = new FarView(this.#core);
    this.#joining = new Joining(this.#core);
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
    return this.role !== "seeking" && (this.#isSettled || this.neighbours.head === undefined);
  }

  /** When the next tick is due, on the clock of `step`. */
  get dueAtMs(): number {
    return Math.min(this.#roundAtMs, this.far.dueAtMs);
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
    const { members } = this.far.circle;
    if (members === undefined) return this.#core.density;
    return { members: members.length + (this.role === "member" ? 1 : 0), error: 0 };
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
        this.#told(event.from, event.purpose, event.told);
        return;
      case "silent":
        this.#silent(event.id, event.purpose);
        return;
      case "found":
        this.#found(event.purpose, event.owner);
        return;
      case "unreachable":
        this.far.acquaintances.failed(event.id);
        return;
      case "notified":
        this.#notified(event.by);
        return;
      case "hinted":
        this.#hinted(event.candidate);
        return;
      case "left":
        this.#left(event.id, event.predecessor);
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
    this.#roundAtMs = this.#core.nowMs;
    if (isFounder && serves) this.#become("member");
  }

  #named(isOnly: boolean): void {
    if (this.#core.isNamed || this.role !== "seeking") return;
    this.#core.isNamed = true;
    if (isOnly && this.#core.serves) this.#become("member");
    else this.#core.effect({ kind: "role", role: this.role });
  }

  #tick(): void {
    const { nowMs, times } = this.#core;
    if (nowMs >= this.#roundAtMs) {
      this.#roundAtMs = this.#core.after(this.#paceMs);
      this.#paceMs = Math.min(2 * this.#paceMs, times.stabiliseMs);
      this.#round();
    }
    this.far.tick();
  }

  /** Stabilises, or seeks a place. */
  #round(): void {
    const { head, predecessor } = this.neighbours;
    if (this.role === "seeking") {
      this.#paceMs = this.#core.times.hurryMs;
      if (this.#joining.seek()) this.#become("member");
    } else if (head !== undefined) this.#core.ask(head, "stabilise");
    else if (predecessor !== undefined) this.#core.ask(predecessor, "adopt");
    else if (this.role === "client") this.#become("seeking");
  }

  #become(role: Role): void {
    if (this.role === role) return;
    this.#core.role = role;
    this.#isSettled = false;
    this.#core.effect({ kind: "role", role });
    if (role === "seeking") this.far.stop();
    else this.far.start();
    this.#changed();
  }

  #linked(link: RingLink): void {
    const { peer, role } = link;
    this.#core.links.set(peer.id, link);
    if (role !== "member") {
      this.#gone(peer.id);
      return;
    }
    this.neighbours.revive(peer.id);
    if (this.role === "seeking") this.#roundAtMs = Math.min(this.#roundAtMs, this.#core.nowMs);
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

  #told(from: Contact, purpose: AskPurpose, told: Neighbourhood): void {
    if (!told.isMember) {
      this.#gone(from.id);
      if (purpose === "join" || purpose === "inherit") this.#joined(false);
      return;
    }
    this.neighbours.revive(from.id);
    switch (purpose) {
      case "stabilise":
        this.#stabilise(from, told);
        return;
      case "adopt":
        this.#adopt(from, told);
        return;
      case "probe":
        if (this.neighbours.predecessor?.id === from.id) this.#claimant = undefined;
        return;
      case "join":
        if (this.role === "seeking") this.#joined(this.#joining.told(from, told));
        return;
      case "inherit":
        if (this.role === "seeking") this.#joined(this.#joining.inherit(from, told));
        return;
      case "walk":
        this.far.told(from, told);
        return;
      default:
        purpose satisfies never;
    }
  }

  /** Stabilise from successor; then, if that knows a nearer one, from predecessor. */
  #stabilise(from: Contact, told: Neighbourhood): void {
    if (this.neighbours.head?.id !== from.id) return;
    const change = this.neighbours.adopt(from, told, this.#core.nowMs);
    if (change !== "none") this.#changed(change);
    else if (!this.#isSettled) this.#core.effect({ kind: "changed" });
    this.#isSettled = true;
    const { predecessor } = told;
    if (predecessor === undefined || !this.neighbours.isNearer(predecessor)) return;
    if (!this.#core.isDead(predecessor)) this.#core.ask(predecessor, "adopt");
  }

  #adopt(from: Contact, told: Neighbourhood): void {
    const { head } = this.neighbours;
    if (this.role === "seeking" || !this.neighbours.isNearer(from)) return;
    const change = this.neighbours.adopt(from, told, this.#core.nowMs);
    if (change !== "none") this.#changed(change);
    // It comes from another ring: it is to know of this one.
    const isKnown = head === undefined || told.successors.some((each) => each.id === head.id);
    if (!isKnown && this.role === "member") this.#core.effect({ kind: "hint", to: from, candidate: head });
  }

  /** An attempt to join came to its end, or is under way. */
  #joined(hasPlace: boolean | undefined): void {
    if (hasPlace === undefined) return;
    if (!hasPlace) {
      this.#roundAtMs = Math.min(this.#roundAtMs, this.#core.after(this.#core.times.hurryMs));
      return;
    }
    const { head, predecessor } = this.neighbours;
    this.#become(this.#core.serves ? "member" : "client");
    if (this.#core.serves && predecessor !== undefined) this.#core.effect({ kind: "hint", to: predecessor });
    if (head !== undefined) this.#core.ask(head, "stabilise");
  }

  #silent(id: NodeId, purpose: AskPurpose): void {
    const known = this.#core.links.get(id)?.peer ?? this.wanted.find((each) => each.id === id);
    if (known !== undefined) this.far.acquaintances.add(known);
    this.#gone(id);
    if (purpose === "join" || purpose === "inherit") this.#joined(false);
  }

  /** The node is dead, or no member any more: flushed from everywhere. */
  #gone(id: NodeId): void {
    const { neighbours } = this;
    const wasHead = neighbours.head?.id === id;
    const wasPredecessor = neighbours.predecessor?.id === id;
    const change = neighbours.drop(id, this.#core.nowMs);
    if (wasPredecessor) neighbours.predecessor = this.#claimant;
    if (this.#claimant?.id === id || wasPredecessor) this.#claimant = undefined;
    if (change !== "none") this.#changed(change);
    this.far.drop(id);
    if (wasHead && this.role !== "seeking") this.#round();
  }

  #left(id: NodeId, predecessor: Contact | undefined): void {
    const wasPredecessor = this.neighbours.predecessor?.id === id;
    this.#gone(id);
    this.far.acquaintances.forget(id);
    if (!wasPredecessor || predecessor === undefined || this.neighbours.predecessor !== undefined) return;
    if (predecessor.id === this.self.id || this.#core.isDead(predecessor)) return;
    this.neighbours.predecessor = predecessor;
    this.#changed();
  }

  /** Rectifies: a member takes this node for its successor. */
  #notified(by: Contact): void {
    if (this.role !== "member" || by.id === this.self.id) return;
    const { neighbours } = this;
    neighbours.revive(by.id);
    const old = neighbours.predecessor;
    if (old?.id === by.id) return;
    if (neighbours.isNearerBefore(by)) {
      neighbours.predecessor = by;
      this.#claimant = undefined;
      if (old !== undefined) this.#core.effect({ kind: "hint", to: old });
      this.far.add(by);
      this.#changed();
      // The first other member of the ring.
      if (neighbours.head === undefined) this.#core.ask(by, "adopt");
    } else if (old !== undefined) {
      const claimant = this.#claimant;
      if (claimant === undefined || isBetween(claimant.position, by.position, this.self.position)) this.#claimant = by;
      this.#core.ask(old, "probe");
    }
  }

  #hinted(candidate: Contact | undefined): void {
    if (this.role === "seeking") return;
    if (candidate !== undefined && candidate.id !== this.self.id && !this.#core.isDead(candidate)) {
      if (this.neighbours.isNearer(candidate)) this.#core.ask(candidate, "adopt");
      else if (this.role === "member" && this.neighbours.head?.id !== candidate.id) this.far.seekThrough(candidate);
    }
    this.#hurry();
    this.#roundAtMs = Math.min(this.#roundAtMs, this.#core.nowMs);
  }

  #serve(serves: boolean): void {
    if (serves === this.#core.serves) return;
    this.#core.serves = serves;
    if (serves) {
      // Joins as if it were new: the list that it takes its place by has to be fresh.
      if (this.role === "client") this.#become("seeking");
      this.#roundAtMs = this.#core.nowMs;
      return;
    }
    if (this.role !== "member") return;
    const { predecessor, successors, linked } = this.neighbours;
    const to = unique(predecessor === undefined ? linked : [predecessor, ...linked]);
    this.#core.effect({ kind: "leave", to, predecessor });
    this.neighbours.predecessor = undefined;
    this.#become(successors.length > 0 ? "client" : "seeking");
  }

  #found(purpose: FindPurpose, owner: Contact | undefined): void {
    if (purpose === "join") {
      const isLed = this.#joining.found(this.role === "seeking" ? owner : undefined);
      if (this.role === "seeking" && !isLed) this.#joined(false);
    } else if (this.role !== "seeking" && owner !== undefined && owner.id !== this.self.id) {
      if (purpose !== "merge") this.far.found(purpose, owner);
      else if (this.role === "member") this.#meet(owner);
    }
  }

  /** The successor of this node in another ring, or one that does not know this node yet. */
  #meet(owner: Contact): void {
    const { head } = this.neighbours;
    this.#core.ask(owner, "adopt");
    // The nodes after this one are in this ring, too: each looks, until one is found where it stands.
    if (head !== undefined && head.id !== owner.id) this.#core.effect({ kind: "hint", to: head, candidate: owner });
  }

  /** Lists, predecessor or role are others: tells so, and looks again soon if it is about who is near. */
  #changed(change: "near" | "far" = "near"): void {
    const { neighbours } = this;
    if (this.#core.options.listLength === undefined) {
      const wanted = listLength(Math.max(2, this.size.members));
      // Not back and forth with each estimate.
      if (wanted > neighbours.length || wanted < neighbours.length - 2) neighbours.length = wanted;
    }
    this.far.changed();
    this.#core.effect({ kind: "changed" });
    if (change === "near") this.#hurry();
  }

  /** Rounds are short for a while. */
  #hurry(): void {
    const { hurryMs } = this.#core.times;
    this.#paceMs = hurryMs;
    this.#roundAtMs = Math.min(this.#roundAtMs, this.#core.after(hurryMs));
  }
}

/** Each node once. */
function unique(contacts: readonly Contact[]): readonly Contact[] {
  return [...new Map(contacts.map((each) => [each.id, each])).values()];
}
