// A holder without a ring for tests: asked by hand, with all that it stands on to be looked at.
import { HybridClock, TokenBuckets } from "@p2p/base";
import { ManualClock, toyProofs } from "@p2p/base/testing";
import { type NodeId, NodeIdCache, nodeIdFromBytes, nodeIdToBytes } from "@p2p/wire";
import { type Answer, decodeAnswer } from "../dictionary/answers.js";
import { type DictionaryLimits, defaultDictionaryLimits } from "../dictionary/dictionary-options.js";
import { Holder } from "../dictionary/holder.js";
import { OwnedKeys } from "../dictionary/owned-keys.js";
import { encodeQuestion, type Question } from "../dictionary/questions.js";
import type { PositionRange, Ring } from "../ring-access.js";
import { RecordStore } from "../store/record-store.js";
import { networkId } from "./owned-network.js";

/** The node itself, and two others. */
export const loneIds: readonly [NodeId, NodeId, NodeId] = [1, 2, 3].map((n) =>
  nodeIdFromBytes(new Uint8Array(48).fill(n)),
) as [NodeId, NodeId, NodeId];
const [self, ada] = loneIds;
/** The range of all positions. */
const everything: PositionRange = { after: nodeIdToBytes(self), upTo: nodeIdToBytes(self) };

export interface LoneHolderOptions {
  readonly limits?: Partial<DictionaryLimits>;
  readonly isMember?: boolean;
  readonly isReady?: boolean;
  /** Whether it is sure of what it is in charge of. Default: true. */
  readonly isSure?: boolean;
  /** Whether keys can be owned. Default: false. */
  readonly hasProofs?: boolean;
}

export interface LoneHolder {
  readonly clock: ManualClock;
  readonly store: RecordStore;
  readonly hybrid: HybridClock;
  readonly made: Holder;
  readonly owned: OwnedKeys;
  /** Who brought forgeries. */
  readonly forged: NodeId[];
  /** Keys that were asked for while it was not sure of them. */
  readonly doubted: string[];
  /** Statements that were checked, the proof of each once more for each time. */
  readonly judged: Uint8Array[];
  /** Asks over the wire format. @param from Default: the second of the ids */
  ask(question: Question, from?: NodeId): Promise<Answer>;
}

export function loneHolder({
  limits: overrides = {},
  isMember = true,
  isReady = true,
  isSure = true,
  hasProofs = false,
}: LoneHolderOptions = {}): LoneHolder {
  const clock = new ManualClock();
  const limits = { ...defaultDictionaryLimits, ...overrides };
  const store = new RecordStore(limits, { changed: () => undefined, touched: () => undefined });
  const ring: Ring = {
    self,
    range: isMember ? everything : undefined,
    hasPredecessor: false,
    successors: [],
    lookup: async () => [self],
    ask: async () => [],
    answer: () => undefined,
    onChange: () => () => undefined,
  };
  const hybrid = new HybridClock(() => clock.now());
  const rates = new TokenBuckets(limits.writesPerSecond, limits.writesBurst);
  const forged: NodeId[] = [];
  const doubted: string[] = [];
  const judged: Uint8Array[] = [];
  const proofs = toyProofs(self, (statement) => judged.push(statement));
  const owned = new OwnedKeys({
    self,
    networkId,
    proofs: hasProofs ? proofs : undefined,
    nowMs: () => clock.monotonic(),
    kept: (key) => store.get(key)?.write,
    forged: (by) => forged.push(by),
  });
  const made = new Holder({
    ring,
    store,
    clock,
    hybrid,
    limits,
    rates,
    owned,
    commit: () => undefined,
    wrote: () => undefined,
    isReady: () => isReady,
    sureOf: () => (isReady ? 31 : 0),
    standing: () => ({ charge: 31, sure: isSure ? 31 : 0 }),
    givenTo: () => undefined,
    doubted: (text) => doubted.push(text),
    told: () => undefined,
  });
  const names = new NodeIdCache();
  const ask: LoneHolder["ask"] = async (question, from = ada) =>
    decodeAnswer(await made.answer(from, encodeQuestion(question)), limits, names);
  return { clock, store, hybrid, ask, made, owned, forged, doubted, judged };
}
