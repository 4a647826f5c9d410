// The active view: which links a node keeps, whom it dials, whom it turns away. Pure: events in, effects out.
// [MESH-020] [MESH-021] [MESH-022] [MESH-023] [MESH-024] [MESH-025] [MESH-026]
// After HyParView (Leitao, Pereira, Rodrigues, DSN 2007), with two changes: links are TCP connections of base, so both
// ends see them come and go; and instead of a random victim, a full node drops the link whose peer has most other links.
import type { NodeId } from "@p2p/wire";
import { BootstrapList } from "./bootstrap.js";
import { Budget, type BudgetOptions } from "./budget.js";
import { type Candidate, PassiveView } from "./passive-view.js";
import type { DialOutcome, DialTarget, LinkEnd, ViewEffect, ViewEvent, ViewOptions } from "./view-events.js";

interface Link {
  readonly id: NodeId;
  readonly outbound: boolean;
  readonly addresses: readonly string[];
  readonly upAtMs: number;
  /** Other links that the peer says it has; undefined until it says so. */
  links: number | undefined;
  /** Since when it tells that it has any. */
  othersSinceMs: number;
  /** Turned away: its end is awaited, it counts no more. */
  isLeaving: boolean;
  /** What was last told to it. */
  toldLinks: number;
  peersSentMs: number;
  peersSentVersion: number;
  /** It asked for a peers message sooner than one may be sent. */
  owesPeers: boolean;
  /** A peers message was asked of it, so one is expected beyond the budget. */
  asked: boolean;
  readonly peersBudget: Budget;
  readonly neighbourBudget: Budget;
}

/** A node sends at most one peers message in this time to one link, in ms. */
export const peersEveryMs = 10_000;
/** Entries of one peers message that this node writes: twice as many as a peer keeps of them. */
const peersSample = 16;
/** A random link hears of the own views about this often, in ms. */
const exchangeEveryMs = 30_000;
/** Whoever turned this node away is left alone for this long, in ms. */
const fullRetryMs = 30_000;
/** Links beyond the maximum that are borne for nodes which have no other link. */
const guests = 20;
/** A peer that has not told its number of links after this long is the first to go, in ms. */
const silenceMs = 5_000;
/**
 * A peer is let go only so long after it told of other links, in ms: a broadcast that is on its way through the network
 * meets it over the one link or the others.
 */
const overlapMs = 2_000;
/** How long it counts that somebody told of more nodes than could be neighbours, in ms. */
const largeMs = 120_000;
/** What a peer may send [MESH-033] [MESH-046]. */
const peersBudget: BudgetOptions = { burst: 3, everyMs: peersEveryMs, patience: 10 };
const neighbourBudget: BudgetOptions = { burst: 20, everyMs: 500, patience: 100 };
/** Dials in flight. */
const maxDials = 8;

