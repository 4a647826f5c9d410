// Where a lookup goes from here: it is this node's own, or goes to a linked member nearer to the position. [CHORD-042 to CHORD-046]
import type { NodeId } from "@p2p/wire";
import { isBetween, isOnArc } from "../ring/arc.js";
import type { Contact } from "../ring/contact.js";
import type { Ring } from "../ring/ring.js";
import { RoutingTable } from "./routing-table.js";

/** `own`: this node answers. Else the next one, and whether it is taken for the owner. */
export type Route = "own" | { readonly to: Contact; readonly isForOwner: boolean } | undefined;

export class Router {
  readonly table: RoutingTable = new RoutingTable();
  readonly #ring: Ring;
  /** Members that did not answer in time: the last to be chosen. */
  readonly #suspects = new Set<NodeId>();

  constructor(ring: Ring) {
    this.#ring = ring;
  }

  suspect(id: NodeId): void {
    this.#suspects.add(id);
  }

  /** There is a sign of life, or nothing more to expect. */
  clear(id: NodeId): void {
    this.#suspects.delete(id);
  }

  /**
   * @param isForOwner whether this node was taken for the owner
   * @param avoid whom not to choose
   */
  route(position: Uint8Array, isForOwner: boolean, avoid: readonly NodeId[]): Route {
    const { self, neighbours, role, far } = this.#ring;
    if (role === "member" && this.#isOwn(position, isForOwner)) return "own";
    const last = neighbours.linked.at(-1);
    const isNear = last !== undefined && isOnArc(self.position, position, last.position);
    if (!isNear && !isForOwner && far.circle.members === undefined) {
      const preceding = this.#preceding(position, avoid);
      if (preceding !== undefined) return { to: preceding, isForOwner: false };
    }
    const owner = this.#from(position, avoid);
    return owner === undefined ? undefined : { to: owner, isForOwner: true };
  }

  #isOwn(position: Uint8Array, isForOwner: boolean): boolean {
    const { self } = this.#ring;
    const { predecessor, head } = this.#ring.neighbours;
    if (predecessor !== undefined) {
      if (isOnArc(predecessor.position, position, self.position)) return true;
      // The predecessor is gone: until a new one is known, what is brought here is this node's.
      return isForOwner && !this.#isLinked(predecessor);
    }
    return head === undefined || isForOwner;
  }

  #isLinked({ id, position }: Contact): boolean {
    return this.table.at(position, 0)?.id === id;
  }

  /** The first linked member at or after the position, this node excepted: who is believed to own it. */
  #from(position: Uint8Array, avoid: readonly NodeId[]): Contact | undefined {
    const { self, role } = this.#ring;
    let suspected: Contact | undefined;
    for (let step = 0; step < this.table.size; step++) {
      const contact = this.table.at(position, step);
      if (contact === undefined) break;
      // Beyond this node itself there is nobody nearer.
      if (role === "member" && step > 0 && isBetween(position, self.position, contact.position)) break;
      if (avoid.includes(contact.id)) continue;
      if (!this.#suspects.has(contact.id)) return contact;
      suspected ??= contact;
    }
    return suspected;
  }

  /** The last linked member before the position, after this node. */
  #preceding(position: Uint8Array, avoid: readonly NodeId[]): Contact | undefined {
    const { self } = this.#ring;
    let suspected: Contact | undefined;
    for (let step = 1; step <= this.table.size; step++) {
      const contact = this.table.at(position, -step);
      if (contact === undefined || !isBetween(self.position, contact.position, position)) break;
      if (avoid.includes(contact.id)) continue;
      if (!this.#suspects.has(contact.id)) return contact;
      suspected ??= contact;
    }
    return suspected;
  }
}
