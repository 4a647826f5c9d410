// Keys that two claim: the owner is shown who else does, and writes again; neighbours are shown the lease that they write
// over. [SYNC-048] [SYNC-049] [SYNC-054] [SYNC-094]
import type { Mesh } from "@p2p/mesh";
import { type Body, type NodeId, WireError, type WireValue } from "@p2p/wire";
import { SyncError } from "./errors.js";
import { decodeContender, encodeContender } from "./messages/notices.js";
import { Notices } from "./notices.js";
import type { TableRecord } from "./record/record.js";
import type { Replica } from "./replica.js";

/** How long after it was shown a lease a neighbour may write over it without blame: its writes may be on their way. */
const stubbornMs = 10_000;
/** The type of requests by which a node that is no neighbour is shown a contender. */
const contenderType = "sync/1:contender";

export class Disputes {
  readonly #mesh: Mesh;
  readonly #replica: Replica;
  /** Owners that were shown a contender, by key. */
  readonly #notices = new Notices(60_000);
  /** Own keys that were asserted again: a rude peer must not make this node as loud as itself. */
  readonly #assertions = new Notices(5_000);
  /** Own keys with a contender that wait for that. */
  readonly #unasserted = new Set<string>();
  /** When neighbours were shown a lease that they had written over, monotonic ms. */
  readonly #shownMs = new Map<NodeId, number>();

  constructor(mesh: Mesh, replica: Replica) {
    this.#mesh = mesh;
    this.#replica = replica;
    if (replica.leaseMs !== undefined) mesh.handle(contenderType, ({ data }) => this.#asked(data));
  }

  /** A record was refused for the lease on its key: its owner is to know. */
  contended(key: string, contender: TableRecord): void {
    const current = this.#replica.table.get(key);
    if (current === undefined) return;
    if (current.origin === this.#mesh.id) {
      if (this.#assertions.isDue(key, this.#nowMs)) this.#replica.upkeep.reassert(key, contender);
      else this.#unasserted.add(key);
      return;
    }
    const { origin: owner } = current;
    if (!this.#notices.isDue(key, this.#nowMs)) return;
    const neighbour = this.#mesh.node.connectionTo(owner);
    const items = encodeContender([key, contender]);
    if (neighbour !== undefined) neighbour.sendWhisper(items);
    // Whoever cannot be reached will be told by others, or when it is back.
    else if (this.#mesh.node.isOpen) this.#mesh.request(owner, items, { type: contenderType }).catch(() => undefined);
  }

  /**
   * A neighbour's own write was refused for the lease on the key: it is shown the lease.
   * @returns whether it was shown it long enough ago to know better [SYNC-054]
   */
  isStubborn(via: NodeId, key: string): boolean {
    const current = this.#replica.table.get(key);
    if (current === undefined) return false;
    const shownMs = this.#shownMs.get(via);
    if (shownMs !== undefined) return this.#nowMs - shownMs >= stubbornMs;
    const neighbour = this.#mesh.node.connectionTo(via);
    if (neighbour === undefined) return false;
    this.#shownMs.set(via, this.#nowMs);
    neighbour.sendWhisper(encodeContender([key, current]));
    return false;
  }

  /** A neighbour is gone, and what it was shown with it. */
  left(id: NodeId): void {
    this.#shownMs.delete(id);
  }

  /** A contender, or a lease, is shown to this node. @throws SyncError `bad-message` */
  shown(items: Body["items"], via?: NodeId): void {
    if (this.#replica.leaseMs === undefined) return;
    const [key, record] = decodeContender(items);
    this.#replica.receiver.mergeTold(key, record, this.#replica.clock.physicalUs(), via);
  }

  /** Asserts own leases for which it was too early before. To be called about every second. */
  tick(): void {
    for (const key of this.#unasserted) {
      const contender = this.#replica.table.contender(key);
      if (contender !== undefined && !this.#assertions.isDue(key, this.#nowMs)) continue;
      this.#unasserted.delete(key);
      if (contender !== undefined) this.#replica.upkeep.reassert(key, contender);
    }
  }

  /** A node that is no neighbour shows a contender. What is none is dropped. */
  #asked(data: WireValue): null {
    try {
      if (Array.isArray(data)) this.shown(data);
    } catch (error) {
      if (!(error instanceof SyncError || error instanceof WireError)) throw error;
    }
    return null;
  }

  get #nowMs(): number {
    return this.#mesh.node.seams.clock.monotonic();
  }
}
