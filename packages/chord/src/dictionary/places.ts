// The five positions of a key on their way to an answer: at each, the owner is asked first, then those after it. [CHORD-205]
import type { NodeId } from "@p2p/wire";
import { positionCount } from "../positions.js";

/** Positions that have to agree, or to hold a write. */
export const majority: number = Math.floor(positionCount / 2) + 1;

/** Nodes that are to hold a write before it is called done, where the ring has so many: any two may die at once. */
export const safeCopies = 3;

type Place =
  | { readonly kind: "unknown" }
  /** The candidate at this index is asked. */
  | { readonly kind: "asking"; readonly candidates: readonly NodeId[]; readonly at: number }
  /** This node stands for the position. */
  | { readonly kind: "settled"; readonly node: NodeId }
  | { readonly kind: "lost" };

/** How a node that may stand for positions has done. */
export type Standing = "good" | "pending" | "bad" | "unasked";

export class Places {
  readonly #places: Place[] = new Array<Place>(positionCount).fill({ kind: "unknown" });
  /** The owner of each, as the lookups had it. */
  readonly #owners: (NodeId | undefined)[] = new Array<NodeId | undefined>(positionCount).fill(undefined);
  readonly #candidates = new Set<NodeId>();
  readonly #maxCandidates: number;

  /** @param maxCandidates nodes that are tried at a position */
  constructor(maxCandidates: number) {
    this.#maxCandidates = maxCandidates;
  }

  found(position: number, nodes: readonly NodeId[]): void {
    const candidates = nodes.slice(0, this.#maxCandidates);
    [this.#owners[position]] = candidates;
    for (const node of candidates) this.#candidates.add(node);
    this.#places[position] = candidates.length === 0 ? { kind: "lost" } : { kind: "asking", candidates, at: 0 };
  }

  /** Moves each position on as far as the standings of nodes allow. @returns nodes to ask now */
  advance(standing: (node: NodeId) => Standing): NodeId[] {
    const wanted = new Set<NodeId>();
    for (const [position, place] of this.#places.entries()) {
      if (place.kind !== "asking") continue;
      let { at } = place;
      while (at < place.candidates.length && standing(place.candidates[at] as NodeId) === "bad") at += 1;
      const node = place.candidates[at];
      if (node === undefined) {
        this.#places[position] = { kind: "lost" };
        continue;
      }
      const isGood = standing(node) === "good";
      if (standing(node) === "unasked") wanted.add(node);
      this.#places[position] = isGood ? { kind: "settled", node } : { ...place, at };
    }
    return [...wanted];
  }

  /** Positions that a node of this kind stands for. */
  count(isCounted: (node: NodeId, position: number) => boolean): number {
    return this.#places.filter((place, position) => place.kind === "settled" && isCounted(place.node, position)).length;
  }

  /** The owners, as the lookups had it, of positions that no node of this kind stands for; undefined for a lost lookup. */
  without(isCounted: (node: NodeId, position: number) => boolean): (NodeId | undefined)[] {
    const isVacant = (place: Place, position: number) => place.kind !== "settled" || !isCounted(place.node, position);
    return this.#places.flatMap((place, position) => (isVacant(place, position) ? [this.#owners[position]] : []));
  }

  /** The nodes that stand for positions. */
  get standing(): readonly NodeId[] {
    return this.#places.flatMap((place) => (place.kind === "settled" ? [place.node] : []));
  }

  /** All nodes that the lookups gave. */
  get candidates(): ReadonlySet<NodeId> {
    return this.#candidates;
  }

  /** Whether all lookups have ended. */
  get isKnown(): boolean {
    return this.#places.every(({ kind }) => kind !== "unknown");
  }

  /** Whether nothing more is to come. */
  get isOver(): boolean {
    return this.#places.every(({ kind }) => kind === "settled" || kind === "lost");
  }
}

/** Whether the bit of a position is set; the first is bit 0. */
export function hasBit(bits: number | undefined, position: number): boolean {
  return ((bits ?? 0) & (1 << position)) !== 0;
}
