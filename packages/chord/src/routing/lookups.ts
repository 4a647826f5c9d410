// Lookups of this node: sent on over a link and, if no answer comes, led step by step around those that are silent.
// [CHORD-042 to CHORD-049]
import type { NodeId } from "@p2p/wire";
import type { Link } from "../link.js";
import { encodeFind, type Found, findStatus, maxAvoided, maxHops } from "../messages/find.js";
import type { Contact } from "../ring/contact.js";
import { RoundTrip } from "../round-trip.js";
import {
  type Lookup,
  type LookupBounds,
  type LookupFailure,
  type LookupHost,
  type LookupRequest,
  type LookupResult,
  sizeOf,
} from "./lookup.js";

/** Attempts that are passed from node to node; further ones go step by step. */
const recursiveAttempts = 2;
/** Steps of one attempt. */
const maxSteps = 32;
/** The wait before another attempt when there is no way at all, in ms. */
const pauseMs = 250;

/** A node that sends other things meanwhile is busy, or waits itself: it gets so much time in all, in ms. */
const aliveMs = 2_500;

const timeouts = { firstMs: 1_500, leastMs: 500, mostMs: 5_000 } as const;

export class Lookups {
  readonly #host: LookupHost;
  readonly #bounds: LookupBounds;
  readonly #open = new Set<Lookup>();
  readonly #byRequest = new Map<number, Lookup>();
  readonly #roundTrip = new RoundTrip(timeouts);

  constructor(host: LookupHost, bounds: LookupBounds) {
    this.#host = host;
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Begins; `onEnd` may be called at once. @returns what {@link giveUp} takes */
  start(request: LookupRequest): Lookup | undefined {
    const { most, totalMs, account } = this.#bounds;
    if (this.#open.size >= most || !account.reserve(sizeOf(request))) {
      request.onEnd("too-many-open");
      return undefined;
    }
    const nowMs = this.#host.monotonic();
    const lookup: Lookup = {
      request,
      givenUpAtMs: nowMs + totalMs,
      requestId: 0,
      attempt: 0,
      asked: undefined,
      sentMs: nowMs,
      deadlineMs: nowMs + totalMs,
      received: 0,
      hops: 0,
      avoid: [],
      trail: [],
      isOver: false,
    };
    this.#open.add(lookup);
    if (request.via === undefined) this.#attempt(lookup);
    else this.#step(lookup, request.via, false);
    return lookup;
  }

  giveUp(lookup: Lookup): void {
    lookup.isOver = true;
    if (this.#open.delete(lookup)) this.#bounds.account.release(sizeOf(lookup.request));
    this.#byRequest.delete(lookup.requestId);
  }

  found(from: Link, found: Found): void {
    const lookup = this.#byRequest.get(found.requestId);
    if (lookup === undefined || lookup.asked !== from) return;
    this.#byRequest.delete(found.requestId);
    lookup.asked = undefined;
    this.#host.router.clear(from.id);
    const nowMs = this.#host.monotonic();
    if (lookup.trail.length > 0) from.roundTrip.answered(nowMs - lookup.sentMs);
    else this.#roundTrip.answered(nowMs - lookup.sentMs);
    const hops = lookup.hops + Math.max(1, found.hops);
    const [first, ...successors] = found.contacts;
    if (found.status === findStatus.owner && first !== undefined) {
      this.#end(lookup, { owner: first, successors, hops, path: found.path });
    } else if ((found.status === findStatus.next || found.status === findStatus.nextOwner) && first !== undefined) {
      lookup.hops = hops;
      this.#lead(lookup, from, first, found.status === findStatus.nextOwner);
    } else this.#failed(lookup, from.id);
  }

  lost(link: Link): void {
    for (const lookup of this.#open) if (lookup.asked === link) this.#failed(lookup, link.id);
  }

  tick(nowMs: number): void {
    for (const lookup of this.#open) {
      if (nowMs >= lookup.givenUpAtMs) this.#end(lookup, "lookup-failed");
      else if (nowMs >= lookup.deadlineMs) {
        const { asked } = lookup;
        if (asked === undefined) this.#attempt(lookup);
        else if (asked.received > lookup.received && nowMs - lookup.sentMs < aliveMs) {
          lookup.received = asked.received;
          lookup.deadlineMs = nowMs + timeouts.leastMs;
        } else {
          if (lookup.trail.length > 0) asked.roundTrip.timedOut();
          else this.#roundTrip.timedOut();
          this.#host.doubt(asked);
          this.#failed(lookup, asked.id);
        }
      }
    }
  }

  /** This process stood still for so long: what it waits for may be there already. */
  excuse(ms: number): void {
    for (const lookup of this.#open) if (lookup.asked !== undefined) lookup.deadlineMs += ms;
  }

  close(): void {
    for (const lookup of this.#open) this.#end(lookup, "lookup-failed");
  }

  #attempt(lookup: Lookup): void {
    const { request, avoid } = lookup;
    const { ring, router, links } = this.#host;
    const route = router.route(request.position, false, avoid);
    if (route === "own") {
      // What is for the node at the position is for this one only if it stands there, and then nobody asks.
      if (request.payload !== undefined) this.#end(lookup, "lookup-failed");
      else this.#end(lookup, { owner: ring.self, ...this.#ownSuccessors(request.wanted), hops: 0, path: [] });
      return;
    }
    const link = route === undefined ? undefined : links.get(route.to.id);
    if (route === undefined || link === undefined) {
      if (links.size === 0 && avoid.length === 0) this.#end(lookup, "no-members");
      else this.#pause(lookup);
      return;
    }
    lookup.hops = 0;
    lookup.trail.length = 0;
    if (lookup.attempt >= recursiveAttempts && request.payload === undefined) {
      this.#step(lookup, route.to, route.isForOwner);
    } else this.#send(lookup, link, route.isForOwner, maxHops, this.#roundTrip.timeoutMs);
  }

  #ownSuccessors(wanted: number): { readonly successors: readonly Contact[] } {
    return { successors: this.#host.ring.neighbours.successors.slice(0, wanted) };
  }

  /** Asks one node for the next one, dialling it if need be. */
  #step(lookup: Lookup, to: Contact, isForOwner: boolean): void {
    lookup.trail.push(to);
    lookup.deadlineMs = lookup.givenUpAtMs;
    this.#host.reach(to, (link) => {
      if (lookup.isOver || lookup.trail.at(-1) !== to) return;
      if (link === undefined) this.#failed(lookup, to.id);
      else {
        const hops = lookup.request.via === undefined ? 0 : maxHops;
        this.#send(
          lookup,
          link,
          isForOwner,
          hops,
          Math.max(link.roundTrip.timeoutMs, hops === 0 ? 0 : timeouts.mostMs),
        );
      }
    });
  }

