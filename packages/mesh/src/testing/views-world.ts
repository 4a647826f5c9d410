// A world of pure views for the tests: it performs their effects at once, in virtual time, with no bytes at all.
import type { NodeId } from "@p2p/wire";
import type { DialTarget, ViewEffect, ViewEvent, ViewOptions } from "../view-events.js";
import { Views } from "../views.js";

/** A small seeded generator (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Member {
  readonly views: Views;
  /** Peer to whether this end dialled. */
  readonly links: Map<NodeId, boolean>;
}

export class ViewsWorld {
  nowMs = 0;
  readonly members: Map<NodeId, Member> = new Map();
  readonly #queue: (() => void)[] = [];
  readonly #random: () => number;
  #isRunning = false;
  /** Effects by kind, counted. */
  readonly counts: Map<string, number> = new Map();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  name(number: number): NodeId {
    return `node${number}` as NodeId; // views never look inside an id
  }

  address(number: number): string {
    return `memory://${this.name(number)}`;
  }

  join(number: number, bootstrap: readonly number[], options: Partial<ViewOptions> = {}): NodeId {
    const self = this.name(number);
    const views = new Views({
      self,
      activeMin: 4,
      activeTarget: 6,
      activeMax: 12,
      passiveSize: 30,
      bootstrap: bootstrap.map((each) => this.address(each)),
      random: seededRandom(Math.floor(this.#random() * 2 ** 32)),
      ...options,
    });
    this.members.set(self, { views, links: new Map() });
    this.event(self, { kind: "tick" });
    return self;
  }

  /** A node dies: its links end, dials to it fail. */
  kill(id: NodeId): void {
    const member = this.members.get(id);
    this.members.delete(id);
    for (const peer of member?.links.keys() ?? []) {
      this.members.get(peer)?.links.delete(id);
      this.event(peer, { kind: "linkDown", id, cause: "gone" });
    }
  }

  link(from: NodeId, to: NodeId): void {
    const dialler = this.members.get(from);
    const acceptor = this.members.get(to);
    if (dialler === undefined || acceptor === undefined || dialler.links.has(to)) return;
    dialler.links.set(to, true);
    acceptor.links.set(from, false);
    this.event(from, { kind: "linkUp", id: to, outbound: true, addresses: [`memory://${to}`] });
    this.event(to, { kind: "linkUp", id: from, outbound: false, addresses: [`memory://${from}`] });
  }

  event(id: NodeId, event: ViewEvent): void {
    this.#queue.push(() => {
      const member = this.members.get(id);
      if (member !== undefined) for (const effect of member.views.step(event, this.nowMs)) this.#perform(id, effect);
    });
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) job();
    this.#isRunning = false;
  }

  /** Lets seconds pass, with a tick for each node in each. */
  run(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      this.nowMs += 1_000;
      for (const id of [...this.members.keys()]) this.event(id, { kind: "tick" });
    }
  }

  /** Whether every member can reach every other over links. */
  get isConnected(): boolean {
    const [first] = this.members.keys();
    if (first === undefined) return true;
    const reached = new Set<NodeId>([first]);
    for (const id of reached) for (const peer of this.members.get(id)?.links.keys() ?? []) reached.add(peer);
    return reached.size === this.members.size;
  }

  degrees(): number[] {
    return [...this.members.values()].map((member) => member.links.size);
  }

  #perform(id: NodeId, effect: ViewEffect): void {
    this.counts.set(effect.kind, (this.counts.get(effect.kind) ?? 0) + 1);
    switch (effect.kind) {
      case "dial":
        this.#dial(id, effect.target);
        return;
      case "sendNeighbour":
        if (!this.members.get(id)?.links.has(effect.to)) return;
        this.event(effect.to, { kind: "neighbour", from: id, links: effect.links, wantsPeers: effect.wantsPeers });
        return;
      case "sendPeers":
        if (!this.members.get(id)?.links.has(effect.to)) return;
        this.event(effect.to, { kind: "peers", from: id, entries: effect.entries });
        return;
      case "close":
        this.members.get(id)?.links.delete(effect.id);
        this.members.get(effect.id)?.links.delete(id);
        this.event(id, { kind: "linkDown", id: effect.id, cause: "gone" });
        this.event(effect.id, { kind: "linkDown", id, cause: effect.cause === "view-full" ? "full" : "gone" });
        return;
      default:
        effect satisfies never;
    }
  }

  #dial(id: NodeId, target: DialTarget): void {
    const addresses = target.kind === "node" ? target.addresses : [target.address];
    const peer = addresses
      .map((address) => address.replace("memory://", "") as NodeId)
      .find((each) => this.members.has(each));
    if (peer === undefined) {
      this.event(id, { kind: "dialled", target, outcome: { kind: "failed" } });
    } else if (peer === id) {
      this.event(id, { kind: "dialled", target, outcome: { kind: "unfit" } });
    } else {
      this.link(id, peer);
      this.event(id, { kind: "dialled", target, outcome: { kind: "connected", id: peer } });
    }
  }
}
