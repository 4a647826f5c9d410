// Reading a key: the newest write that a majority of its positions holds, and repair of those that hold less.
// [CHORD-206] [CHORD-207] [CHORD-208] [CHORD-209] [CHORD-227]
import type { NodeId } from "@p2p/wire";
import { isQuorum, membersOf } from "../store/holders.js";
import type { Write } from "../store/record.js";
import { compareWrites, newestWrite } from "../store/register.js";
import type { Answer } from "./answers.js";
import type { Ask, Inquiry } from "./inquiry.js";
import { majority, Places, type Standing } from "./places.js";

export type GetResult =
  /** The newest write, a delete perhaps; undefined: the key was never written. `positions` agree on it. */
  | { readonly kind: "found"; readonly write: Write | undefined; readonly positions: number }
  /** The key is used atomically and its holders differ: an atomic operation is to settle it. */
  | { readonly kind: "unsettled" }
  /** Too few positions answered to tell that there is nothing. */
  | { readonly kind: "no-majority"; readonly positions: number };

export class QuorumGet implements Inquiry<GetResult> {
  readonly #key: Uint8Array;
  readonly #places: Places;
  readonly #asked = new Set<NodeId>();
  readonly #failed = new Set<NodeId>();
  /** What nodes have: what they answered, or were given since. */
  readonly #writes = new Map<NodeId, Write | undefined>();
  /** They have what they answered, but their successor may have more. */
  readonly #unready = new Set<NodeId>();
  /** They were told of something newer, and of these, who answered. */
  readonly #repairing = new Set<NodeId>();
  readonly #repaired = new Set<NodeId>();
  #result: GetResult | undefined;

  constructor(key: Uint8Array, maxCandidates: number) {
    this.#key = key;
    this.#places = new Places(maxCandidates);
  }

  get result(): GetResult | undefined {
    return this.#result;
  }

  found(position: number, nodes: readonly NodeId[]): readonly Ask[] {
    this.#places.found(position, nodes);
    return this.#next();
  }

  answered(ask: Ask, answer: Answer): readonly Ask[] {
    const { node, question } = ask;
    if (question.kind === "put") {
      if (answer.kind === "taken") this.#writes.set(node, question.write);
      this.#repaired.add(node);
      return this.#next();
    }
    if (answer.kind !== "has") return this.failed(ask);
    this.#writes.set(node, answer.write);
    if (!answer.isReady) this.#unready.add(node);
    return this.#next();
  }

  failed({ node, question }: Ask): readonly Ask[] {
    if (question.kind === "put") this.#repaired.add(node);
    else this.#failed.add(node);
    return this.#next();
  }

  #next(): readonly Ask[] {
    const nodes = this.#places.advance((node) => this.#standing(node));
    const newest = newestWrite(this.#writes.values());
    const holders = newestWrite([...this.#writes.values()].filter((write) => write?.holders !== undefined))?.holders;
    if (holders !== undefined) nodes.push(...membersOf(holders).filter((node) => !this.#asked.has(node)));
    const asks = nodes.map((node): Ask => ({ node, question: { kind: "get", key: this.#key } }));
    for (const node of nodes) this.#asked.add(node);
    const holds = (node: NodeId) => compareWrites(this.#writes.get(node), newest) === 0;
    const positions = this.#places.count(holds);
    const isAgreed = holders === undefined ? newest !== undefined && positions >= majority : isQuorum(holders, holds);
    if (isAgreed) this.#result ??= { kind: "found", write: newest, positions };
    const isWaiting = asks.length > 0 || !this.#places.isOver || this.#isAwaited(holders !== undefined);
    if (!isWaiting && this.#result === undefined) {
      if (holders !== undefined) this.#result = { kind: "unsettled" };
      else if (newest === undefined) this.#result = this.#nothing();
    }
    // Before an answer that no majority holds is given, a majority is to hold it: the next reader finds it too.
    if (newest !== undefined && (this.#result !== undefined || !isWaiting)) {
      const repairs = this.#repairs(newest);
      asks.push(...repairs);
      const isDone = repairs.length === 0 && !this.#isRepairing;
      if (isDone && !isWaiting) this.#result ??= { kind: "found", write: newest, positions };
    }
    return asks;
  }

  #nothing(): GetResult {
    const positions = this.#places.count(() => true);
    if (positions < majority) return { kind: "no-majority", positions };
    return { kind: "found", write: undefined, positions };
  }

  get #isRepairing(): boolean {
    return [...this.#repairing].some((node) => !this.#repaired.has(node));
  }

  #repairs(newest: Write): Ask[] {
    const asks: Ask[] = [];
    for (const [node, write] of this.#writes) {
      if (this.#repairing.has(node) || compareWrites(write, newest) >= 0) continue;
      this.#repairing.add(node);
      asks.push({ node, question: { kind: "put", key: this.#key, write: newest } });
    }
    return asks;
  }

  #isAwaited(hasHolders: boolean): boolean {
    // With holders, all who were asked count; without, only those who stand for a position.
    return hasHolders && [...this.#asked].some((node) => this.#standing(node) === "pending");
  }

  #standing(node: NodeId): Standing {
    if (this.#failed.has(node) || this.#unready.has(node)) return "bad";
    if (this.#writes.has(node)) return "good";
    return this.#asked.has(node) ? "pending" : "unasked";
  }
}
