// Lookups of others on their way through this node: passed on over a link, answered back over the one they came by.
// [CHORD-042 to CHORD-046] [CHORD-051]
import type { BudgetAccount } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import type { Link } from "../link.js";
import { encodeFind, encodeFound, type Find, type Found, findStatus, maxHops, maxPath } from "../messages/find.js";
import type { Contact } from "../ring/contact.js";
import type { Ring } from "../ring/ring.js";
import type { Router } from "./router.js";

/** What a relay needs of its node. */
export interface RelayHost {
  readonly ring: Ring;
  readonly router: Router;
  readonly links: ReadonlyMap<NodeId, Link>;
  nextRequestId(): number;
  monotonic(): number;
  nameOf(position: Uint8Array): NodeId;
  /** The node at the other end may be dead. */
  doubt(link: Link): void;
  /** Takes a whisper that was brought to this node. @returns whether there was room for it */
  deliver(payload: Uint8Array): boolean;
}

export interface RelayLimits {
  /** Lookups of others that may be open. */
  readonly total: number;
  /** Of these, those of one neighbour. */
  readonly perLink: number;
  /** How long one is remembered, in ms. */
  readonly forMs: number;
  /** Of the node's memory budget. */
  readonly account: BudgetAccount;
}

interface Passed {
  readonly up: Link;
  readonly find: Find;
  /** It brought a whisper, which is not kept here. */
  readonly hasBrought: boolean;
  down: Link;
  /** Nodes not to choose any more. */
  readonly tried: NodeId[];
  readonly ways: number;
  readonly expiresAtMs: number;
  /** When to doubt that the next node lives; infinite when that was done. */
  doubtAtMs: number;
}

/** How long the next node may say nothing before it is doubted, in ms. */
const doubtAfterMs = 1_000;

/** Rough memory of a lookup that was passed on, in bytes. */
const relayBytes = 1_024;

/** Ways on that are tried for one lookup. */
const maxWays = 3;
const nobody: readonly Contact[] = Object.freeze([]);

export class Relays {
  readonly #host: RelayHost;
  readonly #limits: RelayLimits;
  /** By the request ids that were given downwards. */
  readonly #passed = new Map<number, Passed>();

  constructor(host: RelayHost, limits: RelayLimits) {
    this.#host = host;
    this.#limits = limits;
  }

  get size(): number {
    return this.#passed.size;
  }

