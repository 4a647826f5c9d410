// One attempt of an atomic operation: a ballot is promised by the holders of a key, then they write what follows from what
// they had. CASPaxos (Rystsov 2018), with holders that are part of the state and change by joint quorums, as in Raft
// (Ongaro 2014, section 4.3). [CHORD-219] [CHORD-220] [CHORD-225] [CHORD-226]
import type { NodeId } from "@p2p/wire";
import {
  firstGroup,
  type Holders,
  isQuorum,
  isQuorumPossible,
  isSameHolders,
  isSettled,
  lastMembers,
  membersOf,
  stepTowards,
} from "../store/holders.js";
import { isBuiltOn, lineageOn } from "../store/lineage.js";
import type { StoredValue, Write } from "../store/record.js";
import { newestWrite } from "../store/register.js";
import { compareVersions, newerOf, type Version } from "../store/version.js";
import type { Answer } from "./answers.js";
import type { Ask } from "./inquiry.js";

/** What an operation makes of the value that it finds; `outcome` is for its caller. */
export type Decision<Outcome> =
  | { readonly kind: "write"; readonly value: StoredValue; readonly outcome: Outcome }
  | { readonly kind: "keep"; readonly outcome: Outcome };

/** Positions whose owners have to say that they would know of the key, before it gets holders. */
const ownersToCreate = 4;

/** An earlier attempt of the same operation that may have happened. */
export interface Earlier<Outcome> {
  readonly version: Version;
  readonly outcome: Outcome;
}

export interface RoundOptions<Outcome> {
  readonly key: Uint8Array;
  /** Newer than all that this node gave before. */
  readonly ballot: Version;
  /** Who would hold the key by the ring of now; asked first. */
  readonly candidates: readonly NodeId[];
  /** Whether all five positions were found, so that the candidates may create the key. */
  readonly isComplete: boolean;
  /** Called once a quorum promised; may be called again by another attempt. */
  readonly decide: (write: Write | undefined) => Decision<Outcome>;
  readonly earlier: readonly Earlier<Outcome>[];
  /** To do it twice does no harm: an earlier attempt of which nobody can tell is taken for one that did not happen. */
  readonly isRepeatable?: boolean;
  /** Move the key to the candidates. */
  readonly isMove?: boolean;
  /** Give the old holders up: their majority is gone for good. */
  readonly isForced?: boolean;
}

export type RoundResult<Outcome> =
  /** It happened, and a quorum holds `write`; `isSettled`: the candidates hold the key, and nothing is left to move. */
  | { readonly kind: "done"; readonly outcome: Outcome; readonly write: Write | undefined; readonly isSettled: boolean }
  /** Another operation has a newer ballot. `mayHaveHappened`: somebody may have taken the write. */
  | { readonly kind: "outrun"; readonly newest: Version | undefined; readonly attempt: Earlier<Outcome> | undefined }
  /** Too few holders answer. */
  | { readonly kind: "no-majority"; readonly attempt: Earlier<Outcome> | undefined }
  /** An earlier attempt may or may not have happened, and nobody can tell any more. */
  | { readonly kind: "unknown" };

interface Proposal<Outcome> {
  readonly write: Write;
  readonly outcome: Outcome;
  /** The quorums that have to take it: of who held, and of who will. */
  readonly quorums: readonly [Holders, Holders];
}

export class AtomicRound<Outcome> {
  readonly #options: RoundOptions<Outcome>;
  readonly #asked = new Set<NodeId>();
  /** Who promised, and what they had. */
  readonly #promised = new Map<NodeId, Write | undefined>();
  /** Positions whose owners, by their own word, would know of the key: a bit each. */
  #sure = 0;
  readonly #taken = new Set<NodeId>();
  /** Of the phase that is under way: who failed or refused. */
  #lost = new Set<NodeId>();
  #pending = 0;
  #newest: Version | undefined;
  #hasSilent = false;
  #proposal: Proposal<Outcome> | undefined;
  #result: RoundResult<Outcome> | undefined;

  constructor(options: RoundOptions<Outcome>) {
    this.#options = options;
  }

  get result(): RoundResult<Outcome> | undefined {
    return this.#result;
  }

  /** What some may have taken, while there is no result. */
  get proposed(): Earlier<Outcome> | undefined {
    const proposal = this.#proposal;
    return proposal && { version: proposal.write.version, outcome: proposal.outcome };
  }

  start(): readonly Ask[] {
    return this.#askPromises(this.#options.candidates);
  }

