// A world of pure rings in which every step is a choice: what is delivered, who gets a tick, who dies. [CHORD-010]
import type { NodeId } from "@p2p/wire";
import { isOnArc, positionBytes } from "../ring/arc.js";
import type { Contact } from "../ring/contact.js";
import { Ring } from "../ring/ring.js";
import type { RingTimes } from "../ring/ring-core.js";
import type { RingEffect, RingEvent } from "../ring/ring-events.js";
import type { MemberView } from "./ring-invariants.js";

/** Something on its way to a node: what happens if it is alive then, and what if it is dead. */
interface InFlight {
  readonly label: string;
  /** The list that it may give its receiver. */
  readonly list: readonly Contact[] | undefined;
  run(): void;
}

/** Rounds alone: what is far has a time that never comes. */
const roundsOnly: RingTimes = {
  stabiliseMs: 5_000,
  hurryMs: 500,
  fingerMs: Number.POSITIVE_INFINITY,
  mergeMs: Number.POSITIVE_INFINITY,
};

/** A node at a place of a circle of 256 places. */
export function contactAt(place: number): Contact {
  const position = new Uint8Array(positionBytes);
  position[0] = place;
  // Rings never look inside an id.
  return { id: `n${String(place).padStart(3, "0")}` as NodeId, position, addresses: [] };
}

export class RingSteps {
  readonly live: Map<NodeId, Ring> = new Map();
  readonly inFlight: InFlight[] = [];
  readonly #listLength: number;
  /** By whom a node joins. */
  readonly #vias = new Map<NodeId, NodeId>();
  #nowMs = 0;

  constructor(listLength: number) {
    this.#listLength = listLength;
  }

  /** A node opens; without `via` it founds the ring. */
  join(place: number, via?: number, isFounder: boolean = via === undefined): void {
    const self = contactAt(place);
    const ring = new Ring({ self, times: roundsOnly, random: () => 0.5, listLength: this.#listLength });
    this.live.set(self.id, ring);
    if (via !== undefined) {
      const peer = contactAt(via);
      this.#vias.set(self.id, peer.id);
      this.#step(self.id, { kind: "linked", peer, role: "member", mayFound: false });
    }
    this.#step(self.id, { kind: "start", serves: true, isFounder });
  }

  /** Time passes until a node's next round. */
  tick(id: NodeId): void {
    const ring = this.live.get(id);
    this.#nowMs = Math.max(this.#nowMs + 1, ring?.dueAtMs ?? 0);
    const [member] = this.members;
    // As by a bootstrap address.
    if (ring?.role === "seeking" && member !== undefined) {
      this.#step(id, { kind: "linked", peer: member.self, role: "member", mayFound: false });
    }
    this.#step(id, { kind: "tick" });
  }

  /** A node that another once knew. */
  remember(place: number, other: number): void {
    this.live.get(contactAt(place).id)?.far.acquaintances.add(contactAt(other));
  }

  /** A node looks for another ring through the one that it remembers. */
  seekThrough(place: number, other: number): void {
    this.#perform(contactAt(place).id, {
      kind: "find",
      position: contactAt(place).position,
      purpose: "merge",
      via: contactAt(other),
    });
  }

  crash(id: NodeId): void {
    this.live.delete(id);
    for (const other of this.live.keys()) {
      this.#send(`${other} misses ${id}`, () => this.#step(other, { kind: "unlinked", id, isLost: true }));
    }
  }

  deliver(index: number): void {
    this.#nowMs += 1;
    const [each] = this.inFlight.splice(index, 1);
    each?.run();
  }

  /** Lets everything happen, in order, with a tick for all in each round. */
  settle(rounds: number): void {
    for (let round = 0; round < rounds; round += 1) {
      for (const id of [...this.live.keys()]) this.tick(id);
      for (let steps = 0; this.inFlight.length > 0 && steps < 10_000; steps += 1) this.deliver(0);
    }
  }

