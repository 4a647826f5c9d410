// Who is connected: one open connection for each node, and those that stand by for it [BASE-060] [BASE-064].
import type { NodeId } from "@p2p/wire";
import type { Link } from "../connection/link.js";

export class Directory {
  readonly #open = new Map<NodeId, Link>();
  /** Connections that end when the one with the same node has shown life. */
  readonly #standbys = new Map<NodeId, Link[]>();

  get size(): number {
    return this.#open.size;
  }

  /** The open connections. */
  values(): IterableIterator<Link> {
    return this.#open.values();
  }

  get(id: NodeId): Link | undefined {
    return this.#open.get(id);
  }

  /** A connection is up. @returns the one whose place it took */
  opened(link: Link): Link | undefined {
    const old = this.#open.get(link.id);
    this.#open.set(link.id, link);
    return old;
  }

  /** Keeps a connection until the one that is to stay has shown life. */
  standBy(link: Link): void {
    const waiting = this.#standbys.get(link.id);
    if (waiting === undefined) this.#standbys.set(link.id, [link]);
    else waiting.push(link);
    this.#open.get(link.id)?.askForProof();
  }

  /** The connection that is to stay has shown life: the others go. */
  proven(link: Link): void {
    for (const other of this.#takeStandbys(link.id)) other.apply("settled");
  }

  /** An open connection is over: one that stands by takes its place. */
  left(link: Link): void {
    this.#open.delete(link.id);
    for (const other of this.#takeStandbys(link.id)) {
      if (other.state !== "standby") continue;
      if (this.#open.has(other.id)) this.standBy(other);
      else other.apply("promoted");
    }
  }

  /** Takes out all that stand by. */
  takeAllStandbys(): readonly Link[] {
    const all = [...this.#standbys.values()].flat();
    this.#standbys.clear();
    return all;
  }

  #takeStandbys(id: NodeId): readonly Link[] {
    const waiting = this.#standbys.get(id) ?? [];
    this.#standbys.delete(id);
    return waiting;
  }
}
