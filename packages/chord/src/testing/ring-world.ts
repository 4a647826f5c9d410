// A world of pure rings in virtual time, for sizes that whole nodes are too large for: the ring and routing logic are the
// shipped ones, and messages are calls that arrive after a latency.
import { seededRandom } from "@p2p/base/testing";
import { type NodeId, nodeIdFromBytes } from "@p2p/wire";
import { comparePositions, isBetween, isSamePosition } from "../ring/arc.js";
import type { Contact } from "../ring/contact.js";
import { Ring } from "../ring/ring.js";
import type { RingTimes } from "../ring/ring-core.js";
import type { RingEffect, RingEvent } from "../ring/ring-events.js";
import { Router } from "../routing/router.js";
import type { MemberView } from "./ring-invariants.js";

interface Place {
  readonly ring: Ring;
  readonly router: Router;
  readonly links: Set<Place>;
  readonly dialling: Set<NodeId>;
  timerAtMs: number;
  isLive: boolean;
}

export interface WorldLookup {
  readonly owner: NodeId | undefined;
  readonly hops: number;
}

export interface RingWorldOptions {
  readonly seed: number;
  readonly times: RingTimes;
  readonly latency: { readonly minMs: number; readonly maxMs: number };
}

/** What an ask over a link that is not there waits, and what a lost lookup does, in ms. */
const timeoutMs = 1_500;
const attempts = 4;
const maxHops = 80;

export class RingWorld {
  nowMs = 0;
  /** Messages of upkeep that were sent. */
  messages = 0;
  readonly places: Map<NodeId, Place> = new Map();
  readonly #options: RingWorldOptions;
  readonly #random: () => number;
  /** By the millisecond at which they happen. */
  readonly #events = new Map<number, (() => void)[]>();

  constructor(options: RingWorldOptions) {
    this.#options = options;
    const random = seededRandom(options.seed);
    this.#random = () => random.float();
  }

  /** A node opens, and joins by another. */
  join(via?: Contact): Contact {
    const position = Uint8Array.from({ length: 48 }, () => Math.floor(this.#random() * 256));
    const self: Contact = { id: nodeIdFromBytes(position), position, addresses: [] };
    const ring = new Ring({ self, times: this.#options.times, random: this.#random });
    const place: Place = {
      ring,
      router: new Router(ring),
      links: new Set(),
      dialling: new Set(),
      timerAtMs: Number.POSITIVE_INFINITY,
      isLive: true,
    };
    this.places.set(self.id, place);
    this.#step(place, { kind: "start", serves: true, isFounder: via === undefined });
    if (via !== undefined) this.#reach(place, via, () => undefined);
    return self;
  }

  /** Processes die: their peers see resets. */
  crash(ids: readonly NodeId[]): void {
    for (const id of ids) {
      const place = this.places.get(id);
      if (place === undefined) continue;
      this.places.delete(id);
      place.isLive = false;
      for (const peer of place.links) {
        this.#after(() => {
          peer.links.delete(place);
          peer.router.table.remove(place.ring.self);
          this.#step(peer, { kind: "unlinked", id, isLost: true });
        });
      }
    }
  }

  /** Makes of the ring one that winds twice: each member lists every second one of those after it. */
  windTwice(): void {
    const { sorted } = this;
    const order = [0, 1].flatMap((from) => sorted.filter((_each, index) => index % 2 === from));
    for (const [index, self] of order.entries()) {
      const ring = this.places.get(self.id)?.ring;
      if (ring === undefined) continue;
      const { neighbours } = ring;
      const at = (step: number): Contact => order[(index + step + order.length) % order.length] as Contact;
      const list = Array.from({ length: neighbours.length }, (_each, step) => at(step + 1));
      const end = list.findIndex(
        (each, step) => !isBetween((list[step - 1] ?? self).position, each.position, self.position),
      );
      neighbours.successors = end < 0 ? list : list.slice(0, end);
      neighbours.predecessor = at(-1);
    }
  }

  run(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    for (; this.nowMs < endMs; this.nowMs += 1) {
      const events = this.#events.get(this.nowMs);
      if (events === undefined) continue;
      // What they cause comes later: latencies are at least a millisecond.
      this.#events.delete(this.nowMs);
      for (const event of events) event();
    }
  }

  /** Looks up a position from a node. */
  lookUp(from: Contact, position: Uint8Array, onEnd: (result: WorldLookup) => void, attempt = 0): void {
    const start = this.places.get(from.id);
    if (start === undefined || attempt >= attempts) onEnd({ owner: undefined, hops: 0 });
    else {
      this.#pass(start, position, false, [], 0, (owner, hops) => {
        if (owner !== undefined) onEnd({ owner: owner.id, hops });
        else this.#at(timeoutMs, () => this.lookUp(from, position, onEnd, attempt + 1));
      });
    }
  }

  /** Who owns a position, of the live ones. */
  ownerOf(sorted: readonly Contact[], position: Uint8Array): NodeId | undefined {
    return (sorted.find((each) => comparePositions(each.position, position) >= 0) ?? sorted[0])?.id;
  }

  get sorted(): readonly Contact[] {
    return [...this.places.values()]
      .map(({ ring }) => ring.self)
      .sort((a, b) => comparePositions(a.position, b.position));
  }

  get members(): readonly MemberView[] {
    return [...this.places.values()]
      .filter(({ ring }) => ring.role === "member")
      .map(({ ring: { self, neighbours } }) => {
        return { self, predecessor: neighbours.predecessor, successors: neighbours.successors };
      });
  }

