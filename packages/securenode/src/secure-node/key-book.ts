// Public keys of other nodes by their ids: whoever tells one, the id proves it [SEC-235].
import type { NodeId } from "@p2p/wire";
import { nodeIdOfKey } from "../identity/node-id.js";

export class KeyBook {
  readonly #maxKeys: number;
  /** In the order of their last use. */
  readonly #keys = new Map<NodeId, Uint8Array>();

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  /** Remembers a key, 32 bytes. @returns the id that it makes */
  learn(publicKey: Uint8Array): NodeId {
    const id = nodeIdOfKey(publicKey);
    this.#touch(id, publicKey.slice());
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= this.#maxKeys) break;
      this.#keys.delete(oldest);
    }
    return id;
  }

  get(id: NodeId): Uint8Array | undefined {
    const key = this.#keys.get(id);
    if (key !== undefined) this.#touch(id, key);
    return key;
  }

  #touch(id: NodeId, key: Uint8Array): void {
    this.#keys.delete(id);
    this.#keys.set(id, key);
  }
}
