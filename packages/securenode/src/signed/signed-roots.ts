// The last roots that a sender signed, so that each is verified once [SEC-087]. Only what was verified comes in, and each sender
// has its own: whoever forges, or signs much, pushes out nothing of others.
import { isEqual } from "../secrets/is-equal.js";

/** Batches of one sender that may be on their way at once. */
const maxRoots = 8;

interface SignedRoot {
  readonly root: Uint8Array;
  readonly signature: Uint8Array;
}

export class SignedRoots {
  /** The newest first. */
  readonly #roots: SignedRoot[] = [];

  /** Whether this very signature of this root was verified: with another one, others would refuse the message. */
  has(root: Uint8Array, signature: Uint8Array): boolean {
    return this.#roots.some((known) => isEqual(known.root, root) && isEqual(known.signature, signature));
  }

  /** Remembers what was verified. */
  add(root: Uint8Array, signature: Uint8Array): void {
    this.#roots.unshift({ root: root.slice(), signature: signature.slice() });
    if (this.#roots.length > maxRoots) this.#roots.pop();
  }
}