  /** A neighbour looks something up. */
  find(up: Link, find: Find, nowMs: number): void {
    const { router, ring } = this.#host;
    if (find.payload !== undefined && this.#carried(up, find, nowMs)) return;
    const avoid = [up.id, ...find.avoid.map((id) => this.#host.nameOf(id))];
    const route = ring.role === "member" ? router.route(find.position, find.isForOwner, avoid) : undefined;
    if (route === "own") this.#own(up, find);
    else if (route === undefined) this.#answer(up, find, findStatus.noWay, nobody);
    else if (find.hopsLeft === 0) {
      this.#answer(up, find, route.isForOwner ? findStatus.nextOwner : findStatus.next, [route.to]);
    } else if (this.#isFull(up)) {
      this.#answer(up, find, findStatus.busy, nobody);
    } else {
      up.finds++;
      this.#pass(up, find, route, avoid, nowMs + this.#limits.forMs);
    }
  }

  /** @returns whether it answered a lookup that was passed on */
  found(down: Link, found: Found): boolean {
    const passed = this.#passed.get(found.requestId);
    if (passed === undefined) return false;
    if (passed.down !== down) return true;
    this.#forget(found.requestId);
    const isDeadEnd = found.status === findStatus.noWay || found.status === findStatus.busy;
    if (isDeadEnd && this.#tryElsewhere(passed)) return true;
    passed.up.finds--;
    const own = passed.find.isTraced ? [this.#host.ring.self.position] : [];
    const { requestId } = passed.find;
    // Who answers with the most there can be is not to make this node say more.
    const hops = Math.min(found.hops, maxHops) + 1;
    const path = [...own, ...found.path].slice(0, maxPath);
    // What a whisper came to, its origin is to know as it is.
    const status = isDeadEnd && !passed.hasBrought ? findStatus.noWay : found.status;
    passed.up.send(encodeFound({ ...found, requestId, status, hops, path }));
    return true;
  }

  /** A link is over: what was passed to it goes elsewhere, what came from it is nobody's. */
  lost(link: Link): void {
    for (const [requestId, passed] of this.#passed) {
      if (passed.up === link) this.#forget(requestId);
      else if (passed.down === link) {
        this.#forget(requestId);
        if (this.#tryElsewhere(passed)) continue;
        passed.up.finds--;
        this.#answer(passed.up, passed.find, findStatus.noWay, nobody);
      }
    }
  }

  tick(nowMs: number): void {
    for (const [requestId, passed] of this.#passed) {
      if (passed.doubtAtMs <= nowMs) {
        passed.doubtAtMs = Number.POSITIVE_INFINITY;
        this.#host.doubt(passed.down);
      }
      if (passed.expiresAtMs > nowMs) continue;
      this.#forget(requestId);
      passed.up.finds--;
    }
  }

  /** Forgets all. */
  close(): void {
    this.#passed.clear();
    this.#limits.account.releaseAll();
  }

  /** Whether no more can be passed on for a neighbour; if it can, there is room for it. */
  #isFull(up: Link): boolean {
    const { total, perLink, account } = this.#limits;
    const { size } = this.#passed;
    return size >= total || up.finds >= perLink || !account.hold((size + 1) * relayBytes);
  }

  #forget(requestId: number): void {
    this.#passed.delete(requestId);
    this.#limits.account.hold(this.#passed.size * relayBytes);
  }

  #own(up: Link, find: Find): void {
    const { self, neighbours } = this.#host.ring;
    // Who stands at the position would have taken it.
    if (find.payload !== undefined) this.#answer(up, find, findStatus.noWay, nobody);
    else this.#answer(up, find, findStatus.owner, [self, ...neighbours.successors.slice(0, find.wanted)]);
  }

  /** A whisper for this node, or for one that has a link to it. @returns whether it went on so */
  #carried(up: Link, find: Find, nowMs: number): boolean {
    const { ring, links } = this.#host;
    const target = this.#host.nameOf(find.position);
    if (target === ring.self.id) {
      const isTaken = find.payload !== undefined && this.#host.deliver(find.payload);
      this.#answer(up, find, isTaken ? findStatus.owner : findStatus.busy, isTaken ? [ring.self] : nobody);
      return true;
    }
    const link = links.get(target);
    if (link === undefined || link === up || find.hopsLeft === 0) return false;
    if (this.#isFull(up)) return false;
    up.finds++;
    this.#send(
      {
        up,
        find,
        hasBrought: true,
        down: link,
        tried: [],
        ways: 1,
        expiresAtMs: nowMs + this.#limits.forMs,
        doubtAtMs: 0,
      },
      true,
    );
    return true;
  }

  #pass(
    up: Link,
    find: Find,
    { to, isForOwner }: { readonly to: Contact; readonly isForOwner: boolean },
    tried: NodeId[],
    expiresAtMs: number,
    ways = 1,
  ): void {
    const down = this.#host.links.get(to.id);
    if (down === undefined) {
      up.finds--;
      this.#answer(up, find, findStatus.noWay, nobody);
      return;
    }
    tried.push(to.id);
    const hasBrought = find.payload !== undefined;
    this.#send({ up, find, hasBrought, down, tried, ways, expiresAtMs, doubtAtMs: 0 }, isForOwner);
  }

  #send(passed: Passed, isForOwner: boolean): void {
    const { find, down } = passed;
    const requestId = this.#host.nextRequestId();
    passed.doubtAtMs = this.#host.monotonic() + doubtAfterMs;
    this.#passed.set(requestId, { ...passed, find: kept(find) });
    down.send(encodeFind({ ...find, requestId, isForOwner, hopsLeft: find.hopsLeft - 1 }));
  }

  #tryElsewhere(passed: Passed): boolean {
    const { up, find, tried, ways, expiresAtMs } = passed;
    // Without what it brought, it would be answered as if that had arrived.
    if (passed.hasBrought || ways >= maxWays) return false;
    const route = this.#host.router.route(find.position, find.isForOwner, tried);
    if (route === undefined) return false;
    if (route === "own") {
      up.finds--;
      this.#own(up, find);
    } else this.#pass(up, find, route, tried, expiresAtMs, ways + 1);
    return true;
  }

  #answer(up: Link, find: Find, status: number, contacts: readonly Contact[]): void {
    const path = find.isTraced ? [this.#host.ring.self.position] : [];
    up.send(encodeFound({ requestId: find.requestId, status, hops: 1, contacts, path }));
  }
}

/**
 * What is remembered of a find: copies, as its bytes are views of a frame that may be as long as frames may be. A whisper is
 * not kept here: when its way ends, its origin sends it again.
 */
function kept(find: Find): Find {
  const { position, avoid } = find;
  return { ...find, position: position.slice(), avoid: avoid.map((id) => id.slice()), payload: undefined };
}
