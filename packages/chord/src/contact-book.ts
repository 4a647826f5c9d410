// The nodes that this one has heard of: one object each, so that an id is turned to text and addresses are judged once.
// [CHORD-003] [CHORD-004]
import { isDialable } from "@p2p/base";
import type { NodeId, NodeIdCache } from "@p2p/wire";
import type { Contact } from "./ring/contact.js";

const capacity = 4_096;
/** Addresses of one node that are read; more are ignored. */
const maxAddresses = 4;

export class ContactBook {
  readonly #names: NodeIdCache;
  readonly #schemes: readonly string[];
  readonly #contacts = new Map<NodeId, Contact>();

  /** @param schemes what can be dialled */
  constructor(names: NodeIdCache, schemes: readonly string[]) {
    this.#names = names;
    this.#schemes = schemes;
  }

  get(id: NodeId): Contact | undefined {
    return this.#contacts.get(id);
  }

  /** Notes where a node can be dialled. `fromLocal`: whether the one that tells it is on this machine. */
  note(position: Uint8Array, addresses: readonly string[], fromLocal: boolean): Contact {
    const id = this.#names.toText(position);
    const known = this.#contacts.get(id);
    if (known !== undefined && (addresses.length === 0 || isSame(known.addresses, addresses))) return known;
    const dialable = addresses.slice(0, maxAddresses).filter((each) => isDialable(each, this.#schemes, fromLocal));
    if (known !== undefined && dialable.length === 0) return known;
    // A copy: the bytes are a view of what was received, all of which would be kept.
    const contact: Contact = { id, position: known?.position ?? new Uint8Array(position), addresses: dialable };
    this.#contacts.delete(id);
    this.#contacts.set(id, contact);
    if (this.#contacts.size > capacity) this.#forgetOldest();
    return contact;
  }

  #forgetOldest(): void {
    for (const id of this.#contacts.keys()) {
      this.#contacts.delete(id);
      return;
    }
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
