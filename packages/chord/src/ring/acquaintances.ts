// Members that were known once and are not near: through them a ring that was split finds its other part. [CHORD-034]
import type { NodeId } from "@p2p/wire";
import type { Contact } from "./contact.js";

interface Entry {
  readonly contact: Contact;
  failures: number;
}

const capacity = 64;
/** After so many failures in a row a node is forgotten. */
const maxFailures = 30;

export class Acquaintances {
  readonly #entries = new Map<NodeId, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  /** Known now, and so the last to be forgotten. */
  add(contact: Contact): void {
    this.#entries.delete(contact.id);
    this.#entries.set(contact.id, { contact, failures: 0 });
    if (this.#entries.size <= capacity) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  has(id: NodeId): boolean {
    return this.#entries.has(id);
  }

  forget(id: NodeId): void {
    this.#entries.delete(id);
  }

  /** It could not be reached. */
  failed(id: NodeId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.failures++;
    if (entry.failures >= maxFailures) this.#entries.delete(id);
  }

  /** One of them by chance. */
  pick(random: () => number): Contact | undefined {
    let skip = Math.floor(random() * this.#entries.size);
    for (const { contact } of this.#entries.values()) if (skip-- <= 0) return contact;
    return undefined;
  }
}
