// What a node knows beyond its neighbours: fingers or the whole small ring, and how it finds other rings. [CHORD-030 to CHORD-037]
import type { NodeId } from "@p2p/wire";
import { Acquaintances } from "./acquaintances.js";
import { Circle, smallRing } from "./circle.js";
import type { Contact, Neighbourhood } from "./contact.js";
import { Fingers } from "./fingers.js";
import type { RingCore } from "./ring-core.js";

/** While no member is missing, looks for another ring are rarer by this. */
const calmFactor = 3;
/** After a change, looks are more frequent by this, and then half as frequent each time. */
const hurry = 16;
/** Once all fingers are known they are looked up anew more rarely by this: one that dies is noticed without. */
const knownFactor = 2;

export class FarView {
  readonly fingers: Fingers;
  readonly circle: Circle;
  /** Members that were lost. */
  readonly acquaintances: Acquaintances = new Acquaintances();
  readonly #core: RingCore;
  #fingerAtMs = Number.POSITIVE_INFINITY;
  #mergeAtMs = Number.POSITIVE_INFINITY;
  /** A member that linked itself and was not known. */
  #stranger: Contact | undefined;
  /** When it looked for another ring through one of these last. */
  #metAtMs = Number.NEGATIVE_INFINITY;
  /** From this walk round to the next: longer each time, until something changes. */
  #paceMs: number;

  constructor(core: RingCore) {
    this.#core = core;
    this.#paceMs = core.times.fingerMs / hurry;
    this.fingers = new Fingers(core.self);
    this.circle = new Circle(core.neighbours);
  }

  get dueAtMs(): number {
    return Math.min(this.#fingerAtMs, this.#mergeAtMs);
  }

  /** Members worth a link, nearer or farther. */
  get contacts(): readonly Contact[] {
    return this.circle.members ?? this.fingers.contacts;
  }

  /** The node has its place. */
  start(): void {
    const core = this.#core;
    this.#fingerAtMs = Math.min(this.#fingerAtMs, core.nowMs);
    this.#mergeAtMs = Math.min(this.#mergeAtMs, core.after(core.times.mergeMs));
  }

  stop(): void {
    this.fingers.clear();
    this.circle.members = undefined;
    this.#fingerAtMs = this.#mergeAtMs = Number.POSITIVE_INFINITY;
  }

  tick(): void {
    if (this.#core.nowMs >= this.#fingerAtMs) this.#look();
    if (this.#core.nowMs >= this.#mergeAtMs) this.#seekOtherRing();
  }

  /** There is a member with a link. */
  linked(peer: Contact): void {
    const wasLost = this.acquaintances.has(peer.id);
    const isKnown = this.isNear(peer.id) || this.contacts.some(({ id }) => id === peer.id);
    this.acquaintances.forget(peer.id);
    this.add(peer);
    // Who was lost is back, perhaps with a ring of its own; who was never heard of may be of another one, too.
    if (wasLost) this.seekThrough(peer);
    else if (!isKnown) {
      // Not for each of a crowd: where members come and go, there are strangers all the time.
      const { hurryMs, mergeMs } = this.#core.times;
      if (this.#core.nowMs < this.#metAtMs + calmFactor * mergeMs) return;
      this.#stranger = peer;
      this.#mergeAtMs = Math.min(this.#mergeAtMs, this.#core.after(hurryMs));
    }
  }

  isNear(id: NodeId): boolean {
    const { predecessor, linked } = this.#core.neighbours;
    return predecessor?.id === id || linked.some((each) => each.id === id);
  }

  add(member: Contact): void {
    if (this.circle.add(member)) this.#core.effect({ kind: "changed" });
  }

  /** It is a member no more, or is not linked any more. */
  drop(id: NodeId): void {
    this.circle.drop(id);
    const lost = this.fingers.drop(id);
    if (lost.length > 0) this.#core.effect({ kind: "changed" });
    for (const exponent of lost) this.#find(exponent);
  }

  /** The owner of a finger's position was found. */
  found(exponent: number, owner: Contact): void {
    if (this.fingers.set(exponent, owner, this.#core.neighbours.linked)) this.#core.effect({ kind: "changed" });
  }

  /** The last node of a walk round told of those that follow it. */
  told(from: Contact, told: Neighbourhood): void {
    this.#walk(this.circle.told(from, told, this.#core.nowMs));
  }

  /** The lists are others. */
  changed(): void {
    const { role, times } = this.#core;
    // The members of a small ring are to be known soon.
    this.#paceMs = times.fingerMs / hurry;
    const isSmall = role !== "seeking" && this.#core.density.members <= smallRing;
    if (isSmall) this.#fingerAtMs = Math.min(this.#fingerAtMs, this.#core.after(this.#paceMs));
  }

  /** Looks up the next finger, or walks round a small ring. */
  #look(): void {
    const core = this.#core;
    const { linked } = core.neighbours;
    const size = this.circle.members === undefined ? core.density.members : this.circle.members.length;
    if (size <= smallRing) {
      this.fingers.clear();
      this.#fingerAtMs = core.after(this.#paceMs);
      this.#paceMs = Math.min(2 * this.#paceMs, core.times.fingerMs);
      this.#walk(this.circle.begin(this.#linked()));
      return;
    }
    this.circle.members = undefined;
    const exponent = this.fingers.next(linked);
    if (exponent !== undefined) this.#find(exponent);
    const { fingerMs } = core.times;
    this.#fingerAtMs = core.after(this.fingers.isIncomplete(linked) ? fingerMs / hurry : knownFactor * fingerMs);
  }

  #linked(): readonly Contact[] {
    return [...this.#core.links.values()].filter(({ role }) => role === "member").map(({ peer }) => peer);
  }

  #walk(next: Contact | undefined): void {
    if (next === undefined) this.#core.effect({ kind: "changed" });
    else this.#core.ask(next, "walk");
  }

  #find(exponent: number): void {
    this.#core.effect({ kind: "find", position: this.fingers.position(exponent), purpose: exponent });
  }

  /** Looks up its own position through a member that was lost, or any other: is it in this ring? */
  #seekOtherRing(): void {
    const core = this.#core;
    const { random } = core.options;
    const lost = this.acquaintances.pick(random);
    const far = this.#linked();
    const via = this.#stranger ?? lost ?? far[Math.floor(random() * far.length)];
    if (this.#stranger !== undefined) this.#metAtMs = core.nowMs;
    this.#stranger = undefined;
    this.#mergeAtMs = core.after(lost === undefined ? calmFactor * core.times.mergeMs : core.times.mergeMs);
    if (via !== undefined) this.seekThrough(via);
  }

  /** Looks up its own position through a member: another owner than itself is in another ring. */
  seekThrough(via: Contact): void {
    this.#core.effect({ kind: "find", position: this.#core.self.position, purpose: "merge", via });
  }
}
