// The nodes that this one has heard of: one object each, so that an id is turned to text and addresses are judged once.
// [CHORD-003] [CHORD-004]
import { type BudgetAccount, isDialable } from "@p2p/base";
import type { NodeId, NodeIdCache } from "@p2p/wire";
import type { Contact } from "./ring/contact.js";

const capacity = 4_096;
/** Rough memory of a contact besides its addresses, and of each of these besides its letters, in bytes. */
const contactBytes = 400;
const addressBytes = 32;
/** Addresses of one node that are read; more are ignored. */
const maxAddresses = 4;

export class ContactBook {
  readonly #names: NodeIdCache;
  readonly #schemes: readonly string[];
  readonly #contacts = new Map<NodeId, Contact>();
  readonly #account: BudgetAccount;
  #bytes = 0;

  /** @param schemes what can be dialled @param account of the node's memory budget */
  constructor(names: NodeIdCache, schemes: readonly string[], account: BudgetAccount) {
    this.#names = names;
    this.#schemes = schemes;
    this.#account = account;
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
    // Copies: the bytes are a view of what was received, all of which would be kept; what was filtered has room for 17.
    const contact: Contact = { id, position: known?.position ?? new Uint8Array(position), addresses: dialable.slice() };
    this.#forget(id);
    this.#contacts.set(id, contact);
    this.#bytes += sizeOf(contact);
    if (this.#contacts.size > capacity) this.#forgetOldest();
    // Where there is no room, those noted long ago go, and at last this one: who asked has it.
    while (!this.#account.hold(this.#bytes)) this.#forgetOldest();
    return contact;
  }

  close(): void {
    this.#contacts.clear();
    this.#bytes = 0;
    this.#account.releaseAll();
  }

  #forgetOldest(): void {
    const [oldest] = this.#contacts.keys();
    if (oldest !== undefined) this.#forget(oldest);
  }

  #forget(id: NodeId): void {
    const contact = this.#contacts.get(id);
    if (contact === undefined) return;
    this.#contacts.delete(id);
    this.#bytes -= sizeOf(contact);
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

function sizeOf({ addresses }: Contact): number {
  return addresses.reduce((sum, each) => sum + addressBytes + each.length, contactBytes);
}
