// The links of a node: those that the ring wants, and strangers, which are dialled on demand and kept a while. [CHORD-043 to CHORD-045]
import { type Connection, isLocalAddress, type Node } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import type { ContactBook } from "./contact-book.js";
import { Link } from "./link.js";
import type { Contact } from "./ring/contact.js";

/** Called with the link, or without one when the node is not to be reached. */
export type OnReached = (link: Link | undefined) => void;

/** Links of own dialling that nobody wants, beyond which the one used longest ago is closed. */
const maxStrangers = 32;
/** How long a link that nobody wants is kept after its last use, in ms: where there are many, at least; else, at most. */
const strangerMs = { atLeast: 10_000, atMost: 45_000 } as const;

export class Links {
  readonly all: Map<NodeId, Link> = new Map();
  readonly #node: Node;
  readonly #book: ContactBook;
  #isClosed = false;
  readonly #dialling = new Map<NodeId, OnReached[]>();
  /** Connections that this node made for the ring, and not the application for itself. */
  readonly #lent = new WeakSet<Connection>();

  constructor(node: Node, book: ContactBook) {
    this.#node = node;
    this.#book = book;
  }

  get dialling(): number {
    return this.#dialling.size;
  }

  connected(connection: Connection): { readonly link: Link; readonly old: Link | undefined } {
    const old = this.all.get(connection.id);
    const isLocal = isLocalAddress(connection.remoteAddress);
    const contact = this.#book.note(connection.idBytes, connection.addresses, isLocal);
    const link = new Link(connection, contact, this.#node.seams.clock.monotonic());
    this.all.set(link.id, link);
    if (this.#dialling.has(link.id)) this.lend(link);
    return { link, old };
  }

  /** The link was made for the ring: it may be closed when the ring has no use for it. */
  lend({ connection }: Link): void {
    if (connection.direction === "outbound") this.#lent.add(connection);
  }

  /** @returns the link that is over */
  disconnected(connection: Connection): Link | undefined {
    const link = this.all.get(connection.id);
    if (link === undefined || link.connection !== connection) return undefined;
    this.all.delete(link.id);
    return link;
  }

  isDialling(id: NodeId): boolean {
    return this.#dialling.has(id);
  }

  /** Gives the link to a node, at once if there is one; else dials it. */
  reach(contact: Contact, onReached: OnReached): void {
    const link = this.all.get(contact.id);
    if (link !== undefined) {
      onReached(link);
      return;
    }
    const waiting = this.#dialling.get(contact.id);
    if (waiting !== undefined) {
      waiting.push(onReached);
      return;
    }
    this.#dialling.set(contact.id, [onReached]);
    void this.#dial(contact);
  }

  /** Closes links of own dialling that are neither wanted nor used. */
  prune(wanted: ReadonlySet<NodeId>, nowMs: number): void {
    const strangers = [...this.all.values()].filter(
      ({ id, connection, usedAtMs }) =>
        this.#lent.has(connection) && !wanted.has(id) && nowMs - usedAtMs > strangerMs.atLeast,
    );
    strangers.sort((a, b) => a.usedAtMs - b.usedAtMs);
    for (const [index, { connection, usedAtMs }] of strangers.entries()) {
      if (index < strangers.length - maxStrangers || nowMs - usedAtMs > strangerMs.atMost) void connection.close();
    }
  }

  /** Dials no more. */
  close(): void {
    this.#isClosed = true;
  }

  async #dial(contact: Contact): Promise<void> {
    const known = this.#book.get(contact.id)?.addresses ?? [];
    for (const address of new Set([...known, ...contact.addresses])) {
      if (this.#isClosed || this.all.has(contact.id)) break;
      try {
        // Pinned: another node that answers there is not the one meant.
        await this.#node.dial(`${address}#${contact.id}`);
        break;
      } catch {
        // The next address; without one, who waits is told.
      }
    }
    const waiting = this.#dialling.get(contact.id) ?? [];
    this.#dialling.delete(contact.id);
    const link = this.all.get(contact.id);
    for (const onReached of waiting) onReached(link);
  }
}
