// The fingers: members at distances that double, so that each hop of a lookup halves the way. [CHORD-030 to CHORD-033]
import type { NodeId } from "@p2p/wire";
import { arcFraction, plusPowerOfTwo } from "./arc.js";
import type { Contact } from "./contact.js";

const bits = 384;

export class Fingers {
  readonly #self: Contact;
  readonly #byExponent = new Map<number, Contact>();
  /** The exponent that was looked up last. */
  #last = bits;

  constructor(self: Contact) {
    this.#self = self;
  }

  /** Each node once. */
  get contacts(): readonly Contact[] {
    return [...new Map([...this.#byExponent.values()].map((each) => [each.id, each])).values()];
  }

  get size(): number {
    return this.#byExponent.size;
  }

  /**
   * The exponent to look up next, going down and round. Only those that reach beyond the successors count: the nearer
   * ones would be successors again.
   */
  next(successors: readonly Contact[]): number | undefined {
    const lowest = this.#lowest(successors);
    if (lowest >= bits) return undefined;
    this.#last = this.#last <= lowest ? bits - 1 : this.#last - 1;
    return this.#last;
  }

  /** Whether there is none yet for an exponent that counts. */
  isIncomplete(successors: readonly Contact[]): boolean {
    return this.#byExponent.size < bits - this.#lowest(successors);
  }

  position(exponent: number): Uint8Array {
    return plusPowerOfTwo(this.#self.position, exponent);
  }

  /** @returns whether the fingers are others now */
  set(exponent: number, contact: Contact, successors: readonly Contact[]): boolean {
    const lowest = this.#lowest(successors);
    for (const each of this.#byExponent.keys()) if (each < lowest) this.#byExponent.delete(each);
    const old = this.#byExponent.get(exponent);
    if (exponent < lowest || contact.id === this.#self.id) return false;
    this.#byExponent.set(exponent, contact);
    return old?.id !== contact.id;
  }

  /** @returns the exponents that lost their finger */
  drop(id: NodeId): number[] {
    const lost: number[] = [];
    for (const [exponent, contact] of this.#byExponent) if (contact.id === id) lost.push(exponent);
    for (const exponent of lost) this.#byExponent.delete(exponent);
    return lost;
  }

  clear(): void {
    this.#byExponent.clear();
    this.#last = bits;
  }

  /** The least exponent whose position is beyond the last successor. */
  #lowest(successors: readonly Contact[]): number {
    const last = successors.at(-1);
    if (last === undefined) return bits;
    const fraction = arcFraction(this.#self.position, last.position);
    // 2^e / 2^384 > fraction. Rings in which that is no double have more members than there are atoms.
    return fraction === 0 ? 0 : Math.max(0, Math.floor(bits + Math.log2(fraction)) + 1);
  }
}