  get links(): number {
    let sum = 0;
    for (const place of this.places.values()) sum += place.links.size;
    return sum / this.places.size;
  }

  #pass(
    place: Place,
    position: Uint8Array,
    isForOwner: boolean,
    avoid: readonly NodeId[],
    hops: number,
    onEnd: (owner: Contact | undefined, hops: number) => void,
  ): void {
    const route = place.router.route(position, isForOwner, avoid);
    if (route === "own") this.#at(this.#latency() * hops, () => onEnd(place.ring.self, hops));
    else {
      const next = route === undefined ? undefined : this.places.get(route.to.id);
      if (route === undefined || next === undefined || hops >= maxHops) onEnd(undefined, hops);
      else {
        const before = place.ring.self.id;
        this.#after(() => this.#pass(next, position, route.isForOwner, [before], hops + 1, onEnd));
      }
    }
  }

  #step(place: Place, event: RingEvent): void {
    if (!place.isLive) return;
    for (const effect of place.ring.step(event, this.nowMs)) this.#perform(place, effect);
    const { dueAtMs } = place.ring;
    if (dueAtMs >= place.timerAtMs) return;
    place.timerAtMs = dueAtMs;
    this.#at(dueAtMs - this.nowMs, () => {
      if (place.timerAtMs !== dueAtMs) return;
      place.timerAtMs = Number.POSITIVE_INFINITY;
      this.#step(place, { kind: "tick" });
    });
  }

  #perform(place: Place, effect: RingEffect): void {
    switch (effect.kind) {
      case "ask":
        this.#ask(place, effect);
        return;
      case "find":
        this.#find(place, effect);
        return;
      case "hint":
        this.messages += 1;
        this.#reach(place, effect.to, (peer) => {
          if (peer !== undefined) {
            this.#after(() => this.#step(peer, { kind: "hinted", candidate: effect.candidate }));
          }
        });
        return;
      case "role":
        for (const peer of place.links) this.#after(() => this.#tell(place, peer));
        return;
      case "changed":
        for (const contact of place.ring.wanted) {
          this.#reach(place, contact, (peer) => {
            if (peer === undefined) this.#step(place, { kind: "silent", id: contact.id, purpose: "probe" });
          });
        }
        return;
      case "leave":
        return;
      default:
        effect satisfies never;
    }
  }

  #ask(place: Place, { to, purpose, notifies }: Extract<RingEffect, { kind: "ask" }>): void {
    this.messages += 2;
    this.#reach(place, to, (peer) => {
      if (peer === undefined) this.#step(place, { kind: "silent", id: to.id, purpose });
      else {
        this.#after(() => {
          if (!peer.isLive) {
            this.#at(timeoutMs, () => this.#step(place, { kind: "silent", id: to.id, purpose }));
            return;
          }
          const { ring } = peer;
          const told = purpose === "walk" ? ring.wideNeighbourhood : ring.neighbourhood;
          this.#after(() => this.#step(place, { kind: "told", from: ring.self, purpose, told }));
          if (notifies) this.#step(peer, { kind: "notified", by: place.ring.self });
        });
      }
    });
  }

  #find(place: Place, { position, purpose, via }: Extract<RingEffect, { kind: "find" }>): void {
    const onEnd = (owner: Contact | undefined, hops: number): void => {
      this.messages += 2 * hops;
      this.#step(place, { kind: "found", purpose, owner });
    };
    if (via === undefined) this.#pass(place, position, false, [], 0, onEnd);
    else {
      this.#reach(place, via, (peer) => {
        if (peer === undefined) {
          this.#step(place, { kind: "unreachable", id: via.id });
          onEnd(undefined, 0);
        } else this.#after(() => this.#pass(peer, position, false, [place.ring.self.id], 1, onEnd));
      });
    }
  }

  #reach(place: Place, contact: Contact, onReached: (peer: Place | undefined) => void): void {
    const peer = this.places.get(contact.id);
    if (peer !== undefined && place.links.has(peer)) {
      onReached(peer);
      return;
    }
    if (isSamePosition(contact.position, place.ring.self.position) || place.dialling.has(contact.id)) return;
    place.dialling.add(contact.id);
    this.#at(2 * this.#latency(), () => {
      place.dialling.delete(contact.id);
      const target = this.places.get(contact.id);
      if (target !== undefined && place.isLive && !place.links.has(target)) {
        place.links.add(target);
        target.links.add(place);
        this.#tell(place, target);
        this.#tell(target, place);
      }
      onReached(target);
    });
  }

  /** A node tells a neighbour its standing. */
  #tell(place: Place, peer: Place): void {
    if (!place.isLive || !peer.isLive || !peer.links.has(place)) return;
    const { self, role, mayFound } = place.ring;
    if (role === "member") peer.router.table.add(self);
    else peer.router.table.remove(self);
    this.#step(peer, { kind: "linked", peer: self, role, mayFound });
  }

  #latency(): number {
    const { minMs, maxMs } = this.#options.latency;
    return minMs + this.#random() * (maxMs - minMs);
  }

  /** Something arrives. */
  #after(run: () => void): void {
    this.#at(this.#latency(), run);
  }

  #at(delayMs: number, run: () => void): void {
    if (!Number.isFinite(delayMs)) return;
    const atMs = this.nowMs + Math.max(1, Math.round(delayMs));
    const events = this.#events.get(atMs);
    if (events === undefined) this.#events.set(atMs, [run]);
    else events.push(run);
  }
}
