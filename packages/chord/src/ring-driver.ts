// Performs what the ring logic decides: asks, finds, tells, and keeps the links that it wants. One timer for all.
// [CHORD-020 to CHORD-038] [CHORD-043]
import type { Node, TimerHandle } from "@p2p/base";
import { closeCodes, type NodeId } from "@p2p/wire";
import type { Asks } from "./asks.js";
import type { Link } from "./link.js";
import type { Links } from "./links.js";
import type { ReadContact } from "./messages/items.js";
import { decodeNeighbourhood, encodeNeighbourhoodAsk } from "./messages/neighbourhood.js";
import { encodeHint, encodeLeave } from "./messages/notices.js";
import { encodeStanding } from "./messages/standing.js";
import type { Contact, Neighbourhood } from "./ring/contact.js";
import type { Ring } from "./ring/ring.js";
import type { AskPurpose, FindPurpose, RingEffect, RingEvent, Role } from "./ring/ring-events.js";
import type { Lookups } from "./routing/lookups.js";
import type { Router } from "./routing/router.js";
import { Tellings } from "./tellings.js";

export interface RingDriverParts {
  readonly node: Node;
  readonly ring: Ring;
  readonly router: Router;
  readonly links: Links;
  readonly asks: Asks;
  readonly lookups: Lookups;
  readonly readContactFrom: (link: Link) => ReadContact;
  /** Time has passed. @returns when it wants to be told again */
  readonly onTick: (nowMs: number) => number;
  /** Predecessor, successors or role are others. */
  readonly onChange: () => void;
  readonly onRole: (role: Role) => void;
}

/** A link is asked for a sign of life at most so often, and all of them, in ms. */
const doubtEveryMs = 2_000;
const checkEveryMs = 10_000;

const nothingTold = { isWhole: false, predecessor: undefined, successors: [] } as const;

interface Told {
  readonly revision: number;
  readonly told: Neighbourhood;
}

/** An ask that was not answered is tried so often. */
const maxTries = 2;
/** How often open asks and lookups are looked at, in ms. */
const watchMs = 100;
/** How often links that nobody wants are looked for, in ms. */
const pruneEveryMs = 10_000;
/** A tick that is so late, in ms, tells that this process was busy: the silence may be its own. */
const lateMs = 100;

