// What nodes tell a node of the ring without being asked: that they stand before it, whom it may lack, that they leave.
// [CHORD-023] [CHORD-024] [CHORD-026]
import type { NodeId } from "@p2p/wire";
import { isBetween } from "./arc.js";
import type { Contact } from "./contact.js";
import type { Place } from "./place.js";
import type { RingCore } from "./ring-core.js";

export class Notices {
  readonly #place: Place;
  readonly #core: RingCore;

  constructor(place: Place) {
    this.#place = place;
    this.#core = place.core;
  }

  /** Rectifies: a member takes this node for its successor. */
  notified(by: Contact): void {
    const { neighbours, role, far, claimant } = this.#place;
    const { self } = this.#core;
    if (role !== "member" || by.id === self.id) return;
    neighbours.revive(by.id);
    const old = neighbours.predecessor;
    if (old?.id === by.id) return;
    if (neighbours.isNearerBefore(by)) {
      neighbours.predecessor = by;
      this.#place.claimant = undefined;
      if (old !== undefined) this.#core.effect({ kind: "hint", to: old });
      far.add(by);
      this.#place.changed();
      // The first other member of the ring.
      if (neighbours.head === undefined) this.#core.ask(by, "adopt");
    } else if (old !== undefined) {
      if (claimant === undefined || isBetween(claimant.position, by.position, self.position)) this.#place.claimant = by;
      this.#core.ask(old, "probe");
    }
  }

  hinted(candidate: Contact | undefined): void {
    const { neighbours, role, far, pace } = this.#place;
    if (role === "seeking") return;
    if (candidate !== undefined && candidate.id !== this.#core.self.id && !this.#core.isDead(candidate)) {
      if (neighbours.isNearer(candidate)) this.#core.ask(candidate, "adopt");
      else if (role === "member" && neighbours.head?.id !== candidate.id) far.seekThrough(candidate);
    }
    pace.hurry();
    pace.now();
  }

  left(id: NodeId, predecessor: Contact | undefined): void {
    const { neighbours, far } = this.#place;
    const wasPredecessor = neighbours.predecessor?.id === id;
    this.#place.gone(id);
    far.acquaintances.forget(id);
    if (!wasPredecessor || predecessor === undefined || neighbours.predecessor !== undefined) return;
    if (predecessor.id === this.#core.self.id || this.#core.isDead(predecessor)) return;
    neighbours.predecessor = predecessor;
    this.#place.changed();
  }
}
