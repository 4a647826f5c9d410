// How a node answers questions about the records that it holds. [CHORD-200] [CHORD-203] [CHORD-211] [CHORD-221] [CHORD-222] [CHORD-230] [CHORD-231]
// [CHORD-233] [CHORD-251] [CHORD-252] [CHORD-271] [CHORD-276]
import type { Clock, HybridClock, TokenBuckets } from "@p2p/base";
import { type NodeId, NodeIdCache, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { positionsOf } from "../positions.js";
import { isSamePosition } from "../ring/arc.js";
import type { PositionRange, Ring } from "../ring-access.js";
import { takeOwnedWrite } from "../store/owned-write.js";
import { type DictionaryRecord, isBound, ownedWrite, type Write } from "../store/record.js";
import { bad } from "../store/record-codec.js";
import { type Entry, type RecordStore, textOf } from "../store/record-store.js";
import { newestOf, promise, takeWrite, type Verdict } from "../store/register.js";
import { compareVersions, type Version } from "../store/version.js";
import { type Answer, encodeAnswer } from "./answers.js";
import { Charges } from "./charges.js";
import type { DictionaryLimits } from "./dictionary-options.js";
import type { OwnedKeys } from "./owned-keys.js";
import { type Copy, decodeQuestion, type Question } from "./questions.js";
import { differsIn, keysIn, recordsIn } from "./range-answers.js";
import type { Handover, Standing } from "./tenure.js";

export interface HolderParts {
  readonly ring: Ring;
  readonly store: RecordStore;
  readonly clock: Clock;
  readonly hybrid: HybridClock;
  readonly limits: DictionaryLimits;
  readonly rates: TokenBuckets;
  readonly owned: OwnedKeys;
  /** Resolves when all that was stored so far outlives a crash; undefined: at once. */
  readonly commit: () => Promise<void> | undefined;
  /** A write came that others may lack. */
  readonly wrote: (key: Uint8Array) => void;
  /** Whether this node has what those had who held its positions before it. */
  readonly isReady: () => boolean;
  /** For each position, whether this node owns it and would know of a key there: the first is bit 0. */
  readonly sureOf: (positions: readonly Uint8Array[]) => number;
  /** What this node is to a key. */
  readonly standing: (entry: { readonly text: string; readonly positions: readonly Uint8Array[] }) => Standing;
  /** What this node gave up of the range of a member that claims it. */
  readonly givenTo: (range: PositionRange) => Handover | "none" | undefined;
  /** Somebody reads a key that this node is in charge of, but not sure. */
  readonly doubted: (text: string) => void;
  /** The owner of a range compares it with this node. */
  readonly told: (range: PositionRange) => void;
}

export class Holder {
  readonly #parts: HolderParts;
  readonly #charges: Charges;
  readonly #names = new NodeIdCache();

  constructor(parts: HolderParts) {
    this.#parts = parts;
    this.#charges = new Charges(parts.ring.self, parts.rates, parts.clock);
  }

  /** @throws ChordError `bad-message`, `store-failed` */
  async answer(from: NodeId, items: readonly WireValue[]): Promise<readonly WireValue[]> {
    const question = decodeQuestion(items, this.#parts.limits, this.#names);
    return encodeAnswer(await this.#answer(from, question));
  }

  async #answer(from: NodeId, question: Question): Promise<Answer> {
    const { store } = this.#parts;
    if (!this.#charges.isPaid(from, question)) return { kind: "refused", reason: "rate" };
    switch (question.kind) {
      case "get":
        return this.#has(question);
      case "put":
        return this.#put(from, question.key, question.write);
      case "promise":
        return this.#promise(question.key, question.ballot);
      case "copies":
        return { kind: "copied", isHeld: await this.takeCopies(from, question.copies) };
      case "have": {
        const version = store.get(question.key)?.write?.version;
        return { kind: "copied", isHeld: [compareVersions(version, question.version) >= 0] };
      }
      case "compare":
        if (isSamePosition(question.range.upTo, nodeIdToBytes(from))) this.#parts.told(question.range);
        return differsIn(this.#charges.looksOf(from, store), question.range, question.fingerprints);
      case "claim":
        return this.#given(from, question.range);
      case "fetch":
        return {
          kind: "records",
          copies: recordsIn(this.#charges.looksOf(from, store), question.range, question.ids),
        };
      case "walk":
        return keysIn(this.#charges.looksOf(from, store), question.range, question.hasValues);
      default:
        return question satisfies never;
    }
  }

  /**
   * Takes copies of other nodes' records.
   * @returns for each whether this node has it now, or something newer
   * @throws ChordError `bad-message` for one that the owner of its key did not write; those before it are taken
   */
  async takeCopies(from: NodeId, copies: readonly Copy[]): Promise<boolean[]> {
    const isHeld = copies.map(({ key, write }) => {
      const before = this.#parts.store.get(key);
      if (this.#isAhead(key, write)) return false;
      const verdict = this.#judge(from, before, key, write);
      if (verdict.kind === "taken") return this.#keep(before, verdict);
      return verdict.kind === "atomic" || compareVersions(before?.write?.version, write.version) >= 0;
    });
    await this.#parts.commit();
    return isHeld;
  }

  #has({ key, isAgain }: Extract<Question, { kind: "get" }>): Answer {
    const { store, isReady, ring, doubted } = this.#parts;
    const text = textOf(key);
    const entry = store.entry(text);
    const standing = this.#standing(text, key, entry);
    // One that reads it again makes no other do so: where neighbours come and go, they would never end.
    if (entry !== undefined && isAgain !== true && standing.sure !== standing.charge) doubted(text);
    const write = entry?.record.write;
    return { kind: "has", write, isReady: ring.range !== undefined && isReady(), standing };
  }

  #standing(text: string, key: Uint8Array, entry: Entry | undefined): Standing {
    return this.#parts.standing({ text, positions: entry?.positions ?? positionsOf(key) });
  }

  async #put(from: NodeId, key: Uint8Array, write: Write): Promise<Answer> {
    const { store, ring, commit, wrote } = this.#parts;
    const text = textOf(key);
    const before = store.entry(text)?.record;
    if (ring.range === undefined && (before === undefined || !isBound(before, ring.self))) {
      return { kind: "refused", reason: "no-member" };
    }
    if (this.#isAhead(key, write)) return { kind: "refused", reason: "clock-ahead" };
    const verdict = this.#judge(from, before, key, write);
    if (verdict.kind !== "taken") return verdict;
    if (!this.#keep(before, verdict)) return { kind: "refused", reason: "full" };
    // As it is now: what comes to others later is given to them with this write.
    const { charge } = this.#standing(text, key, store.entry(text));
    if (verdict.record !== before) wrote(key);
    await commit();
    return { kind: "taken", charge };
  }

  async #promise(key: Uint8Array, ballot: Version): Promise<Answer> {
    const { store, ring, commit, sureOf, owned } = this.#parts;
    if (owned.ownerOf(key) !== undefined) return { kind: "refused", reason: "owned" };
    const before = store.get(key);
    if (ring.range === undefined && (before === undefined || !isBound(before, ring.self))) {
      return { kind: "refused", reason: "no-member" };
    }
    if (this.#isFarAhead(ballot)) return { kind: "refused", reason: "clock-ahead" };
    const verdict = promise(before, key, ballot);
    if (verdict.kind === "stale") return verdict;
    if (verdict.kind !== "taken" || !this.#keep(before, verdict)) return { kind: "refused", reason: "full" };
    await commit();
    const sure = sureOf(store.entry(textOf(key))?.positions ?? []);
    return { kind: "promised", write: before?.write, sure };
  }

  /** @throws ChordError `bad-message` for what the owner of the key did not write; its bringer is told of */
  #judge(from: NodeId, before: DictionaryRecord | undefined, key: Uint8Array, write: Write): Verdict {
    const { owned } = this.#parts;
    if (owned.ownerOf(key) === undefined) {
      if (write.proof !== undefined) throw bad("a write", "without a proof: nobody owns its key");
      return takeWrite(before, key, write);
    }
    const verdict = takeOwnedWrite(before, key, write, () => owned.isGenuine(from, key, write));
    if (verdict.kind === "forged") throw bad("a write of an owned key", "its owner's");
    return verdict;
  }

  #keep(before: DictionaryRecord | undefined, { record }: Verdict & { readonly kind: "taken" }): boolean {
    const { store, hybrid } = this.#parts;
    if (record === before) return true;
    if (!store.hasRoom(record)) return false;
    const newest = newestOf(record);
    // The sequence of an owned write is no time.
    if (newest !== undefined && record.write?.proof === undefined) hybrid.observe(newest.timeUs);
    // What came in a message is a view of all of it.
    const key = before?.key ?? new Uint8Array(record.key);
    const write = record.write === before?.write ? record.write : copied(record.write);
    store.set({ key, write, promised: record.promised });
    return true;
  }

  #isAhead(key: Uint8Array, { version }: Write): boolean {
    return this.#isFarAhead(version) && this.#parts.owned.ownerOf(key) === undefined;
  }

  #isFarAhead({ timeUs }: Version): boolean {
    return timeUs > this.#parts.hybrid.wallUs + this.#parts.limits.maxAheadMs * 1_000;
  }

  #given(from: NodeId, range: PositionRange): Answer {
    const given = isSamePosition(range.upTo, nodeIdToBytes(from)) ? this.#parts.givenTo(range) : undefined;
    if (given === undefined) return { kind: "refused", reason: "not-ready" };
    return given === "none" ? { kind: "refused", reason: "no-member" } : { kind: "given", given };
  }
}

function copied(write: Write | undefined): Write | undefined {
  if (write === undefined) return undefined;
  const { version, value, holders, lineage, proof } = write;
  const own = value && new Uint8Array(value);
  if (proof !== undefined) return ownedWrite(version, own, new Uint8Array(proof));
  return { version, value: own, holders, lineage: new Uint8Array(lineage) };
}