  answered(ask: Ask, answer: Answer): readonly Ask[] {
    const { node, question } = ask;
    if (answer.kind === "stale") this.#newest = newerOf(this.#newest, answer.newest);
    const isLate = question.kind === "promise" && this.#proposal !== undefined;
    if (this.#result !== undefined || isLate) return [];
    this.#pending -= 1;
    if (question.kind === "put") {
      if (answer.kind === "taken") this.#taken.add(node);
      else this.#lost.add(node);
      return this.#judgeWrites();
    }
    if (answer.kind !== "promised") this.#lost.add(node);
    else {
      this.#promised.set(node, answer.write);
      this.#sure |= answer.sure;
    }
    return this.#judgePromises();
  }

  failed({ node, question }: Ask): readonly Ask[] {
    const isLate = question.kind === "promise" && this.#proposal !== undefined;
    if (this.#result !== undefined || isLate) return [];
    this.#pending -= 1;
    this.#lost.add(node);
    if (question.kind === "promise") return this.#judgePromises();
    this.#hasSilent = true;
    return this.#judgeWrites();
  }

  /** Who holds the key, as far as is known: they are named by the newest write that names any. */
  #holders(): Holders | undefined {
    const { candidates, isComplete, isForced } = this.#options;
    const named = [...this.#promised.values()].filter((write) => write?.holders !== undefined);
    const holders = newestWrite(named)?.holders;
    if (holders !== undefined && isForced !== true) return holders;
    return isComplete && candidates.length > 0 ? [firstGroup(candidates)] : undefined;
  }

  #judgePromises(): readonly Ask[] {
    const holders = this.#holders();
    const asks = holders === undefined ? [] : this.#askPromises(membersOf(holders));
    const isPromised = holders !== undefined && isQuorum(holders, (node) => this.#promised.has(node));
    if (holders !== undefined && isPromised && (this.#isNamed || this.#isMissing)) return this.#propose(holders);
    if (this.#pending > 0) return asks;
    const isOutrun = this.#newest !== undefined;
    this.#result = isOutrun
      ? { kind: "outrun", newest: this.#newest, attempt: undefined }
      : { kind: "no-majority", attempt: undefined };
    return [];
  }

  /** Whether anybody knows who holds the key. */
  get #isNamed(): boolean {
    return [...this.#promised.values()].some((write) => write?.holders !== undefined);
  }

  /** Whether enough of those who would know of holders say that there are none. */
  get #isMissing(): boolean {
    return [...this.#sure.toString(2)].filter((bit) => bit === "1").length >= ownersToCreate;
  }

  #propose(holders: Holders): readonly Ask[] {
    const { ballot, candidates, isMove, isForced, key } = this.#options;
    const base = newestWrite(this.#promised.values());
    const happened = this.#happened(base);
    if (happened === undefined) {
      this.#result = { kind: "unknown" };
      return [];
    }
    const decision = happened.kind === "no" ? this.#options.decide(base) : happened;
    const isHeld = this.#isHeld(base, holders);
    const next = isHeld ? stepTowards(holders, isMove === true ? candidates : lastMembers(holders)) : holders;
    const isAtomic = base?.holders !== undefined;
    const isStep = isAtomic && isMove === true && !isSettled(holders, candidates);
    if (decision.kind === "keep" && !isStep && (isHeld || base === undefined)) {
      const settled = !isAtomic || isSettled(holders, candidates);
      this.#result = { kind: "done", outcome: decision.outcome, write: base, isSettled: settled };
      return [];
    }
    const value = decision.kind === "write" ? decision.value : base?.value;
    const isStepping = isStep || (isAtomic && isHeld && !isSettled(holders, lastMembers(holders)));
    const nextHolders = isForced !== true && isStepping ? next : holders;
    const write: Write = { version: ballot, value, holders: nextHolders, lineage: lineageOn(base, ballot.timeUs) };
    this.#proposal = { write, outcome: decision.outcome, quorums: [holders, nextHolders] };
    this.#lost = new Set();
    const members = new Set([...membersOf(holders), ...membersOf(nextHolders)]);
    this.#pending = members.size;
    return [...members].map((node) => ({ node, question: { kind: "put", key, write } }));
  }

  /** Whether an earlier attempt is part of what was found; undefined when that cannot be told. */
  #happened(base: Write | undefined): Decision<Outcome> | { readonly kind: "no" } | undefined {
    let isKnown = true;
    for (const { version, outcome } of this.#options.earlier) {
      const isPart = isBuiltOn(base, version);
      if (isPart === true) return { kind: "keep", outcome };
      if (isPart === undefined) isKnown = false;
    }
    return isKnown || this.#options.isRepeatable === true ? { kind: "no" } : undefined;
  }

  /** Whether a quorum is seen to have exactly this write. */
  #isHeld(base: Write | undefined, holders: Holders): boolean {
    if (base === undefined || (base.holders !== undefined && !isSameHolders(base.holders, holders))) return false;
    return isQuorum(holders, (node) => compareVersions(this.#promised.get(node)?.version, base.version) === 0);
  }

  #judgeWrites(): readonly Ask[] {
    const proposal = this.#proposal as Proposal<Outcome>; // there are answers to it
    const { write, outcome, quorums } = proposal;
    if (quorums.every((holders) => isQuorum(holders, (node) => this.#taken.has(node)))) {
      const settled = write.holders !== undefined && isSettled(write.holders, this.#options.candidates);
      this.#result = { kind: "done", outcome, write, isSettled: settled };
      return [];
    }
    const isPossible = quorums.every((holders) => isQuorumPossible(holders, (node) => this.#lost.has(node)));
    if (isPossible && this.#pending > 0) return [];
    // Who refused has not taken it, and will not; who is silent may have.
    const mayHaveHappened = this.#taken.size > 0 || this.#hasSilent || this.#pending > 0;
    const attempt = mayHaveHappened ? { version: write.version, outcome } : undefined;
    const isOutrun = this.#newest !== undefined;
    this.#result = isOutrun ? { kind: "outrun", newest: this.#newest, attempt } : { kind: "no-majority", attempt };
    return [];
  }

  #askPromises(nodes: readonly NodeId[]): readonly Ask[] {
    const { key, ballot } = this.#options;
    const unasked = nodes.filter((node) => !this.#asked.has(node));
    for (const node of unasked) this.#asked.add(node);
    this.#pending += unasked.length;
    return unasked.map((node) => ({ node, question: { kind: "promise", key, ballot } }));
  }
}
