// A node's part in the chord, as base's seam for networks wants it: takes what comes and hands it to the part concerned.
// [CHORD-001] [CHORD-050 to CHORD-056]
import { BaseError, type CloseReason, type Connection, type Node, type Protocol } from "@p2p/base";
import {
  type Body,
  decodeBody,
  type Frame,
  flags,
  type NodeId,
  type NodeIdCache,
  nodeIdToBytes,
  WireError,
  type WireValue,
} from "@p2p/wire";
import { Asks } from "./asks.js";
import { Bootstrap } from "./bootstrap.js";
import { ContactBook } from "./contact-book.js";
import { ChordError } from "./errors.js";
import type { Link } from "./link.js";
import { Links } from "./links.js";
import {
  answerStatus,
  decodeAnswer,
  decodeFind,
  decodeFound,
  decodeHint,
  decodeLeave,
  decodeNeighbourhoodAsk,
  decodeQuestion,
  decodeStanding,
  encodeAnswer,
  encodeStanding,
  type ReadContact,
} from "./messages.js";
import type { ChordLimits } from "./options.js";
import { isSamePosition } from "./ring/arc.js";
import type { Contact } from "./ring/contact.js";
import { Ring } from "./ring/ring.js";
import type { Role } from "./ring/ring-events.js";
import { RingDriver } from "./ring-driver.js";
import { Lookups } from "./routing/lookups.js";
import { Relays } from "./routing/relays.js";
import { Router } from "./routing/router.js";

/** The feature of nodes that take part in a chord [CHORD-001]. */
export const chordFeature = "chord/1";

/** The feature of nodes that check who wrote a key that is somebody's [SEC-094]. */
export const ownedFeature = "owned/1";

export interface ParticipantListener {
  role(role: Role): void;
  /** Predecessor, successors or role are others. */
  changed(): void;
  /** A question of a member. Answers by calling `answer` once; without values: it could not. */
  question(from: NodeId, question: readonly WireValue[], answer: (values?: readonly WireValue[]) => void): void;
  /** The node closes: what it holds goes to others while its connections are up. */
  leaving(): Promise<void>;
  error(error: Error): void;
}

const { subtypes } = flags;
/** What a find adds to the whisper that it brings, at most: a body's fixed fields, a position, ids to avoid. */
const wrappingBytes = 1_024;
/** Whispers brought through the ring that are remembered, so that none is delivered twice. */
const maxDelivered = 1_024;

export class Participant implements Protocol {
  readonly features: readonly string[];
  readonly subtypes: readonly number[] = [
    subtypes.standing,
    subtypes.question,
    subtypes.answer,
    subtypes.neighbourhood,
    subtypes.find,
    subtypes.found,
    subtypes.hint,
    subtypes.leave,
  ];
  readonly ring: Ring;
  readonly router: Router;
  readonly book: ContactBook;
  readonly links: Links;
  readonly asks: Asks;
  readonly lookups: Lookups;
  readonly driver: RingDriver;
  readonly #node: Node;
  readonly #names: NodeIdCache;
  readonly #limits: ChordLimits;
  readonly #listener: ParticipantListener;
  readonly #bootstrap: Bootstrap;
  readonly #relays: Relays;
  readonly #delivered = new Set<string>();
  /** Questions of a neighbour that are not answered. */
  readonly #questions = new WeakMap<Link, number>();
  /** Nodes at bootstrap addresses that have not told their standing yet. */
  readonly #lookIns = new Set<NodeId>();
  #requestId = 0;

