// A plain write of a key, done once those in charge of a majority of its positions hold it. [CHORD-205] [CHORD-210] [CHORD-261]
import type { NodeId } from "@p2p/wire";
import type { Write } from "../store/record.js";
import type { Version } from "../store/version.js";
import type { Answer, RefusedReason } from "./answers.js";
import type { Ask, Inquiry } from "./inquiry.js";
import { hasBit, majority, Places, type Standing, safeCopies } from "./places.js";

export type PutResult =
  | { readonly kind: "held"; readonly positions: number }
  /** A holder has something newer, so this write would be lost: try again with a newer version. */
  | { readonly kind: "outrun"; readonly newest: Version }
  /** The key is used atomically. */
  | { readonly kind: "atomic" }
  /** Some may hold it, and then others will, too. */
  | { readonly kind: "no-majority"; readonly positions: number; readonly reason: RefusedReason | undefined };

/**
 * How long a write may take to be taken by all that count, in ms; then it is tried again: who took it first may be dead by then,
 * and who came after it sure that there was nothing.
 */
export const attemptMs = 10_000;

export class QuorumPut implements Inquiry<PutResult> {
  readonly #key: Uint8Array;
  readonly #write: Write;
  readonly #places: Places;
  readonly #asked = new Set<NodeId>();
  /** Who took it, and of which positions they were in charge: a bit each. */
  readonly #taken = new Map<NodeId, number>();
  readonly #failed = new Set<NodeId>();
  #reason: RefusedReason | undefined;
  #result: PutResult | undefined;

  constructor(key: Uint8Array, write: Write, maxCandidates: number) {
    this.#key = key;
    this.#write = write;
    this.#places = new Places(maxCandidates);
  }

  get result(): PutResult | undefined {
    return this.#result;
  }

  found(position: number, nodes: readonly NodeId[]): readonly Ask[] {
    this.#places.found(position, nodes);
    return this.#next();
  }

  answered(ask: Ask, answer: Answer): readonly Ask[] {
    switch (answer.kind) {
      case "taken":
        this.#taken.set(ask.node, answer.charge);
        return this.#next();
      case "stale":
        this.#result ??= { kind: "outrun", newest: answer.newest };
        return [];
      case "atomic":
        this.#result ??= { kind: "atomic" };
        return [];
      case "refused":
        this.#reason = answer.reason;
        return this.failed(ask);
      default:
        return this.failed(ask);
    }
  }

  failed({ node }: Ask): readonly Ask[] {
    this.#failed.add(node);
    return this.#next();
  }

  #next(): readonly Ask[] {
    const nodes = new Set(this.#places.advance((node) => this.#standing(node)));
    if (this.#places.isKnown) for (const node of this.#spares(nodes.size)) nodes.add(node);
    for (const node of nodes) this.#asked.add(node);
    const positions = this.#places.count((node, position) => hasBit(this.#taken.get(node), position));
    const isOver = this.#places.isOver && this.#awaited === 0;
    // In a ring of fewer members, all of them.
    const copies = Math.min(safeCopies, this.#places.candidates.size);
    const isHeld = positions >= majority && this.#taken.size >= copies;
    if (isHeld) this.#result ??= { kind: "held", positions };
    else if (isOver) this.#result ??= { kind: "no-majority", positions, reason: this.#reason };
    return [...nodes].map((node) => ({ node, question: { kind: "put", key: this.#key, write: this.#write } }));
  }

  /** Asked, without an answer yet. */
  get #awaited(): number {
    return this.#asked.size - this.#taken.size - this.#failed.size;
  }

  /** Nodes that own no position, where too few own all of them. */
  #spares(more: number): NodeId[] {
    const missing = safeCopies - (this.#asked.size - this.#failed.size + more);
    if (missing <= 0) return [];
    return [...this.#places.candidates].filter((node) => !this.#asked.has(node)).slice(0, missing);
  }

  #standing(node: NodeId): Standing {
    if (this.#failed.has(node)) return "bad";
    if (this.#taken.has(node)) return "good";
    return this.#asked.has(node) ? "pending" : "unasked";
  }
}
