// How a node gets its place: it finds who is to follow it, and takes the list of who is to be before it. [CHORD-017 to CHORD-022]
import { comparePositions, isBetween } from "./arc.js";
import type { Contact, Neighbourhood } from "./contact.js";
import type { RingCore, RingLink } from "./ring-core.js";

/** A node that is among those to join by, and finds no member, founds the ring after so many rounds. */
const foundAfterRounds = 4;

export class Joining {
  readonly #core: RingCore;
  #rounds = 0;
  #isFinding = false;

  constructor(core: RingCore) {
    this.#core = core;
  }

  /** A round without a place. @returns whether the node founds the ring */
  seek(): boolean {
    const { links, self, mayFound } = this.#core;
    for (const { role } of links.values()) {
      if (role !== "member") continue;
      this.#rounds = 0;
      if (this.#isFinding) return false;
      this.#isFinding = true;
      this.#core.effect({ kind: "find", position: self.position, purpose: "join" });
      return false;
    }
    if (!mayFound) return false;
    // Nobody is a member: of those to join by that are up, the one with the least id founds the ring.
    const isLesser = ({ peer }: RingLink): boolean => comparePositions(peer.position, self.position) < 0;
    for (const link of links.values()) if (link.mayFound && isLesser(link)) return false;
    this.#rounds++;
    return this.#rounds >= foundAfterRounds;
  }

  /** The owner of the node's own position. @returns whether there is somebody to ask */
  found(owner: Contact | undefined): boolean {
    this.#isFinding = false;
    if (owner === undefined || owner.id === this.#core.self.id) return false;
    this.#core.ask(owner, "join");
    return true;
  }

  /** Who is to be the successor told its neighbours. @returns whether the node has its place now; undefined: not yet */
  told(from: Contact, told: Neighbourhood): boolean | undefined {
    const { predecessor } = told;
    if (told.successors.length === 0 || predecessor?.id === this.#core.self.id) return this.#settle(from, told);
    if (predecessor === undefined || this.#core.isDead(predecessor)) return false;
    this.#core.ask(predecessor, "inherit");
    return undefined;
  }

  /** Who is to be the predecessor told its neighbours. As told. */
  inherit(from: Contact, told: Neighbourhood): boolean | undefined {
    const { self } = this.#core;
    const others = told.successors.filter((each) => each.id !== self.id);
    const next = others[0];
    if (next === undefined || !isBetween(from.position, next.position, self.position)) {
      return this.#settle(from, { ...told, successors: others });
    }
    // Somebody joined between the two meanwhile.
    this.#core.ask(next, "inherit");
    return undefined;
  }

  /** Takes the place after `from`, if the list is full enough to survive failures. */
  #settle(from: Contact, told: Neighbourhood): boolean {
    const { neighbours, nowMs } = this.#core;
    neighbours.inherit(from, told, nowMs);
    const { length } = neighbours.successors;
    if (length === 0 || (!neighbours.isWhole && 2 * length < neighbours.length)) return false;
    neighbours.predecessor = from;
    this.#rounds = 0;
    return true;
  }
}
