// The ways that a message can take to a node: a connection, the router of a network, a temporary connection [BASE-244].
import { type NodeId, parseNodeId, type WireValue } from "@p2p/wire";
import type { Connection } from "../connection/connection.js";
import type { Dialer } from "../dialling/dialer.js";
import type { Hub } from "../dialling/hub.js";
import { BaseError } from "../errors.js";
import { orAborted } from "../runtime/waiters.js";
import type { Protocols } from "./protocols.js";

/** Nodes that do not get a message, by id or connection. */
export type Excluded = readonly (NodeId | Connection)[];

export function isExcluded(id: NodeId, exclude: Excluded): boolean {
  return exclude.some((other) => (typeof other === "string" ? other : other.id) === id);
}

export class Sending {
  readonly #hub: Hub;
  readonly #dialer: Dialer;
  readonly #protocols: Protocols;
  readonly #closing: AbortSignal;
  /** What the next one waits for who sends over a connection that has no room. */
  readonly #lines = new WeakMap<Connection, Promise<void>>();

  /** @param closing aborts when the node closes */
  constructor(hub: Hub, dialer: Dialer, protocols: Protocols, closing: AbortSignal) {
    this.#hub = hub;
    this.#dialer = dialer;
    this.#protocols = protocols;
    this.#closing = closing;
  }

  /** Resolves when it is queued and there is room for more. @throws BaseError `connection-closed`; `signal.reason` */
  async over(connection: Connection, items: readonly WireValue[], signal?: AbortSignal): Promise<void> {
    if (connection.isOpen && connection.sendWhisper(items)) return;
    // Throws when it is closed.
    await connection.drained(signal);
  }

  /**
   * As over, for callers who may be many: while there is no room, they wait in the order of asking [BASE-070] instead of
   * piling up messages until the peer counts as slow.
   */
  async inTurn(connection: Connection, items: readonly WireValue[], signal?: AbortSignal): Promise<void> {
    const earlier = this.#lines.get(connection);
    if (earlier === undefined && connection.bufferedBytes < this.#hub.limits.sendBufferBytes) {
      return this.over(connection, items, signal);
    }
    const turn = this.#after(earlier, connection, items, signal);
    const line = turn.catch(() => undefined);
    this.#lines.set(connection, line);
    void line.then(() => {
      if (this.#lines.get(connection) === line) this.#lines.delete(connection);
    });
    return signal === undefined ? turn : orAborted(turn, signal);
  }

  async #after(
    earlier: Promise<void> | undefined,
    connection: Connection,
    items: readonly WireValue[],
    signal?: AbortSignal,
  ): Promise<void> {
    await earlier;
    signal?.throwIfAborted();
    if (connection.bufferedBytes >= this.#hub.limits.sendBufferBytes) await connection.drained(signal);
    return this.over(connection, items, signal);
  }

  /** As toNode; to a neighbour in turn. */
  async toNodeInTurn(to: NodeId, items: readonly WireValue[], signal?: AbortSignal): Promise<void> {
    const connection = this.#hub.connectionTo(to);
    return connection === undefined ? this.toNode(to, items, signal) : this.inTurn(connection, items, signal);
  }

  /** By connection, else through a network. @throws BaseError `not-connected`; WireError `bad-node-id`; and as over */
  async toNode(to: NodeId, items: readonly WireValue[], signal?: AbortSignal): Promise<void> {
    const connection = this.#hub.connectionTo(to);
    if (connection !== undefined) return this.over(connection, items, signal);
    parseNodeId(to);
    const body = this.#hub.routedWhisper(to, items);
    const routed = this.#protocols.route(to, body);
    if (routed === undefined) {
      const text = `no connection to ${to}, and no network that routes; dial one of its addresses`;
      throw new BaseError("not-connected", text, { peer: to });
    }
    await routed;
  }

  /**
   * To every neighbour that is not excluded and takes a message as long. Resolves when there is room for more at all of
   * them; those that go away meanwhile do not matter. @returns to how many @throws `signal.reason`
   */
  async toAll(items: readonly WireValue[], exclude: Excluded, signal?: AbortSignal): Promise<number> {
    const { connections } = this.#hub;
    const frame = this.#hub.whisper(items);
    const slow: Promise<void>[] = [];
    let count = 0;
    for (const connection of [...connections]) {
      if (isExcluded(connection.id, exclude) || frame.length - 4 > connection.maxFrameBytes) continue;
      count++;
      if (!connection.sendFrame(frame) && connection.isOpen) slow.push(connection.drained(signal));
    }
    await Promise.allSettled(slow);
    signal?.throwIfAborted();
    return count;
  }

  /** As toNode; failing that, by a temporary connection to one of the addresses, whose id must be `to` [BASE-248]. */
  async toNodeAt(to: NodeId, addresses: readonly string[], items: readonly WireValue[]): Promise<void> {
    let failure: unknown = new BaseError("not-connected", `no connection to ${to}, and no address of it`, { peer: to });
    if (this.#hub.connectionTo(to) !== undefined || this.#protocols.canRoute) {
      try {
        return await this.toNode(to, items);
      } catch (error) {
        // What cannot be encoded goes no other way either.
        if (!(error instanceof BaseError)) throw error;
        failure = error;
      }
    }
    for (const address of addresses) {
      try {
        const pinned = `${address.replace(/#.*$/, "")}#${to}`;
        const connection = await this.#dialer.dial(pinned, { isTemporary: true, signal: this.#closing });
        return await this.over(connection, items, this.#closing);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }
}
