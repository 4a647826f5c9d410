// Keys of senders, prepared for verifying: deriving the id of a key and importing it cost a fifth of a verification [SEC-072]. With
// each the roots that it signed last: a batch of messages costs one verification [SEC-087].
import { type NodeId, nodeIdToBytes } from "@p2p/wire";
import { verifyingKey } from "#ed25519";
import { nodeIdOfKey } from "../identity/node-id.js";
import type { VerifyingKey } from "../primitives/primitives.js";
import { isEqual } from "../secrets/is-equal.js";
import { SignedRoots } from "./signed-roots.js";

export interface KnownKey {
  readonly publicKey: Uint8Array;
  readonly key: VerifyingKey;
  readonly roots: SignedRoots;
}

/** Keys whose ids were derived, by id; the one that was not used longest goes first. */
export class KnownKeys {
  readonly #maxKeys: number;
  readonly #known = new Map<NodeId, KnownKey>();

  constructor(maxKeys = 1_024) {
    this.#maxKeys = maxKeys;
  }

  get size(): number {
    return this.#known.size;
  }

  /** The key, if its id is the sender's. Keep it by {@link keep} once a signature held: what is forged pushes none out. */
  keyOf(sender: NodeId, publicKey: Uint8Array): KnownKey | undefined {
    const known = this.#known.get(sender);
    // There is no second key for an id that was derived from one.
    if (known !== undefined) return isEqual(known.publicKey, publicKey) ? known : undefined;
    if (!isEqual(nodeIdToBytes(nodeIdOfKey(publicKey)), nodeIdToBytes(sender))) return undefined;
    return { publicKey: publicKey.slice(), key: verifyingKey(publicKey), roots: new SignedRoots() };
  }

  keep(sender: NodeId, key: KnownKey): void {
    this.#known.delete(sender);
    this.#known.set(sender, key);
    if (this.#known.size <= this.#maxKeys) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}
