// What comes of the questions and lookups of a node's ring logic: an answer, silence, or whom a lookup found. [CHORD-021] [CHORD-022]
import type { NodeId } from "@p2p/wire";
import type { Contact, Neighbourhood } from "./contact.js";
import type { Place } from "./place.js";
import type { RingCore } from "./ring-core.js";
import type { AskPurpose, FindPurpose } from "./ring-events.js";

export class Replies {
  readonly #place: Place;
  readonly #core: RingCore;

  constructor(place: Place) {
    this.#place = place;
    this.#core = place.core;
  }

  told(from: Contact, purpose: AskPurpose, told: Neighbourhood): void {
    const place = this.#place;
    if (!told.isMember) {
      place.gone(from.id);
      if (purpose === "join" || purpose === "inherit") place.joined(false);
      return;
    }
    place.neighbours.revive(from.id);
    switch (purpose) {
      case "stabilise":
        this.#stabilise(from, told);
        return;
      case "adopt":
        this.#adopt(from, told);
        return;
      case "probe":
        if (place.neighbours.predecessor?.id === from.id) place.claimant = undefined;
        return;
      case "join":
        if (place.role === "seeking") place.joined(place.joining.told(from, told));
        return;
      case "inherit":
        if (place.role === "seeking") place.joined(place.joining.inherit(from, told));
        return;
      case "walk":
        place.far.told(from, told);
        return;
      default:
        purpose satisfies never;
    }
  }

  /** @param known what is known of the node, if it is */
  silent(id: NodeId, purpose: AskPurpose, known: Contact | undefined): void {
    if (known !== undefined) this.#place.far.acquaintances.add(known);
    this.#place.gone(id);
    if (purpose === "join" || purpose === "inherit") this.#place.joined(false);
  }

  found(purpose: FindPurpose, owner: Contact | undefined): void {
    const { role, joining, far } = this.#place;
    if (purpose === "join") {
      const isLed = joining.found(role === "seeking" ? owner : undefined);
      if (role === "seeking" && !isLed) this.#place.joined(false);
    } else if (role !== "seeking" && owner !== undefined && owner.id !== this.#core.self.id) {
      if (purpose !== "merge") far.found(purpose, owner);
      else if (role === "member") this.#meet(owner);
    }
  }

  /** Stabilise from successor; then, if that knows a nearer one, from predecessor. */
  #stabilise(from: Contact, told: Neighbourhood): void {
    const { neighbours } = this.#place;
    if (neighbours.head?.id !== from.id) return;
    const change = neighbours.adopt(from, told, this.#core.nowMs);
    if (change !== "none") this.#place.changed(change);
    this.#place.confirm(change !== "none");
    const { predecessor } = told;
    if (predecessor === undefined || !neighbours.isNearer(predecessor)) return;
    if (!this.#core.isDead(predecessor)) this.#core.ask(predecessor, "adopt");
  }

  #adopt(from: Contact, told: Neighbourhood): void {
    const { neighbours, role } = this.#place;
    const { head } = neighbours;
    if (role === "seeking" || !neighbours.isNearer(from)) return;
    const change = neighbours.adopt(from, told, this.#core.nowMs);
    if (change !== "none") this.#place.changed(change);
    // It comes from another ring: it is to know of this one.
    const isKnown = head === undefined || told.successors.some((each) => each.id === head.id);
    if (!isKnown && role === "member") this.#core.effect({ kind: "hint", to: from, candidate: head });
  }

  /** The successor of this node in another ring, or one that does not know this node yet. */
  #meet(owner: Contact): void {
    const { head } = this.#place.neighbours;
    this.#core.ask(owner, "adopt");
    // The nodes after this one are in this ring, too: each looks, until one is found where it stands.
    if (head !== undefined && head.id !== owner.id) this.#core.effect({ kind: "hint", to: head, candidate: owner });
  }
}
