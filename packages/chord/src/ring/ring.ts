// A node's part in the ring, after Zave's corrected Chord (IEEE TSE 2017): events and time in, effects out.
// [CHORD-010 to CHORD-038]
//
// What differs from the paper: queries are two messages, between which anything may happen; rings of any size from 1 on;
// lists drop nodes known to be dead wherever they stand, instead of padding them; the notice travels with the query.
import type { NodeId } from "@p2p/wire";
import { Acquaintances } from "./acquaintances.js";
import { isBetween } from "./arc.js";
import { Circle, smallRing } from "./circle.js";
import type { Contact, Neighbourhood } from "./contact.js";
import { listLength, type SizeEstimate, sizeByDensity } from "./density.js";
import { Fingers } from "./fingers.js";
import { Neighbours } from "./neighbours.js";
import type { AskPurpose, FindPurpose, RingEffect, RingEvent, Role } from "./ring-events.js";

export interface RingTimes {
  /** A round of stabilising while nothing changes, in ms. */
  readonly stabiliseMs: number;
  /** The first round after a change, in ms; doubled for each further one. */
  readonly hurryMs: number;
  /** From one finger to the next, and from one walk round a small ring to the next, in ms. */
  readonly fingerMs: number;
  /** From one look for another ring to the next while members are missing, in ms. */
  readonly mergeMs: number;
}

export interface RingOptions {
  readonly self: Contact;
  readonly times: RingTimes;
  /** Numbers in [0, 1): spreads rounds by half of their time both ways. */
  readonly random: () => number;
  /** Successors to keep. Default: by the size of the ring. */
  readonly listLength?: number;
}

/** Without lost members, looks for another ring are rarer by this. */
const calmFactor = 3;
/** A node that found nobody to join by, but others that seek too, founds a ring after so many hurried rounds. */
const foundAfterRounds = 4;

export class Ring {
  readonly neighbours: Neighbours;
  readonly fingers: Fingers;
  readonly circle: Circle;
  readonly acquaintances: Acquaintances = new Acquaintances();
  readonly #options: RingOptions;
  readonly #links = new Map<NodeId, { readonly peer: Contact; readonly role: Role; readonly serves: boolean }>();
  #role: Role = "seeking";
  #serves = true;
  #isFounder = false;
  /** Who wants to take the place of a predecessor that is being probed. */
  #claimant: Contact | undefined;
  #nowMs = 0;
  #paceMs: number;
  #roundAtMs = Number.POSITIVE_INFINITY;
  #fingerAtMs = Number.POSITIVE_INFINITY;
  #mergeAtMs = Number.POSITIVE_INFINITY;
  #roundsSeeking = 0;
  #effects: RingEffect[] = [];

  constructor(options: RingOptions) {
    const { self, times } = options;
    this.#options = options;
    this.#paceMs = times.hurryMs;
    this.neighbours = new Neighbours(self, options.listLength ?? listLength(1));
    this.fingers = new Fingers(self);
    this.circle = new Circle(this.neighbours);
  }

  get self(): Contact {
    return this.#options.self;
  }

  get role(): Role {
    return this.#role;
  }

  /** Whether it wants to be a member. */
  get serves(): boolean {
    return this.#serves;
  }

