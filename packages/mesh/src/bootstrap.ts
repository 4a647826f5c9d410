// The bootstrap addresses: dialled to join, again with backoff while the node is alone, and rarely ever after.
// [MESH-027]
import type { NodeId } from "@p2p/wire";
import type { DialOutcome } from "./view-events.js";

interface Place {
  readonly address: string;
  /** Who answered there. */
  id: NodeId | undefined;
  isDialling: boolean;
  failures: number;
  /** When a lonely node dials again. */
  retryAtMs: number;
  /** When a node with links looks in again, so that networks that were split find one another. */
  probeAtMs: number;
}

const retryDelaysMs = [1_000, 5_000, 15_000, 60_000, 600_000] as const;
const probeEveryMs = 600_000;

export class BootstrapList {
  readonly #places: Place[];
  readonly #random: () => number;

  constructor(addresses: readonly string[], random: () => number) {
    this.#random = random;
    this.#places = [...new Set(addresses)].map((address) => ({
      address,
      id: undefined,
      isDialling: false,
      failures: 0,
      retryAtMs: Number.NEGATIVE_INFINITY,
      probeAtMs: Number.NEGATIVE_INFINITY,
    }));
  }

  /** Addresses to dial now; they count as being dialled until `dialled` is called for each. */
  due(isAlone: boolean, links: ReadonlyMap<NodeId, unknown>, nowMs: number): string[] {
    const addresses: string[] = [];
    for (const place of this.#places) {
      if (place.isDialling || (place.id !== undefined && links.has(place.id))) continue;
      if (nowMs < (isAlone ? place.retryAtMs : place.probeAtMs)) continue;
      place.isDialling = true;
      addresses.push(place.address);
    }
    return addresses;
  }

  dialled(address: string, outcome: DialOutcome, nowMs: number): void {
    const place = this.#places.find((each) => each.address === address);
    if (place === undefined) return;
    place.isDialling = false;
    place.probeAtMs = nowMs + this.#jittered(probeEveryMs);
    if (outcome.kind === "connected") {
      place.id = outcome.id;
      place.failures = 0;
      place.retryAtMs = nowMs + this.#jittered(retryDelaysMs[0]);
      return;
    }
    const last = retryDelaysMs[retryDelaysMs.length - 1] as number;
    const delayMs = outcome.kind === "unfit" ? last : (retryDelaysMs[place.failures] ?? last);
    place.failures += 1;
    place.retryAtMs = nowMs + this.#jittered(delayMs);
  }

  /** A link is gone. A node that is now alone begins its backoff anew. */
  lost(isAlone: boolean, nowMs: number): void {
    if (!isAlone) return;
    for (const place of this.#places) {
      place.failures = 0;
      place.retryAtMs = Math.min(place.retryAtMs, nowMs + this.#jittered(retryDelaysMs[0]));
    }
  }

  #jittered(delayMs: number): number {
    return delayMs * (0.5 + this.#random());
  }
}
