// A node's part in the chord, as base's seam for networks wants it: takes what comes and hands it to the part concerned.
// [CHORD-001] [CHORD-050 to CHORD-056]
import { BaseError, type CloseReason, type Connection, type Node, type Protocol } from "@p2p/base";
import { type Body, type Frame, type NodeId, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { Asks } from "./asks.js";
import { Bootstrap } from "./bootstrap.js";
import { ContactBook } from "./contact-book.js";
import { Deliveries } from "./deliveries.js";
import { ChordError } from "./errors.js";
import { Incoming, ringSubtypes } from "./incoming.js";
import type { Link } from "./link.js";
import { Links } from "./links.js";
import type { ReadContact } from "./messages/items.js";
import { encodeStanding } from "./messages/standing.js";
import type { ChordLimits } from "./options.js";
import { isSamePosition } from "./ring/arc.js";
import type { Contact } from "./ring/contact.js";
import { Ring } from "./ring/ring.js";
import type { Role } from "./ring/ring-events.js";
import { RingDriver } from "./ring-driver.js";
import { Lookups } from "./routing/lookups.js";
import { Relays } from "./routing/relays.js";
import { Router } from "./routing/router.js";
import { ServedQuestions } from "./served-questions.js";

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

/** What a find adds to the whisper that it brings, at most: a body's fixed fields, a position, ids to avoid. */
const wrappingBytes = 1_024;

export class Participant implements Protocol {
  readonly features: readonly string[];
  readonly subtypes: readonly number[] = ringSubtypes;
  readonly ring: Ring;
  readonly router: Router;
  readonly book: ContactBook;
  readonly links: Links;
  readonly asks: Asks;
  readonly lookups: Lookups;
  readonly driver: RingDriver;
  readonly #node: Node;
  readonly #listener: ParticipantListener;
  readonly #bootstrap: Bootstrap;
  readonly #relays: Relays;
  readonly #incoming: Incoming;
  /** Nodes at bootstrap addresses that have not told their standing yet. */
  readonly #lookIns = new Set<NodeId>();
  #requestId = 0;

  constructor(node: Node, limits: ChordLimits, bootstrap: readonly string[], listener: ParticipantListener) {
    const { clock, random, names, transports, proofs } = node.seams;
    this.features = proofs === undefined ? [chordFeature] : [chordFeature, ownedFeature];
    this.#node = node;
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
    const deliveries = new Deliveries(node);
    this.#relays = new Relays(
      {
        ring,
        router,
        links: links.all,
        nextRequestId,
        monotonic: () => clock.monotonic(),
        nameOf: (position) => names.toText(position),
        deliver: (payload) => deliveries.take(payload),
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
    this.#incoming = new Incoming({
      ring,
      router,
      asks: this.asks,
      lookups: this.lookups,
      relays: this.#relays,
      driver: this.driver,
      questions: new ServedQuestions(limits.maxPerPeer, (from, question, answer) =>
        listener.question(from, question, answer),
      ),
      readContactFrom: (link) => this.#readContactFrom(link),
      monotonic: () => clock.monotonic(),
      stood: (link) => {
        if (this.#lookIns.delete(link.id)) this.#lookIn(link.id);
      },
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
      this.#incoming.take(link, body.items);
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
