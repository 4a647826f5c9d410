// What the parts of a node's ring logic share: its neighbours, its role, the time, and the effects being gathered.
import type { NodeId } from "@p2p/wire";
import type { Contact } from "./contact.js";
import { listLength, type SizeEstimate, sizeByDensity } from "./density.js";
import { Neighbours } from "./neighbours.js";
import type { AskPurpose, RingEffect, Role } from "./ring-events.js";

export interface RingTimes {
  /** A round of stabilising while nothing changes, in ms. */
  readonly stabiliseMs: number;
  /** The first round after a change, in ms; doubled for each further one. */
  readonly hurryMs: number;
  /** From one walk round a small ring to the next, and half as long as from one finger to the next, in ms; a 16th after a change. */
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

/** A node with a connection, as it told of itself. */
export interface RingLink {
  readonly peer: Contact;
  readonly role: Role;
  /** Whether it founds the ring if nobody else does. */
  readonly mayFound: boolean;
}

export class RingCore {
  readonly options: RingOptions;
  readonly neighbours: Neighbours;
  readonly links: Map<NodeId, RingLink> = new Map();
  role: Role = "seeking";
  /** Whether the node wants to be a member. */
  serves = true;
  /** Whether it is among the nodes to join by, and may found the ring. */
  isNamed = false;
  /** Of the step under way, monotonic ms. */
  nowMs = 0;
  #effects: RingEffect[] = [];

  constructor(options: RingOptions) {
    this.options = options;
    this.neighbours = new Neighbours(options.self, options.listLength ?? listLength(1));
  }

  get self(): Contact {
    return this.options.self;
  }

  get times(): RingTimes {
    return this.options.times;
  }

  /** The size told by the neighbours: all there are, or their density. */
  get density(): SizeEstimate {
    const { successors, isWhole } = this.neighbours;
    if (this.role === "seeking") return { members: 0, error: 1 };
    if (isWhole) return { members: successors.length + (this.role === "member" ? 1 : 0), error: 0 };
    return sizeByDensity(this.self, successors);
  }

  /** Whether it founds the ring if nobody else does. */
  get mayFound(): boolean {
    return this.isNamed && this.serves && this.role === "seeking";
  }

  effect(effect: RingEffect): void {
    this.#effects.push(effect);
  }

  ask(to: Contact, purpose: AskPurpose): void {
    const notifies = this.role === "member" && (purpose === "stabilise" || purpose === "adopt");
    this.effect({ kind: "ask", to, purpose, notifies });
  }

  isDead(contact: Contact): boolean {
    return this.neighbours.isDead(contact.id, this.nowMs);
  }

  takeEffects(): readonly RingEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** A time from now, which is less or more by up to half of it. */
  after(ms: number): number {
    return this.nowMs + ms * (0.5 + this.options.random());
  }
}