  constructor(node: Node, limits: ChordLimits, bootstrap: readonly string[], listener: ParticipantListener) {
    const { clock, random, names, transports, proofs } = node.seams;
    this.features = proofs === undefined ? [chordFeature] : [chordFeature, ownedFeature];
    this.#node = node;
    this.#names = names;
    this.#limits = limits;
    this.#listener = listener;
    this.book = new ContactBook(names, [...transports.keys()], node.budget.account());
    const self: Contact = {
      id: node.id,
      position: node.idBytes,
      // Known only once the node is open.
      get addresses() {
        return node.addresses;
      },
    };
    this.ring = new Ring({ self, times: limits, random: () => random.float() });
    this.router = new Router(this.ring);
    this.links = new Links(node, this.book);
    const nextRequestId = (): number => {
      this.#requestId = (this.#requestId + 1) >>> 0;
      return this.#requestId;
    };
    this.asks = new Asks(limits.maxQuestions, nextRequestId);
    const { ring, router, links } = this;
    this.#relays = new Relays(
      {
        ring,
        router,
        links: links.all,
        nextRequestId,
        monotonic: () => clock.monotonic(),
        nameOf: (position) => names.toText(position),
        deliver: (payload) => this.#deliver(payload),
        doubt: (link) => this.driver.doubt(link),
      },
      { total: limits.maxRelayed, perLink: limits.maxPerPeer, forMs: 10_000, account: node.budget.account() },
    );
    const host = {
      ring,
      router,
      links: links.all,
      nextRequestId,
      bytesOf: nodeIdToBytes,
      reach: links.reach.bind(links),
      doubt: (link: Link) => this.driver.doubt(link),
      monotonic: () => clock.monotonic(),
    };
    const bounds = { most: limits.maxLookups, totalMs: limits.lookupMs, account: node.budget.account() };
    this.lookups = new Lookups(host, bounds);
    this.driver = new RingDriver({
      node,
      ring,
      router,
      links,
      asks: this.asks,
      lookups: this.lookups,
      readContactFrom: (link) => this.#readContactFrom(link),
      onTick: (nowMs) => this.#tick(nowMs),
      onChange: () => listener.changed(),
      onRole: (role) => listener.role(role),
    });
    this.#bootstrap = new Bootstrap(node, bootstrap, {
      reached: (id) => this.#lookIn(id),
      named: (isOnly) => this.driver.step({ kind: "named", isOnly }),
      failed: (error) => listener.error(error),
    });
  }

  /** Lookups of others that are open here. */
  get relayed(): number {
    return this.#relays.size;
  }

  /** The node is open: joins. */
  start(serves: boolean, isFounder: boolean): void {
    this.driver.start(serves, isFounder);
    this.#bootstrap.start(this.#nowMs);
    this.driver.wake(this.#bootstrap.dueAtMs);
  }

  onConnected(connection: Connection): void {
    const { link, old } = this.links.connected(connection);
    if (old !== undefined) {
      this.#forget(old);
      // It is the same node: what it said over the other connection holds.
      link.standing = old.standing;
    }
    link.send(encodeStanding({ role: this.ring.role, mayFound: this.ring.mayFound }));
  }

  onDisconnected(connection: Connection, reason: CloseReason): void {
    const link = this.links.disconnected(connection);
    if (link === undefined) return;
    this.router.table.remove(link.contact);
    this.router.clear(link.id);
    this.driver.step({ kind: "unlinked", id: link.id, isLost: reason.name !== "normal" });
    this.#forget(link);
    if (this.links.all.size === 0) {
      this.#bootstrap.hurry(this.#nowMs);
      this.driver.wake(this.#bootstrap.dueAtMs);
    }
  }

  onBody(connection: Connection, body: Body, _frame: Frame, _rawBody: Uint8Array): void {
    const link = this.links.all.get(connection.id);
    if (link === undefined || link.connection !== connection) return;
    try {
      if (!isSamePosition(body.sender, connection.idBytes)) {
        throw new ChordError("bad-message", "a message of the ring in the name of another node", { peer: link.id });
      }
      this.#take(link, body.items);
    } catch (error) {
      if (!(error instanceof ChordError) || error.code !== "bad-message") throw error;
      // What base answers by closing with `protocol`.
      throw new BaseError("bad-message", error.message, { cause: error, peer: link.id });
    }
  }

  /** Brings a whisper to a node that is no neighbour: to who has a link to it, by way of its place on the ring. */
  route(to: NodeId, payload: Uint8Array): Promise<void> {
    const { maxFrameBytes } = this.#node.seams.limits;
    if (payload.length + wrappingBytes > maxFrameBytes) {
      const text = `a message of ${payload.length} bytes does not fit into one of ${maxFrameBytes}; split it`;
      return Promise.reject(new BaseError("message-too-large", text, { peer: to }));
    }
    return new Promise((resolve, reject) => {
      this.lookups.start({
        position: nodeIdToBytes(to),
        wanted: 0,
        payload,
        onEnd: (result) => {
          if (typeof result !== "string") resolve();
          else if (result === "too-many-open") {
            reject(new ChordError(result, "as many lookups are open as the limits allow, or as there is memory for"));
          } else {
            const text = `${to} was not found on the ring (${result}); is it up, and in this network?`;
            reject(new ChordError("unreachable", text, { peer: to }));
          }
        },
      });
      this.driver.watch();
    });
  }

  async onClosing(): Promise<void> {
    this.#bootstrap.close();
    if (this.ring.role === "member") await this.#listener.leaving();
    this.driver.step({ kind: "serve", serves: false });
    this.driver.stop();
    this.links.close();
    this.asks.close();
    this.lookups.close();
    this.#relays.close();
    this.book.close();
  }

  #take(link: Link, items: readonly WireValue[]): void {
    switch (items[0]) {
      case subtypes.question:
        this.#question(link, items);
        return;
      case subtypes.answer:
        this.asks.answered(link, decodeAnswer(items), this.#nowMs);
        return;
      case subtypes.find:
        this.#relays.find(link, decodeFind(items), this.#nowMs);
        this.driver.watch();
        return;
      case subtypes.found: {
        const found = decodeFound(items, this.#readContactFrom(link));
        if (!this.#relays.found(link, found)) this.lookups.found(link, found);
        return;
      }
      case subtypes.neighbourhood:
        this.#neighbourhood(link, items);
        return;
      case subtypes.standing:
        this.#standing(link, items);
        return;
      case subtypes.hint: {
        const candidate = decodeHint(items, this.#readContactFrom(link));
        if (link.takes(this.#nowMs)) this.driver.step({ kind: "hinted", candidate });
        return;
      }
      default: {
        const predecessor = decodeLeave(items, this.#readContactFrom(link));
        if (link.takes(this.#nowMs)) this.driver.step({ kind: "left", id: link.id, predecessor });
      }
    }
  }

  #standing(link: Link, items: readonly WireValue[]): void {
    const standing = decodeStanding(items);
    link.standing = standing;
    if (standing.role === "member") this.router.table.add(link.contact);
    else this.router.table.remove(link.contact);
    this.router.clear(link.id);
    this.driver.step({ kind: "linked", peer: link.contact, ...standing });
    if (this.#lookIns.delete(link.id)) this.#lookIn(link.id);
  }

  #neighbourhood(link: Link, items: readonly WireValue[]): void {
    const ask = decodeNeighbourhoodAsk(items);
    const { neighbourhood: narrow, wideNeighbourhood: wide } = this.ring;
    const values = this.driver.tellings.answer(ask, { narrow, wide });
    link.send(encodeAnswer(ask.requestId, answerStatus.answered, values));
    if (ask.notifies && link.standing?.role === "member") this.driver.step({ kind: "notified", by: link.contact });
  }

  #question(link: Link, items: readonly WireValue[]): void {
    const { requestId, question } = decodeQuestion(items);
    const open = this.#questions.get(link) ?? 0;
    if (open >= this.#limits.maxPerPeer) {
      link.send(encodeAnswer(requestId, answerStatus.failed, []));
      return;
    }
    this.#questions.set(link, open + 1);
    this.#listener.question(link.id, question, (values) => {
      this.#questions.set(link, (this.#questions.get(link) ?? 1) - 1);
      const status = values === undefined ? answerStatus.failed : answerStatus.answered;
      if (!link.send(encodeAnswer(requestId, status, values ?? [])) && values !== undefined) {
        link.send(encodeAnswer(requestId, answerStatus.failed, []));
      }
    });
  }

  /** A whisper that came through the ring. Its origin sends it again when it hears nothing. */
  #deliver(payload: Uint8Array): boolean {
    if (!this.#node.hasRoom) return false;
    const body = this.#bodyOf(payload);
    if (body === undefined) return false;
    const key = `${this.#names.toText(body.sender)} ${body.time}`;
    if (this.#delivered.has(key)) return true;
    try {
      this.#node.deliver(body, payload);
    } catch (error) {
      if (!(error instanceof BaseError || error instanceof WireError)) throw error;
      // Who altered it on the way is not to keep out the one that its sender brings by another way.
      return false;
    }
    this.#delivered.add(key);
    if (this.#delivered.size > maxDelivered) {
      for (const oldest of this.#delivered) {
        this.#delivered.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** Undefined for bytes that are none: whoever passed them on is not to blame. */
  #bodyOf(payload: Uint8Array): Body | undefined {
    try {
      return decodeBody(payload, this.#node.seams.limits);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return undefined;
    }
  }

  /** A bootstrap address was reached: perhaps there is another ring. */
  #lookIn(id: NodeId): void {
    const link = this.links.all.get(id);
    if (link !== undefined) this.links.lend(link);
    if (link?.standing === undefined) this.#lookIns.add(id);
    else if (link.standing.role === "member") this.driver.step({ kind: "met", peer: link.contact });
  }

  #forget(link: Link): void {
    this.asks.lost(link);
    this.lookups.lost(link);
    this.#relays.lost(link);
  }

  #tick(nowMs: number): number {
    this.#relays.tick(nowMs);
    this.#bootstrap.tick(this.ring.role === "seeking" && this.router.table.size === 0, nowMs);
    const relaysAtMs = this.#relays.size > 0 ? nowMs + 500 : Number.POSITIVE_INFINITY;
    return Math.min(this.#bootstrap.dueAtMs, relaysAtMs);
  }

  #readContactFrom(link: Link): ReadContact {
    return (position, addresses) => this.book.note(position, addresses, link.isLocal);
  }

  get #nowMs(): number {
    return this.#node.seams.clock.monotonic();
  }
}