export class Views {
  readonly #options: ViewOptions;
  /** Enough for the peer to see that the network is larger than its maximum. */
  readonly #peersSample: number;
  readonly #links = new Map<NodeId, Link>();
  readonly #dialling = new Set<NodeId>();
  readonly #bootstrap: BootstrapList;
  readonly passive: PassiveView;
  #exchangeAtMs: number | undefined;
  /** Links that are not being turned away; made anew when it was asked for after a change. */
  #settledLinks: readonly Link[] | undefined;
  /** Until then the network counts as large, however few of it are known here. */
  #largeUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: ViewOptions) {
    this.#options = options;
    this.#peersSample = Math.max(peersSample, options.activeMax + 1);
    this.#bootstrap = new BootstrapList(options.bootstrap, options.random);
    this.passive = new PassiveView({
      size: options.passiveSize,
      perSource: Math.max(1, Math.ceil(options.passiveSize / 4)),
      perHost: Math.max(1, Math.ceil(options.passiveSize / 4)),
      random: options.random,
    });
  }

  /** Links that count: those being turned away do not. */
  get active(): readonly NodeId[] {
    return this.#settled().map((link) => link.id);
  }

  step(event: ViewEvent, nowMs: number): ViewEffect[] {
    const effects: ViewEffect[] = [];
    switch (event.kind) {
      case "linkUp":
        this.#linkUp(event.id, event.outbound, event.addresses, nowMs, effects);
        break;
      case "linkDown":
        this.#linkDown(event.id, event.cause, nowMs);
        break;
      case "neighbour":
        this.#neighbour(event.from, event.links, event.wantsPeers, nowMs, effects);
        break;
      case "peers":
        this.#peers(event.from, event.entries, nowMs, effects);
        break;
      case "dialled":
        this.#dialled(event.target, event.outcome, nowMs);
        break;
      case "tick":
        this.#tick(nowMs, effects);
        break;
      default:
        event satisfies never;
    }
    this.#trim(nowMs, effects);
    this.#fill(nowMs, effects);
    return effects;
  }

  #linkUp(id: NodeId, outbound: boolean, addresses: readonly string[], nowMs: number, effects: ViewEffect[]): void {
    this.passive.remove(id);
    const link: Link = {
      id,
      outbound,
      addresses,
      upAtMs: nowMs,
      links: undefined,
      othersSinceMs: Number.POSITIVE_INFINITY,
      isLeaving: false,
      toldLinks: this.#settled().length,
      peersSentMs: Number.NEGATIVE_INFINITY,
      peersSentVersion: -1,
      owesPeers: false,
      asked: false,
      peersBudget: new Budget(peersBudget, nowMs),
      neighbourBudget: new Budget(neighbourBudget, nowMs),
    };
    this.#links.set(id, link);
    this.#settledLinks = undefined;
    this.#sendNeighbour(link, false, effects);
    this.#sendPeers(link, nowMs, effects);
  }

  #linkDown(id: NodeId, cause: LinkEnd, nowMs: number): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    this.#links.delete(id);
    this.#settledLinks = undefined;
    this.#bootstrap.lost(this.#settled().length === 0, nowMs);
    if (cause === "refused") {
      this.passive.distrust(id, nowMs);
      return;
    }
    if (cause === "left") return;
    const waitMs = cause === "full" || link.isLeaving ? fullRetryMs : 0;
    this.passive.vouch({ id, addresses: link.addresses }, nowMs + waitMs * (0.5 + this.#options.random()));
  }

  #neighbour(from: NodeId, links: number, wantsPeers: boolean, nowMs: number, effects: ViewEffect[]): void {
    const link = this.#links.get(from);
    if (link === undefined || link.isLeaving) return;
    if (!this.#within(link, link.neighbourBudget, nowMs, effects)) return;
    link.links = links;
    link.othersSinceMs = links > 0 ? Math.min(link.othersSinceMs, nowMs) : Number.POSITIVE_INFINITY;
    if (wantsPeers) link.owesPeers = true;
    if (link.owesPeers && nowMs - link.peersSentMs >= peersEveryMs) this.#sendPeers(link, nowMs, effects);
  }

  #peers(from: NodeId, entries: readonly Candidate[], nowMs: number, effects: ViewEffect[]): void {
    const link = this.#links.get(from);
    if (link === undefined) return;
    if (link.asked) link.asked = false;
    else if (!this.#within(link, link.peersBudget, nowMs, effects)) return;
    if (entries.length >= this.#options.activeMax) this.#largeUntilMs = nowMs + largeMs;
    for (const entry of entries) {
      if (entry.id === this.#options.self || this.#links.has(entry.id)) continue;
      this.passive.offer(entry, from, nowMs);
    }
  }

  #dialled(target: DialTarget, outcome: DialOutcome, nowMs: number): void {
    if (target.kind === "bootstrap") {
      this.#bootstrap.dialled(target.address, outcome, nowMs);
      return;
    }
    this.#dialling.delete(target.id);
    if (outcome.kind === "failed") this.passive.failed(target.id, nowMs);
    // Somebody else answers there: whoever told this address lied, or is behind the times.
    else if (outcome.kind === "unfit" || outcome.id !== target.id) this.passive.distrust(target.id, nowMs);
  }

  #tick(nowMs: number, effects: ViewEffect[]): void {
    const links = this.#settled();
    const random = this.#options.random;
    this.#exchangeAtMs ??= nowMs + exchangeEveryMs * random();
    const isExchange = nowMs >= this.#exchangeAtMs;
    const chosen = isExchange ? links[Math.floor(random() * links.length)] : undefined;
    if (isExchange) this.#exchangeAtMs = nowMs + exchangeEveryMs * (0.5 + random());
    const asked = this.#needsPeers(nowMs) ? links[Math.floor(random() * links.length)] : undefined;
    const isSmall = this.#isSmall(nowMs);
    for (const link of links) {
      const wantsPeers = link === asked && !link.asked;
      if (wantsPeers) link.asked = true;
      if (wantsPeers || link.toldLinks !== this.#others(link)) this.#sendNeighbour(link, wantsPeers, effects);
      if (nowMs - link.peersSentMs < peersEveryMs) continue;
      // In a small network news go to everybody, so that it is soon fully connected; in a large one to somebody.
      const isNews = isSmall && link.peersSentVersion !== this.passive.version;
      if (link.owesPeers || isNews || link === chosen) this.#sendPeers(link, nowMs, effects);
    }
  }

  /** Drops links over the maximum, those first that lose least by it. */
  #trim(nowMs: number, effects: ViewEffect[]): void {
    for (;;) {
      const links = this.#settled();
      const excess = links.length - this.#options.activeMax;
      if (excess <= 0) return;
      const isCrowded = excess > guests;
      const victim = this.#victim(links, isCrowded, nowMs);
      if (victim === undefined) return;
      if (nowMs - victim.peersSentMs >= peersEveryMs || !victim.outbound) this.#sendPeers(victim, nowMs, effects);
      this.#leave(victim);
      effects.push({ kind: "close", id: victim.id, cause: "view-full" });
    }
  }

  /**
   * The link whose peer has most other links; the newest of equals. Links that this node dialled are spared. A node that
   * has no other link is not cut off while there is room for guests; nor is anybody while one has just come, or found its
   * others only just now. And the last few links to peers that have others stay, or a crowd of guests would become an island
   * with this node.
   */
  #victim(links: readonly Link[], isCrowded: boolean, nowMs: number): Link | undefined {
    const { activeMin, activeTarget } = this.#options;
    const areAllDroppable = countOutbound(links) > activeTarget;
    const areLastToLead = links.filter(leadsOn).length <= activeMin;
    const droppable = links.filter((link) => (areAllDroppable || !link.outbound) && !(areLastToLead && leadsOn(link)));
    let victim: Link | undefined;
    let most = 1;
    for (const link of droppable) {
      const isSilent = link.links === undefined && nowMs - link.upAtMs >= silenceMs;
      if (link.links === undefined && !isSilent && !isCrowded) return undefined;
      const others = isSilent ? Number.POSITIVE_INFINITY : (link.links ?? 0);
      if (others < most) continue;
      victim = link;
      most = others;
    }
    if (isCrowded) return victim ?? droppable.at(-1);
    const isTooEarly = victim?.links !== undefined && nowMs - victim.othersSinceMs < overlapMs;
    return isTooEarly ? undefined : victim;
  }

  /** Dials what is missing. */
  #fill(nowMs: number, effects: ViewEffect[]): void {
    const links = this.#settled();
    for (const address of this.#bootstrap.due(links.length === 0, this.#links, nowMs)) {
      effects.push({ kind: "dial", target: { kind: "bootstrap", address } });
    }
    let wanted = Math.min(this.#wanted(links, nowMs), maxDials - this.#dialling.size);
    if (wanted <= 0) return;
    for (const candidate of this.passive.candidates(nowMs)) {
      if (wanted <= 0) return;
      if (this.#dialling.has(candidate.id) || this.#links.has(candidate.id)) continue;
      this.#dialling.add(candidate.id);
      wanted -= 1;
      const { id, addresses } = candidate;
      effects.push({ kind: "dial", target: { kind: "node", id, addresses } });
    }
  }

  #wanted(links: readonly Link[], nowMs: number): number {
    const { activeMin, activeTarget } = this.#options;
    if (this.#isSmall(nowMs)) return this.passive.size - this.#dialling.size;
    const coming = this.#dialling.size;
    return Math.max(activeTarget - links.length, activeMin - countOutbound(links)) - coming;
  }

  /** Whether all nodes there are could be neighbours. */
  #isSmall(nowMs: number): boolean {
    const known = this.#settled().length + this.passive.size;
    return known <= this.#options.activeMax && nowMs >= this.#largeUntilMs;
  }

  #needsPeers(nowMs: number): boolean {
    return this.#wanted(this.#settled(), nowMs) > 0 && this.passive.candidates(nowMs).length === 0;
  }

  #within(link: Link, budget: Budget, nowMs: number, effects: ViewEffect[]): boolean {
    const verdict = budget.take(nowMs);
    if (verdict === "breach" && !link.isLeaving) {
      this.#leave(link);
      effects.push({ kind: "close", id: link.id, cause: "rate" });
    }
    return verdict === "pass";
  }

  #sendNeighbour(link: Link, wantsPeers: boolean, effects: ViewEffect[]): void {
    link.toldLinks = this.#others(link);
    effects.push({ kind: "sendNeighbour", to: link.id, links: link.toldLinks, wantsPeers });
  }

  #sendPeers(link: Link, nowMs: number, effects: ViewEffect[]): void {
    const isOwed = link.owesPeers;
    link.owesPeers = false;
    link.peersSentMs = nowMs;
    link.peersSentVersion = this.passive.version;
    const known = this.#settled().filter((other) => other !== link && other.addresses.length > 0);
    while (known.length > this.#peersSample) known.splice(Math.floor(this.#options.random() * known.length), 1);
    const entries = known.map(({ id, addresses }): Candidate => ({ id, addresses }));
    entries.push(...this.passive.sample(this.#peersSample - entries.length).filter((entry) => entry.id !== link.id));
    if (entries.length > 0 || isOwed) effects.push({ kind: "sendPeers", to: link.id, entries });
  }

  #others(link: Link): number {
    let count = 0;
    // Those that have said so: their ends are up too, and pass on broadcasts.
    for (const other of this.#settled()) if (other !== link && other.links !== undefined) count += 1;
    return count;
  }

  #leave(link: Link): void {
    link.isLeaving = true;
    this.#settledLinks = undefined;
  }

  #settled(): readonly Link[] {
    this.#settledLinks ??= [...this.#links.values()].filter((link) => !link.isLeaving);
    return this.#settledLinks;
  }
}

/** Whether its peer tells of other links: broadcasts come and go by it. */
function leadsOn({ links }: Link): boolean {
  return links !== undefined && links > 0;
}

function countOutbound(links: readonly Link[]): number {
  let count = 0;
  for (const link of links) if (link.outbound) count += 1;
  return count;
}
