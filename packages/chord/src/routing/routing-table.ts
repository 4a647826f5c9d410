// The members that this node has links to, in the order of the circle. [CHORD-042]
import { comparePositions } from "../ring/arc.js";
import type { Contact } from "../ring/contact.js";

export class RoutingTable {
  readonly #sorted: Contact[] = [];

  get size(): number {
    return this.#sorted.length;
  }

  get contacts(): readonly Contact[] {
    return this.#sorted;
  }

  add(contact: Contact): void {
    const index = this.#indexOf(contact.position);
    if (this.#sorted[index]?.id === contact.id) this.#sorted[index] = contact;
    else this.#sorted.splice(index, 0, contact);
  }

  remove({ id, position }: Contact): void {
    const index = this.#indexOf(position);
    if (this.#sorted[index]?.id === id) this.#sorted.splice(index, 1);
  }

  /** The one at `steps` clockwise from the first one at or after the position; negative: before it. */
  at(position: Uint8Array, steps: number): Contact | undefined {
    const { length } = this.#sorted;
    return length === 0 ? undefined : this.#sorted[(((this.#indexOf(position) + steps) % length) + length) % length];
  }

  /** The first index whose position is not below. */
  #indexOf(position: Uint8Array): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const contact = this.#sorted[middle];
      if (contact !== undefined && comparePositions(contact.position, position) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