export class RingDriver {
  /** Of this node's own neighbourhood. */
  readonly tellings: Tellings;
  readonly #parts: RingDriverParts;
  readonly #effects: RingEffect[] = [];
  /** What was told last by a node, with its revision. */
  readonly #told = new WeakMap<Link, Told>();
  readonly #toldWidely = new WeakMap<Link, Told>();
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #prunedAtMs = Number.NEGATIVE_INFINITY;
  #isPerforming = false;
  #isMaintaining = false;
  #isRunning = false;
  #timer: TimerHandle | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor(parts: RingDriverParts) {
    this.#parts = parts;
    this.tellings = new Tellings(parts.node.seams.random.float());
  }

  start(serves: boolean, isFounder: boolean): void {
    this.#isRunning = true;
    this.step({ kind: "start", serves, isFounder });
    this.wake(this.#nowMs);
  }

  stop(): void {
    this.#isRunning = false;
    if (this.#timer !== undefined) this.#parts.node.seams.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
  }

  step(event: RingEvent): void {
    for (const effect of this.#parts.ring.step(event, this.#nowMs)) this.#effects.push(effect);
    // An effect may cause events at once: what they cause comes after what is at hand.
    if (this.#isPerforming) return;
    this.#isPerforming = true;
    for (let effect = this.#effects.shift(); effect !== undefined; effect = this.#effects.shift())
      this.#perform(effect);
    this.#isPerforming = false;
    this.wake(this.#parts.ring.dueAtMs);
  }

  /** Makes sure that a tick comes then. */
  wake(atMs: number): void {
    if (!this.#isRunning || atMs >= this.#timerAtMs) return;
    const { clock } = this.#parts.node.seams;
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = clock.setTimeout(this.#tick, Math.max(0, atMs - this.#nowMs));
  }

  /** Something waits for an answer. */
  watch(): void {
    if (this.#timerAtMs > this.#nowMs + watchMs) this.wake(this.#nowMs + watchMs);
  }

  /** Asks a node that seems silent for a sign of life; until it gives one, it is the last to be chosen. */
  doubt(link: Link): void {
    if (!this.#isRunning || this.#nowMs < link.doubtedAtMs + doubtEveryMs) return;
    link.doubtedAtMs = this.#nowMs;
    this.#parts.router.suspect(link.id);
    this.#ask(link.contact, "probe", false, 1);
  }

  get #nowMs(): number {
    return this.#parts.node.seams.clock.monotonic();
  }

  readonly #tick = (): void => {
    const lateByMs = this.#nowMs - this.#timerAtMs;
    this.#timer = undefined;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    const { asks, lookups, ring, onTick } = this.#parts;
    if (lateByMs > lateMs) {
      // What came meanwhile is seen only after this turn, and what was to be sent goes only now.
      asks.excuse(lateByMs + lateMs);
      lookups.excuse(lateByMs + lateMs);
    }
    asks.tick(this.#nowMs);
    lookups.tick(this.#nowMs);
    const nextAtMs = onTick(this.#nowMs);
    if (ring.dueAtMs <= this.#nowMs) this.step({ kind: "tick" });
    if (this.#nowMs >= this.#prunedAtMs + pruneEveryMs) this.#prune();
    this.wake(Math.min(nextAtMs, ring.dueAtMs));
    if (asks.size > 0 || lookups.size > 0) this.watch();
  };

  #perform(effect: RingEffect): void {
    switch (effect.kind) {
      case "ask":
        if (this.#isRunning) this.#ask(effect.to, effect.purpose, effect.notifies, 1);
        return;
      case "find":
        if (this.#isRunning) this.#find(effect.position, effect.purpose, effect.via);
        return;
      case "hint":
        if (this.#isRunning) this.#parts.links.reach(effect.to, (link) => link?.send(encodeHint(effect.candidate)));
        return;
      case "role": {
        const standing = encodeStanding({ role: effect.role, mayFound: this.#parts.ring.mayFound });
        for (const link of this.#parts.links.all.values()) link.send(standing);
        this.#parts.onRole(effect.role);
        this.#changed();
        return;
      }
      case "leave":
        for (const { id } of effect.to) this.#parts.links.all.get(id)?.send(encodeLeave(effect.predecessor));
        return;
      case "changed":
        this.#changed();
        return;
      default:
        effect satisfies never;
    }
  }

  #ask(to: Contact, purpose: AskPurpose, notifies: boolean, attempt: number): void {
    this.#parts.links.reach(to, (link) => {
      if (link === undefined) this.#silent(to.id, purpose);
      else this.#askOver(link, to, purpose, notifies, attempt);
    });
  }

  #askOver(link: Link, to: Contact, purpose: AskPurpose, notifies: boolean, attempt: number): void {
    const { asks, readContactFrom } = this.#parts;
    const isWide = purpose === "walk";
    const isProbe = purpose === "probe";
    const cache = isWide ? this.#toldWidely : this.#told;
    const known = cache.get(link);
    const revision = known?.revision ?? 0;
    const takesNumbers = known !== undefined;
    asks.ask(
      link,
      (requestId) => encodeNeighbourhoodAsk({ requestId, notifies, isWide, isProbe, takesNumbers, revision }),
      (end) => {
        if (!this.#isRunning) return;
        if (end === "timeout" || end === "lost" || end.isFailed) {
          if (attempt < maxTries) this.#ask(to, purpose, notifies, attempt + 1);
          else this.#silent(to.id, purpose);
          return;
        }
        this.#parts.router.clear(link.id);
        if (isProbe) {
          this.step({ kind: "told", from: link.contact, purpose, told: { ...nothingTold, isMember: isMember(link) } });
          return;
        }
        const answer = decodeNeighbourhood(end.values, readContactFrom(link), known?.told);
        const told = answer.told ?? (answer.revision === revision ? known?.told : undefined);
        if (told === undefined) return;
        cache.set(link, { revision: answer.revision, told });
        this.step({ kind: "told", from: link.contact, purpose, told });
      },
      this.#nowMs,
    );
    this.watch();
  }

  /** A node did not answer, or could not be dialled. */
  #silent(id: NodeId, purpose: AskPurpose): void {
    const link = this.#parts.links.all.get(id);
    if (link !== undefined) {
      // It is half open: whatever goes over it is lost.
      void link.connection.close(closeCodes.idle, "no sign of life");
      this.#checkLinks();
    }
    this.step({ kind: "silent", id, purpose });
  }

  /** Where one node fell silent without a word, others may have, too: a network or a power supply. */
  #checkLinks(): void {
    if (this.#nowMs < this.#checkedAtMs + checkEveryMs) return;
    this.#checkedAtMs = this.#nowMs;
    for (const link of this.#parts.links.all.values()) if (isMember(link)) this.doubt(link);
  }

  #find(position: Uint8Array, purpose: FindPurpose, via: Contact | undefined): void {
    this.#parts.lookups.start({
      position,
      wanted: 0,
      isUpkeep: true,
      ...(via === undefined ? {} : { via }),
      onEnd: (result) => {
        if (!this.#isRunning) return;
        if (typeof result !== "string") this.step({ kind: "found", purpose, owner: result.owner });
        else {
          if (via !== undefined) this.step({ kind: "unreachable", id: via.id });
          this.step({ kind: "found", purpose, owner: undefined });
        }
      },
    });
    this.watch();
  }

  #changed(): void {
    const { ring } = this.#parts;
    this.tellings.changed(ring.neighbourhood, ring.wideNeighbourhood);
    this.#parts.onChange();
    if (this.#isMaintaining || !this.#isRunning) return;
    this.#isMaintaining = true;
    this.#parts.node.seams.clock.queue(() => {
      this.#isMaintaining = false;
      if (this.#isRunning) this.#maintain();
    });
  }

  /** Dials the members that the ring wants a link to. */
  #maintain(): void {
    const { ring, links } = this.#parts;
    for (const contact of ring.wanted) {
      if (links.all.has(contact.id) || links.isDialling(contact.id)) continue;
      links.reach(contact, (link) => {
        if (link === undefined && this.#isRunning) this.#silent(contact.id, "probe");
      });
    }
  }

  #prune(): void {
    this.#prunedAtMs = this.#nowMs;
    const { ring, links } = this.#parts;
    links.prune(new Set(ring.wanted.map(({ id }) => id)), this.#nowMs);
  }
}

function isMember(link: Link): boolean {
  return link.standing?.role === "member";
}
