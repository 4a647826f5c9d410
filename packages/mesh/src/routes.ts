// Learned routes: the link over which somebody's message came first is the way back to them. [MESH-062]
import type { NodeId } from "@p2p/wire";

/** Towards whom, over which link. Bounded; what was learned longest ago goes first. */
export class Routes {
  readonly #links = new Map<NodeId, NodeId>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#links.size;
  }

  learn(towards: NodeId, link: NodeId): void {
    if (this.#links.get(towards) === link) return;
    this.#links.delete(towards);
    this.#links.set(towards, link);
    if (this.#links.size <= this.#capacity) return;
    for (const oldest of this.#links.keys()) {
      this.#links.delete(oldest);
      break;
    }
  }

  get(towards: NodeId): NodeId | undefined {
    return this.#links.get(towards);
  }

  forget(towards: NodeId): void {
    this.#links.delete(towards);
  }

  /** The link is gone, and every route over it. */
  forgetLink(link: NodeId): void {
    for (const [towards, over] of this.#links) if (over === link) this.#links.delete(towards);
  }
}