  /** A node named the next one. */
  #lead(lookup: Lookup, from: Link, next: Contact, isForOwner: boolean): void {
    const isKnown = lookup.trail.some(({ id }) => id === next.id) || next.id === this.#host.ring.self.id;
    if (isKnown || lookup.avoid.includes(next.id) || lookup.trail.length >= maxSteps) this.#failed(lookup, from.id);
    else this.#step(lookup, next, isForOwner);
  }

  #send(lookup: Lookup, link: Link, isForOwner: boolean, hopsLeft: number, timeoutMs: number): void {
    const { request } = lookup;
    const nowMs = this.#host.monotonic();
    lookup.requestId = this.#host.nextRequestId();
    lookup.asked = link;
    lookup.sentMs = nowMs;
    lookup.received = link.received;
    lookup.deadlineMs = nowMs + timeoutMs;
    if (request.isUpkeep !== true) link.usedAtMs = nowMs;
    this.#byRequest.set(lookup.requestId, lookup);
    const isSent = link.send(
      encodeFind({
        requestId: lookup.requestId,
        position: request.position,
        hopsLeft,
        isForOwner,
        isTraced: request.isTraced ?? false,
        wanted: request.wanted,
        avoid: lookup.avoid.slice(-maxAvoided).map((id) => this.#host.bytesOf(id)),
        payload: request.payload,
      }),
    );
    if (!isSent) this.#failed(lookup, link.id);
  }

  /** The node that was asked is silent, gone, or knows no way: back to the one before it, or another attempt. */
  #failed(lookup: Lookup, id: NodeId): void {
    this.#byRequest.delete(lookup.requestId);
    lookup.asked = undefined;
    if (lookup.request.via !== undefined) {
      this.#end(lookup, "lookup-failed");
      return;
    }
    lookup.avoid.push(id);
    lookup.trail.pop();
    const before = lookup.trail.pop();
    if (before !== undefined) this.#step(lookup, before, false);
    else {
      lookup.attempt++;
      this.#pause(lookup);
    }
  }

  /** The next attempt comes with a tick: at once, or after a while when all ways were tried. */
  #pause(lookup: Lookup): void {
    const nowMs = this.#host.monotonic();
    const route = this.#host.router.route(lookup.request.position, false, lookup.avoid);
    if (route !== undefined) {
      lookup.deadlineMs = nowMs;
      return;
    }
    lookup.avoid.length = 0;
    lookup.deadlineMs = nowMs + pauseMs;
  }

  #end(lookup: Lookup, result: LookupResult | LookupFailure): void {
    if (lookup.isOver) return;
    this.giveUp(lookup);
    lookup.request.onEnd(result);
  }
}
