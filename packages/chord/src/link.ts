// A neighbour: its connection, and what this node remembers of it while it lasts. [CHORD-043] [CHORD-047]
import { BaseError, type Connection, isLocalAddress } from "@p2p/base";
import type { NodeId, WireValue } from "@p2p/wire";
import type { Standing } from "./messages/standing.js";
import type { Contact } from "./ring/contact.js";
import { RoundTrip } from "./round-trip.js";

const timeouts = { firstMs: 2_000, leastMs: 500, mostMs: 8_000 } as const;

export class Link {
  readonly id: NodeId;
  readonly contact: Contact;
  readonly connection: Connection;
  /** Whether the peer is on this machine, so that its local addresses mean something. */
  readonly isLocal: boolean;
  readonly roundTrip: RoundTrip = new RoundTrip(timeouts);
  /** What the peer told of itself; undefined until it did. */
  standing: Standing | undefined;
  /** Lookups that it passed to this node, and that are not answered. */
  finds = 0;
  /** When it was asked for a sign of life as it seemed silent, monotonic ms. */
  doubtedAtMs: number = Number.NEGATIVE_INFINITY;
  /** Hints and notices that may still come, as of `allowedAtMs`. */
  #allowed = burst;
  #allowedAtMs: number;
  /** Of the last lookup or question of this node; those by which the ring looks after itself do not count. Monotonic ms. */
  usedAtMs: number;

  constructor(connection: Connection, contact: Contact, nowMs: number) {
    this.id = connection.id;
    this.contact = contact;
    this.connection = connection;
    this.isLocal = isLocalAddress(connection.remoteAddress);
    this.usedAtMs = nowMs;
    this.#allowedAtMs = nowMs;
  }

  /** Frames that came from it: a sign of life. */
  get received(): number {
    return this.connection.counters.messagesIn;
  }

  /** @returns whether it is on its way */
  send(items: readonly WireValue[]): boolean {
    try {
      // Without room it is queued nonetheless; a peer that never reads is dropped by base.
      this.connection.sendWhisper(items);
      return this.connection.isOpen;
    } catch (error) {
      // The peer takes no message as long: for it, this is as good as a lost one.
      if (error instanceof BaseError && error.code === "message-too-large") return false;
      throw error;
    }
  }

  /** Counts what a member need not send often. @returns whether it is within the rate */
  takes(nowMs: number): boolean {
    this.#allowed = Math.min(burst, this.#allowed + ((nowMs - this.#allowedAtMs) / 1_000) * perSecond);
    this.#allowedAtMs = nowMs;
    if (this.#allowed < 1) return false;
    this.#allowed--;
    return true;
  }
}

/** Hints, notices and farewells of one peer that are heeded at once, and a second. */
const burst = 20;
const perSecond = 5;
