// The five positions of a key on their way to an answer: at each, the owner is asked first, then those after it. [CHORD-205]
import type { NodeId } from "@p2p/wire";
import { positionCount } from "../positions.js";

/** Positions that have to agree, or to hold a write. */
export const majority: number = Math.floor(positionCount / 2) + 1;

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
  readonly #maxCandidates: number;

  /** @param maxCandidates nodes that are tried at a position */
  constructor(maxCandidates: number) {
    this.#maxCandidates = maxCandidates;
  }

  found(position: number, nodes: readonly NodeId[]): void {
    const candidates = nodes.slice(0, this.#maxCandidates);
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
  count(isCounted: (node: NodeId) => boolean): number {
    return this.#places.filter((place) => place.kind === "settled" && isCounted(place.node)).length;
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
