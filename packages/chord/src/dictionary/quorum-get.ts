// Reading a key: the newest write that those sure of a majority of its positions hold, and repair of those that hold less.
// [CHORD-206] [CHORD-207] [CHORD-208] [CHORD-209] [CHORD-227] [CHORD-266]
import type { NodeId } from "@p2p/wire";
import { isQuorum, membersOf } from "../store/holders.js";
import type { Write } from "../store/record.js";
import { compareWrites, newestWrite } from "../store/register.js";
import type { Answer } from "./answers.js";
import type { Ask, Inquiry } from "./inquiry.js";
import { hasBit, majority, Places, type Standing, safeCopies } from "./places.js";
import type { Standing as Tenancy } from "./tenure.js";

export type GetResult =
  /** The newest write, a delete perhaps; undefined: the key was never written. `positions` agree on it. */
  | { readonly kind: "found"; readonly write: Write | undefined; readonly positions: number }
  /** The key is used atomically and its holders differ: an atomic operation is to settle it. */
  | { readonly kind: "unsettled" }
  /** Too few positions answered to tell what was acknowledged. */
  | { readonly kind: "no-majority"; readonly positions: number };

export class QuorumGet implements Inquiry<GetResult> {
  readonly #question: Ask["question"] & { readonly kind: "get" };
  readonly #places: Places;
  readonly #asked = new Set<NodeId>();
  readonly #failed = new Set<NodeId>();
  /** What nodes have: what they answered, or were given since. */
  readonly #writes = new Map<NodeId, Write | undefined>();
  /** What those who answered are to the key. */
  readonly #standings = new Map<NodeId, Tenancy>();
  /** They have what they answered, but their successor may have more. */
  readonly #unready = new Set<NodeId>();
  /** They stand for no position. */
  readonly #spares = new Set<NodeId>();
  /** They were told of something newer, and of these, who answered. */
  readonly #repairing = new Set<NodeId>();
  readonly #repaired = new Set<NodeId>();
  #result: GetResult | undefined;

  /** @param isAgain whether this node has the key, and wants to be sure of it */
  constructor(key: Uint8Array, maxCandidates: number, isAgain = false) {
    this.#question = { kind: "get", key, isAgain };
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
    this.#standings.set(node, answer.standing);
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
    const asks = this.#gets(nodes);
    const holds = (node: NodeId) => compareWrites(this.#writes.get(node), newest) === 0;
    const positions = this.#places.count((node, position) => holds(node) && this.#isSure(node, position));
    const isAgreed = holders === undefined ? newest !== undefined && positions >= majority : isQuorum(holders, holds);
    if (isAgreed) this.#result ??= { kind: "found", write: newest, positions };
    // Where few nodes own all positions, or owners are missing, others were given what is written.
    if (asks.length === 0 && this.#places.isOver && holders === undefined && !this.#isMajoritySure)
      asks.push(...this.#askSpares());
    const isWaiting = asks.length > 0 || !this.#places.isOver || this.#isAwaited(holders !== undefined);
    if (!isWaiting && this.#result === undefined) {
      if (holders !== undefined) this.#result = { kind: "unsettled" };
      else if (!this.#canTell) this.#result = { kind: "no-majority", positions: this.#answered };
      else if (newest === undefined) this.#result = { kind: "found", write: undefined, positions: this.#answered };
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

  #askSpares(): Ask[] {
    const isVacant = this.#places.without((node, position) => this.#isInCharge(node, position)).length > 0;
    const missing = isVacant ? Number.POSITIVE_INFINITY : Math.max(0, safeCopies - this.#writes.size);
    const spares = [...this.#places.candidates].filter((node) => !this.#asked.has(node)).slice(0, missing);
    for (const node of spares) this.#spares.add(node);
    return this.#gets(spares);
  }

  #gets(nodes: readonly NodeId[]): Ask[] {
    for (const node of nodes) this.#asked.add(node);
    return nodes.map((node): Ask => ({ node, question: this.#question }));
  }

  #isSure(node: NodeId, position: number): boolean {
    return hasBit(this.#standings.get(node)?.sure, position);
  }

  /** Whether those sure of a majority have answered: what was acknowledged is among what they have. */
  get #isMajoritySure(): boolean {
    return this.#places.count((node, position) => this.#isSure(node, position)) >= majority;
  }

  /** Positions that somebody answered for. */
  get #answered(): number {
    return this.#places.count(() => true);
  }

  /** Whether what was acknowledged is among the answers, all of which have come. */
  get #canTell(): boolean {
    if (this.#answered < majority) return false;
    if (this.#isMajoritySure) return true;
    const vacant = this.#places.without((node, position) => this.#isInCharge(node, position));
    // Who is in charge of these is another one than was looked up, or not yet in charge: it may have what nobody told.
    if (vacant.some((owner) => owner === undefined || !this.#failed.has(owner))) return false;
    const doubtful = new Set(
      this.#places.standing.filter((node) => this.#standings.get(node)?.charge !== this.#standings.get(node)?.sure),
    );
    return vacant.length === 0 || this.#failed.size + doubtful.size < safeCopies;
  }

  #isInCharge(node: NodeId, position: number): boolean {
    return hasBit(this.#standings.get(node)?.charge, position);
  }

  get #isRepairing(): boolean {
    return [...this.#repairing].some((node) => !this.#repaired.has(node));
  }

  #repairs(newest: Write): Ask[] {
    const asks: Ask[] = [];
    for (const [node, write] of this.#writes) {
      if (this.#repairing.has(node) || compareWrites(write, newest) >= 0) continue;
      // Who was only asked whether it has something needs no copy.
      if (write === undefined && this.#spares.has(node)) continue;
      this.#repairing.add(node);
      asks.push({ node, question: { kind: "put", key: this.#question.key, write: newest } });
    }
    return asks;
  }

  #isAwaited(hasHolders: boolean): boolean {
    // With a majority that is sure, only those who stand for a position count.
    const isOfAll = hasHolders || !this.#isMajoritySure;
    return isOfAll && [...this.#asked].some((node) => this.#standing(node) === "pending");
  }

  #standing(node: NodeId): Standing {
    if (this.#failed.has(node) || this.#unready.has(node)) return "bad";
    if (this.#writes.has(node)) return "good";
    return this.#asked.has(node) ? "pending" : "unasked";
  }
}