  /** When the next tick is due, on the clock of `step`. */
  get dueAtMs(): number {
    return Math.min(this.#roundAtMs, this.#fingerAtMs, this.#mergeAtMs);
  }

  /** What it answers to who asks. */
  get neighbourhood(): Neighbourhood {
    const { predecessor, successors, isWhole } = this.neighbours;
    return { isMember: this.#role === "member", isWhole, predecessor, successors };
  }

  get size(): SizeEstimate {
    const own = this.#role === "member" ? 1 : 0;
    const { members } = this.circle;
    if (members !== undefined) return { members: members.length + own, error: 0 };
    if (this.#role === "seeking") return { members: 0, error: 1 };
    return sizeByDensity(this.self, this.neighbours.successors);
  }

  /** Members that this node wants links to. */
  get wanted(): readonly Contact[] {
    const { predecessor, successors } = this.neighbours;
    const all = [...successors, ...(this.circle.members ?? this.fingers.contacts)];
    if (predecessor !== undefined) all.push(predecessor);
    return [...new Map(all.map((each) => [each.id, each])).values()];
  }

  /** Takes an event at a time, monotonic ms. @returns what to do, in order */
  step(event: RingEvent, nowMs: number): readonly RingEffect[] {
    this.#nowMs = nowMs;
    this.#take(event);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #take(event: RingEvent): void {
    switch (event.kind) {
      case "start":
        this.#start(event.serves, event.isFounder);
        return;
      case "tick":
        this.#tick();
        return;
      case "linked":
        this.#linked(event.peer, event.role, event.serves);
        return;
      case "unlinked":
        this.#unlinked(event.id);
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
        this.acquaintances.failed(event.id);
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
    this.#serves = serves;
    this.#isFounder = isFounder;
    this.#hurry();
    this.#roundAtMs = this.#nowMs;
    if (isFounder && serves) this.#become("member");
  }

  #tick(): void {
    if (this.#nowMs >= this.#roundAtMs) {
      this.#roundAtMs = this.#nowMs + this.#spread(this.#paceMs);
      this.#paceMs = Math.min(2 * this.#paceMs, this.#options.times.stabiliseMs);
      this.#round();
    }
    if (this.#nowMs >= this.#fingerAtMs) this.#fixFinger();
    if (this.#nowMs >= this.#mergeAtMs) this.#seekOtherRing();
  }

  /** Stabilises, or seeks a place. */
  #round(): void {
    const { head, predecessor, self } = this.neighbours;
    if (this.#role === "seeking") this.#seek();
    else if (head !== undefined) this.#ask(head, "stabilise");
    else if (predecessor !== undefined && predecessor.id !== self.id) this.#ask(predecessor, "adopt");
    else if (this.#role === "client") this.#become("seeking");
  }

  #seek(): void {
    const member = [...this.#links.values()].some((each) => each.role === "member");
    if (member) {
      this.#effects.push({ kind: "find", position: this.self.position, purpose: "join" });
      return;
    }
    // Nobody is a member: of those that seek together, the one with the least id founds the ring.
    this.#roundsSeeking++;
    const rivals = [...this.#links.values()].filter((each) => each.role === "seeking" && each.serves);
    const isFirst = rivals.length > 0 && rivals.every((each) => this.self.id < each.peer.id);
    if (this.#serves && (this.#isFounder || (isFirst && this.#roundsSeeking >= foundAfterRounds))) {
      this.#become("member");
    } else this.#paceMs = this.#options.times.hurryMs;
  }

  #become(role: Role): void {
    if (this.#role === role) return;
    this.#role = role;
    this.#roundsSeeking = 0;
    this.#effects.push({ kind: "role", role });
    if (role === "seeking") {
      this.fingers.clear();
      this.circle.members = undefined;
      this.#fingerAtMs = this.#mergeAtMs = Number.POSITIVE_INFINITY;
    } else {
      this.#fingerAtMs = Math.min(this.#fingerAtMs, this.#nowMs);
      this.#mergeAtMs = Math.min(this.#mergeAtMs, this.#nowMs + this.#spread(this.#options.times.mergeMs));
    }
    this.#changed();
  }

  #linked(peer: Contact, role: Role, serves: boolean): void {
    this.#links.set(peer.id, { peer, role, serves });
    if (role !== "member") {
      this.#gone(peer.id);
      return;
    }
    this.neighbours.revive(peer.id);
    const wasLost = this.acquaintances.has(peer.id);
    this.acquaintances.forget(peer.id);
    if (this.#role === "seeking") {
      this.#roundAtMs = Math.min(this.#roundAtMs, this.#nowMs);
      return;
    }
    if (this.circle.add(peer)) this.#effects.push({ kind: "changed" });
    // Who was lost is back, perhaps with a ring of its own.
    if (wasLost) this.#effects.push({ kind: "find", position: this.self.position, purpose: "merge", via: peer });
  }

  #unlinked(id: NodeId): void {
    const link = this.#links.get(id);
    this.#links.delete(id);
    if (link?.role !== "member") return;
    const { predecessor, successors } = this.neighbours;
    this.acquaintances.add(link.peer);
    const isNear = predecessor?.id === id || successors.some((each) => each.id === id);
    // A lost connection is no death yet.
    if (isNear || this.circle.members?.some((each) => each.id === id)) this.#ask(link.peer, "probe");
    else this.#refind(this.fingers.drop(id));
  }

  #told(from: Contact, purpose: AskPurpose, told: Neighbourhood): void {
    if (!told.isMember) {
      this.#gone(from.id);
      if (purpose === "join" || purpose === "inherit") this.#retryJoin();
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
        this.#join(from, told);
        return;
      case "inherit":
        this.#inherit(from, told);
        return;
      case "walk":
        this.#walk(this.circle.told(from, told, this.#nowMs));
        return;
      default:
        purpose satisfies never;
    }
  }

  /** Stabilise from successor; then, if that knows a nearer one, from predecessor. */
  #stabilise(from: Contact, told: Neighbourhood): void {
    if (this.neighbours.head?.id !== from.id) return;
    if (this.neighbours.adopt(from, told, this.#nowMs)) this.#changed();
    const { predecessor } = told;
    if (predecessor === undefined || !this.neighbours.isNearer(predecessor)) return;
    if (!this.neighbours.isDead(predecessor.id, this.#nowMs)) this.#ask(predecessor, "adopt");
  }

  #adopt(from: Contact, told: Neighbourhood): void {
    const { head } = this.neighbours;
    if (this.#role === "seeking" || !this.neighbours.isNearer(from)) return;
    if (this.neighbours.adopt(from, told, this.#nowMs)) this.#changed();
    // It comes from another ring: it is to know of this one.
    const isKnown = head === undefined || told.successors.some((each) => each.id === head.id);
    if (!isKnown && this.#role === "member") this.#effects.push({ kind: "hint", to: from, candidate: head });
  }

  #join(from: Contact, told: Neighbourhood): void {
    if (this.#role !== "seeking") return;
    const { predecessor } = told;
    if (told.successors.length === 0) this.#settle(from, told);
    else if (predecessor === undefined || this.neighbours.isDead(predecessor.id, this.#nowMs)) this.#retryJoin();
    else if (predecessor.id === this.self.id) this.#settle(from, told);
    else this.#ask(predecessor, "inherit");
  }

  #inherit(from: Contact, told: Neighbourhood): void {
    if (this.#role !== "seeking") return;
    const others = told.successors.filter((each) => each.id !== this.self.id);
    const next = others[0];
    // Somebody joined between the two meanwhile.
    if (next !== undefined && isBetween(from.position, next.position, this.self.position)) this.#ask(next, "inherit");
    else this.#settle(from, { ...told, successors: others });
  }

  /** Takes the place after `from`, if the list is full enough to survive failures. */
  #settle(from: Contact, told: Neighbourhood): void {
    const { neighbours } = this;
    neighbours.inherit(from, told, this.#nowMs);
    if (!neighbours.isWhole && 2 * neighbours.successors.length < neighbours.length) {
      this.#retryJoin();
      return;
    }
    if (neighbours.successors.length === 0) {
      this.#retryJoin();
      return;
    }
    neighbours.predecessor = from;
    this.#become(this.#serves ? "member" : "client");
    if (this.#role === "member") this.#effects.push({ kind: "hint", to: from });
    if (neighbours.head !== undefined) this.#ask(neighbours.head, "stabilise");
  }

  #retryJoin(): void {
    this.#roundAtMs = Math.min(this.#roundAtMs, this.#nowMs + this.#spread(this.#options.times.hurryMs));
  }

  #silent(id: NodeId, purpose: AskPurpose): void {
    const known = this.#links.get(id)?.peer ?? this.#contactOf(id);
    if (known !== undefined) this.acquaintances.add(known);
    this.#gone(id);
    if (purpose === "join" || purpose === "inherit") this.#retryJoin();
  }

  /** The node is dead, or no member any more: flushed from everywhere. */
  #gone(id: NodeId): void {
    const { neighbours } = this;
    const wasHead = neighbours.head?.id === id;
    const wasPredecessor = neighbours.predecessor?.id === id;
    const isChanged = neighbours.drop(id, this.#nowMs);
    this.circle.drop(id);
    if (wasPredecessor && this.#claimant !== undefined) {
      neighbours.predecessor = this.#claimant;
      this.#claimant = undefined;
    }
    if (isChanged) this.#changed();
    if (this.#role === "seeking") return;
    const lost = this.fingers.drop(id);
    if (!isChanged && lost.length > 0) this.#effects.push({ kind: "changed" });
    this.#refind(lost);
    if (wasHead) this.#round();
  }

  #left(id: NodeId, predecessor: Contact | undefined): void {
    const wasPredecessor = this.neighbours.predecessor?.id === id;
    this.acquaintances.forget(id);
    this.#gone(id);
    if (!wasPredecessor || predecessor === undefined || this.neighbours.predecessor !== undefined) return;
    if (predecessor.id === this.self.id || this.neighbours.isDead(predecessor.id, this.#nowMs)) return;
    this.neighbours.predecessor = predecessor;
    this.#changed();
  }

  /** Rectifies: a member takes this node for its successor. */
  #notified(by: Contact): void {
    if (this.#role !== "member" || by.id === this.self.id) return;
    const { neighbours } = this;
    neighbours.revive(by.id);
    const old = neighbours.predecessor;
    if (old?.id === by.id) return;
    if (neighbours.isNearerBefore(by)) {
      neighbours.predecessor = by;
      this.#claimant = undefined;
      if (old !== undefined) this.#effects.push({ kind: "hint", to: old });
      if (this.circle.add(by)) this.#effects.push({ kind: "changed" });
      this.#changed();
      // The first other member of the ring.
      if (neighbours.head === undefined) this.#ask(by, "adopt");
    } else if (old !== undefined) {
      if (this.#claimant === undefined || isBetween(this.#claimant.position, by.position, this.self.position)) {
        this.#claimant = by;
      }
      this.#ask(old, "probe");
    }
  }

  #hinted(candidate: Contact | undefined): void {
    if (this.#role === "seeking") return;
    if (candidate !== undefined && this.neighbours.isNearer(candidate)) this.#ask(candidate, "adopt");
    this.#hurry();
    this.#roundAtMs = Math.min(this.#roundAtMs, this.#nowMs);
  }

  #serve(serves: boolean): void {
    if (serves === this.#serves) return;
    this.#serves = serves;
    if (serves) {
      // Joins as if it were new: the place must be fresh.
      if (this.#role === "client") {
        this.#role = "seeking";
        this.#roundAtMs = this.#nowMs;
      }
      return;
    }
    if (this.#role !== "member") return;
    const { predecessor, successors } = this.neighbours;
    const to = predecessor === undefined ? successors : [predecessor, ...successors];
    this.#effects.push({ kind: "leave", to: [...new Map(to.map((each) => [each.id, each])).values()], predecessor });
    this.neighbours.predecessor = undefined;
    this.#become(successors.length > 0 ? "client" : "seeking");
  }

  #found(purpose: FindPurpose, owner: Contact | undefined): void {
    if (purpose === "join") {
      if (this.#role !== "seeking") return;
      if (owner === undefined || owner.id === this.self.id) this.#retryJoin();
      else this.#ask(owner, "join");
      return;
    }
    if (this.#role === "seeking" || owner === undefined || owner.id === this.self.id) return;
    if (purpose === "merge") {
      // The successor of this node in another ring, or one that does not know this node yet.
      if (this.#role === "member") this.#ask(owner, "adopt");
      return;
    }
    if (this.fingers.set(purpose, owner, this.neighbours.successors)) this.#effects.push({ kind: "changed" });
  }

  /** Looks up the next finger, or walks round a small ring. */
  #fixFinger(): void {
    const { fingerMs, hurryMs } = this.#options.times;
    const { successors } = this.neighbours;
    const { members } = this.size;
    if (members <= smallRing) {
      this.fingers.clear();
      this.#fingerAtMs = this.#nowMs + this.#spread(fingerMs);
      this.#walk(this.circle.begin(this.#nowMs));
      return;
    }
    this.circle.members = undefined;
    const exponent = this.fingers.next(successors);
    if (exponent !== undefined) this.#refind([exponent]);
    this.#fingerAtMs = this.#nowMs + this.#spread(this.fingers.isIncomplete(successors) ? hurryMs : fingerMs);
  }

  #walk(next: Contact | undefined): void {
    if (next === undefined) this.#effects.push({ kind: "changed" });
    else this.#ask(next, "walk");
  }

  #refind(exponents: readonly number[]): void {
    for (const exponent of exponents) {
      this.#effects.push({ kind: "find", position: this.fingers.position(exponent), purpose: exponent });
    }
  }

  /** Looks up its own position through a member that was lost, or that is far: is it in this ring? */
  #seekOtherRing(): void {
    const { mergeMs } = this.#options.times;
    const { random } = this.#options;
    const lost = this.acquaintances.pick(random);
    const far = this.fingers.contacts;
    const via = lost ?? far[Math.floor(random() * far.length)];
    this.#mergeAtMs = this.#nowMs + this.#spread(lost === undefined ? calmFactor * mergeMs : mergeMs);
    if (via === undefined) return;
    this.#effects.push({ kind: "find", position: this.self.position, purpose: "merge", via });
  }

  #ask(to: Contact, purpose: AskPurpose): void {
    const notifies = this.#role === "member" && (purpose === "stabilise" || purpose === "adopt");
    this.#effects.push({ kind: "ask", to, purpose, notifies });
  }

  #changed(): void {
    const { neighbours } = this;
    if (this.#options.listLength === undefined) {
      const wanted = listLength(Math.max(2, this.size.members));
      // Not back and forth with each estimate.
      if (wanted > neighbours.length || wanted < neighbours.length - 2) neighbours.length = wanted;
    }
    if (neighbours.isWhole && this.#role !== "seeking") this.circle.members = neighbours.successors;
    this.#effects.push({ kind: "changed" });
    this.#hurry();
  }

  /** Rounds are short for a while. */
  #hurry(): void {
    const { hurryMs } = this.#options.times;
    this.#paceMs = hurryMs;
    this.#roundAtMs = Math.min(this.#roundAtMs, this.#nowMs + this.#spread(hurryMs));
  }

  /** The time, less or more by up to half of it. */
  #spread(ms: number): number {
    return ms * (0.5 + this.#options.random());
  }

  #contactOf(id: NodeId): Contact | undefined {
    const { predecessor, successors } = this.neighbours;
    if (predecessor?.id === id) return predecessor;
    return successors.find((each) => each.id === id) ?? this.fingers.contacts.find((each) => each.id === id);
  }
}