  get members(): readonly MemberView[] {
    return [...this.live.values()]
      .filter((ring) => ring.role === "member")
      .map((ring) => ({
        self: ring.self,
        predecessor: ring.neighbours.predecessor,
        successors: ring.neighbours.successors,
      }));
  }

  /** What tells two states apart. */
  get fingerprint(): string {
    const nodes = [...this.live.values()].map((ring) => {
      const { predecessor, successors, isWhole } = ring.neighbours;
      return `${ring.self.id}${ring.role}${predecessor?.id}${successors.map(({ id }) => id)}${isWhole}`;
    });
    return `${nodes.join()}|${this.inFlight.map(({ label }) => label).sort()}`;
  }

  #send(label: string, run: () => void, list?: readonly Contact[]): void {
    this.inFlight.push({ label, list, run });
  }

  #step(id: NodeId, event: RingEvent): void {
    const ring = this.live.get(id);
    if (ring === undefined) return;
    for (const effect of ring.step(event, this.#nowMs)) this.#perform(id, effect);
  }

  #perform(from: NodeId, effect: RingEffect): void {
    switch (effect.kind) {
      case "ask":
        this.#send(`${from} asks ${effect.to.id} ${effect.purpose} ${effect.notifies}`, () =>
          this.#asked(from, effect),
        );
        return;
      case "find":
        this.#send(`${from} finds ${effect.purpose} ${effect.via?.id}`, () => {
          const owner = this.#ownerOf(effect.position, from, effect.via?.id);
          this.#step(from, { kind: "found", purpose: effect.purpose, owner });
        });
        return;
      case "hint":
        this.#send(`${from} hints ${effect.to.id} ${effect.candidate?.id}`, () =>
          this.#step(effect.to.id, { kind: "hinted", candidate: effect.candidate }),
        );
        return;
      case "leave":
        for (const { id } of effect.to) {
          this.#send(`${from} leaves ${id} ${effect.predecessor?.id}`, () =>
            this.#step(id, { kind: "left", id: from, predecessor: effect.predecessor }),
          );
        }
        return;
      case "role":
      case "changed":
        return;
      default:
        effect satisfies never;
    }
  }

  #asked(from: NodeId, { to, purpose, notifies }: Extract<RingEffect, { kind: "ask" }>): void {
    const ring = this.live.get(to.id);
    if (ring === undefined) {
      this.#send(`${to.id} is silent to ${from} ${purpose}`, () =>
        this.#step(from, { kind: "silent", id: to.id, purpose }),
      );
      return;
    }
    const told = ring.neighbourhood;
    const { isMember, isWhole, predecessor, successors } = told;
    const label = `${to.id} tells ${from} ${purpose} ${isMember} ${isWhole} ${predecessor?.id} ${successors.map(({ id }) => id)}`;
    const all = purpose === "inherit" ? [...told.successors, to] : [to, ...told.successors];
    const list = all.slice(0, this.#listLength);
    this.#send(label, () => this.#step(from, { kind: "told", from: to, purpose, told }), list);
    const asker = this.live.get(from);
    if (notifies && asker !== undefined) this.#step(to.id, { kind: "notified", by: asker.self });
  }

  /** By going from successor to successor, as if all were there at once. */
  #ownerOf(position: Uint8Array, from: NodeId, via?: NodeId): Contact | undefined {
    const isMember = (ring: Ring | undefined): boolean => ring?.role === "member" && ring.self.id !== from;
    const known = via ?? this.#vias.get(from);
    const first = (known === undefined ? undefined : this.live.get(known)) ?? [...this.live.values()].find(isMember);
    let at = first;
    for (let hops = 0; at !== undefined && hops < 1_000; hops += 1) {
      const next: Ring | undefined = at.neighbours.successors
        .map(({ id }) => this.live.get(id))
        .find((each) => each !== undefined);
      if (next === undefined) return at.self;
      if (isOnArc(at.self.position, position, next.self.position)) return next.self;
      at = next;
    }
    return undefined;
  }
}
