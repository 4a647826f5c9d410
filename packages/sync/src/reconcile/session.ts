// One comparison of two tables: messages in, messages and records out. Both sides speak in turn. [SYNC-074 to SYNC-079]
import type { WireValue } from "@p2p/wire";
import {
  encodeTableAccept,
  encodeTableOpen,
  encodeTableTurn,
  type Mode,
  maxTurnItems,
  maxTurnSeen,
  modes,
  type RangeItem,
  type TableAccept,
  type TableOpen,
  type TableTurn,
} from "../messages/comparison.js";
import type { FullRecord } from "../messages/full-record.js";
import { bad } from "../messages/read.js";
import { entriesFor, type SeenSummary, summarize } from "../messages/seen-summary.js";
import { compareBytes } from "../record/canonical.js";
import type { TableRecord } from "../record/record.js";
import type { SeenEntry, SeenVector } from "../seen-vector.js";
import type { MergeOutcome, Table } from "../table.js";
import { Outgoing, type Share, type Told } from "./outgoing.js";
import { childOf, parentOf, rootPath } from "./range-path.js";

/** What a comparison wants done. */
export interface SessionSink {
  send(items: WireValue[]): void;
  /** Merges a record of the peer into the table, with all that follows from it. */
  merge(key: string, record: TableRecord): MergeOutcome;
  /** Runs something after what was sent has left this process: so the peer works on its answer meanwhile. Default: at once. */
  later?(run: () => void): void;
  /** The peer saw this key deleted: drops it from the table if that may be believed (`Table.dropGone`). */
  gone(key: string): void;
  /** The comparison is over. Its last message, if any, was sent. */
  over(result: SessionResult): void;
}

export interface SessionResult {
  /** How it went on; undefined: the peer did not accept. */
  readonly mode: Mode | undefined;
  readonly recordsSent: number;
  readonly recordsReceived: number;
  /** What the peer had seen when it began; empty when something of what it sent could not be taken. */
  readonly seen: readonly SeenEntry[];
}

export interface SessionOptions {
  readonly table: Table;
  readonly seen: SeenVector;
  /** Number of the comparison; the beginner chooses it. */
  readonly id: number;
  /** Physical time in µs. */
  readonly nowUs: () => number;
  /** About how long a turn gets. Default 262,144; less than a third of what the peer takes. */
  readonly turnBytes?: number;
  readonly sink: SessionSink;
}

/** Records beyond twice what the peer announced that are borne: it may be written to meanwhile. */
const spareRecords = 65_536;
/** Tables up to this are told in full rather than compared. */
const smallTable = 32;
/** Fingerprints of so many records are computed at once where they may save a comparison: some ms. */
const promptRecords = 1_024;
/** Origins of which a peer may tell what it has seen. */
const maxSeen = 65_536;
/** All sixteen parts of a range. */
const allAnswered = 0xffff;
/** A table that is so many times the other one is told in full. */
const lopsided = 4;

/** Whether two tables are told in full rather than compared: then no fingerprint is needed. */
export function isStreamed(ownCount: number, peerCount: number): boolean {
  const [less, more] = ownCount < peerCount ? [ownCount, peerCount] : [peerCount, ownCount];
  return more <= smallTable || less * lopsided < more;
}

export class Session {
  readonly id: number;
  readonly #options: SessionOptions;
  readonly #outgoing: Outgoing;
  readonly #told = new Map<number, Told>();
  readonly #ownSeen: readonly SeenEntry[];
  readonly #ownSummary: SeenSummary;
  #peerSeen: SeenEntry[] = [];
  #seenToSend: SeenEntry[] = [];
  #mode: Mode | undefined;
  #peerCount = 0;
  #nextTurn = 0;
  #lastWasEmpty = false;
  /** Of the last turn. */
  #sentRecords: readonly FullRecord[] = [];
  #sent = 0;
  #received = 0;
  #isComplete = true;
  /** Turns whose records are still to be taken. */
  #waiting = 0;
  #isEnding = false;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.#options = options;
    this.#outgoing = new Outgoing(options.table);
    // Before anything else is told: what was seen by now is in all that follows.
    this.#ownSeen = options.seen.entries();
    this.#ownSummary = summarize(this.#ownSeen);
  }

  /** How it goes on; undefined: it was not accepted yet. */
  get mode(): Mode | undefined {
    return this.#mode;
  }

  /** Whether it was accepted, by whichever side. */
  get isAccepted(): boolean {
    return this.#mode !== undefined;
  }

  /** Begins: this node's turn to ask. */
  open(): void {
    const { table, sink } = this.#options;
    const root = table.fingerprints.advance(promptRecords) ? table.fingerprints.root() : undefined;
    sink.send(encodeTableOpen({ session: this.id, count: table.recordCount, root, seen: this.#ownSummary }));
  }

  /** The peer begins. Compute the fingerprints before, unless {@link isStreamed}. */
  accept(open: TableOpen): void {
    const { table, sink } = this.#options;
    this.#peerCount = open.count;
    this.#takeSummary(open.seen);
    const count = table.recordCount;
    const mode = this.#choose(open);
    this.#mode = mode;
    sink.send(encodeTableAccept({ session: this.id, mode, count, seen: this.#ownSummary }));
    if (mode === modes.equal) {
      this.#end();
      return;
    }
    this.#begin(mode);
    if (mode === modes.compare) this.#tellTop(open.root);
    this.#takeTurn();
  }

  /** The peer accepted. */
  accepted(accept: TableAccept): void {
    if (this.#mode !== undefined) throw bad("an accepted comparison", "one that was not accepted before");
    this.#mode = accept.mode;
    this.#peerCount = accept.count;
    this.#takeSummary(accept.seen);
    if (accept.mode === modes.equal) this.#end();
    else this.#begin(accept.mode);
  }

  /** The peer took its turn. @throws SyncError `bad-message` */
  turn(turn: TableTurn): void {
    if (this.#mode === undefined || turn.number !== this.#nextTurn) throw bad("a turn", "the next one");
    this.#nextTurn++;
    const isEmpty = isEmptyTurn(turn);
    if (turn.hasMore && isEmpty) throw bad("a turn that is not the last", "one that says something");
    if (this.#mode === modes.compare) this.#options.table.fingerprints.index();
    this.#received += turn.records.length;
    if (this.#received > 2 * this.#peerCount + spareRecords) throw bad("the number of records", "what was announced");
    const { gone, records } = this.#sortRecords(turn.records);
    // In a stream no answer depends on them.
    const isLater = this.#mode === modes.stream && this.#options.sink.later !== undefined;
    if (!isLater) this.#takeRecords(records);
    for (const { path, indexes } of turn.wants) this.#takeWant(path, indexes);
    if (turn.gone.length > 0) this.#takeGone(turn.gone);
    for (const range of turn.ranges) this.#takeRange(range);
    for (const entry of turn.seen) this.#peerSeen.push(entry);
    if (this.#peerSeen.length > maxSeen) throw bad("what was seen", `of at most ${maxSeen} origins`);
    // The peer has answered all that it was told.
    if (!turn.hasMore) this.#told.clear();
    if (isEmpty && this.#lastWasEmpty) this.#end();
    else this.#takeTurn(gone, isEmpty);
    if (isLater && records.length > 0) this.#takeLater(records);
  }

  #choose(open: TableOpen): Mode {
    const { table } = this.#options;
    const { fingerprints, recordCount } = table;
    if (
      open.root !== undefined &&
      fingerprints.advance(promptRecords) &&
      compareBytes(open.root, fingerprints.root()) === 0
    ) {
      // With equal tables, what was seen may still have to be told.
      const isTold = !(open.seen instanceof Uint8Array) && !(this.#ownSummary instanceof Uint8Array);
      return isTold || isSameSummary(open.seen, this.#ownSummary) ? modes.equal : modes.compare;
    }
    return isStreamed(recordCount, open.count) ? modes.stream : modes.compare;
  }

  #begin(mode: Mode): void {
    if (mode === modes.stream) this.#outgoing.stream();
  }

  /** Tells the parts of the whole table, in one turn two steps down where there are many. */
  #tellTop(peerRoot: Uint8Array | undefined): void {
    const { fingerprints } = this.#options.table;
    const root = fingerprints.root();
    if (peerRoot !== undefined && compareBytes(root, peerRoot) === 0) return;
    const top = fingerprints.trie.root;
    const isDeep = top.kind === "inner" && top.children.every((child) => child?.kind === "inner");
    if (!isDeep) this.#outgoing.tell(rootPath);
    else for (let nibble = 0; nibble < 16; nibble++) this.#outgoing.tell(childOf(rootPath, nibble));
  }

  #takeSummary(peers: SeenSummary): void {
    if (!(peers instanceof Uint8Array)) this.#peerSeen.push(...peers);
    this.#seenToSend = entriesFor(this.#ownSeen, this.#ownSummary, peers);
  }

  /** Parts the keys that this table saw deleted and forgot from those to be merged. */
  #sortRecords(all: readonly FullRecord[]): { readonly gone: string[]; readonly records: readonly FullRecord[] } {
    const { table, seen, nowUs } = this.#options;
    const now = nowUs();
    const gone: string[] = [];
    let records: FullRecord[] | undefined;
    for (const [index, each] of all.entries()) {
      if (table.isGone(...each, seen, now)) {
        // Most turns have none.
        records ??= all.slice(0, index);
        // Those for which there is no room are told the next time.
        if (gone.length < maxTurnItems) gone.push(each[0]);
      } else records?.push(each);
    }
    return { gone, records: records ?? all };
  }

  #takeRecords(records: readonly FullRecord[]): void {
    const { sink } = this.#options;
    for (const [key, record] of records) {
      const outcome = sink.merge(key, record);
      if (outcome === "ahead" || outcome === "full") this.#isComplete = false;
    }
  }

  /** Takes records after the next turn was sent; the comparison is not over before. */
  #takeLater(records: readonly FullRecord[]): void {
    this.#waiting++;
    this.#options.sink.later?.(() => {
      this.#takeRecords(records);
      this.#waiting--;
      if (this.#isEnding) this.#end();
    });
  }

  #takeGone(keys: readonly string[]): void {
    const sent = new Set(this.#sentRecords.map(([key]) => key));
    for (const key of keys) if (sent.has(key)) this.#options.sink.gone(key);
  }

  #takeWant(path: number, indexes: readonly number[]): void {
    const told = this.#told.get(path);
    if (told?.kind !== "list" || told.isAnswered) throw bad("a want", "of a range that was told by digests");
    told.isAnswered = true;
    for (const index of new Set(indexes)) {
      const key = told.keys[index];
      if (key === undefined) throw bad("the index of a want", "one of the digests");
      this.#outgoing.sendKey(key);
    }
  }

  /** A range is told only in answer to one that was told, a step down or the same: so a comparison ends. */
  #takeRange(range: RangeItem): void {
    const { path, kind, bytes } = range;
    const isTop = this.#nextTurn === 1 && path < 2 * 16;
    if (!isTop) this.#checkAnswer(path, kind);
    if (kind === "prints") this.#outgoing.answerPrints(path, bytes);
    else this.#outgoing.send(path, bytes);
  }

  #checkAnswer(path: number, kind: RangeItem["kind"]): void {
    const same = this.#told.get(path);
    if (same?.kind === "prints" && kind === "list" && same.answered === 0) {
      same.answered = allAnswered;
      return;
    }
    const parent = this.#told.get(parentOf(path));
    const bit = 1 << (path % 16);
    if (parent?.kind !== "prints" || (parent.answered & bit) !== 0) throw bad("a range", "a part of one that was told");
    parent.answered |= bit;
  }

  #takeTurn(gone: string[] = [], wasEmpty = false): void {
    const { turnBytes = 262_144, sink } = this.#options;
    const share: Share = { ranges: [], records: [], wants: [] };
    if (this.#mode === modes.compare) this.#options.table.fingerprints.index();
    this.#outgoing.fill(share, this.#told, turnBytes);
    const seen = this.#seenToSend.splice(0, maxTurnSeen);
    const hasMore = !this.#outgoing.isEmpty || this.#seenToSend.length > 0;
    const turn: TableTurn = { session: this.id, number: this.#nextTurn++, hasMore, ...share, gone, seen };
    this.#lastWasEmpty = isEmptyTurn(turn);
    this.#sent += share.records.length;
    this.#sentRecords = share.records;
    sink.send(encodeTableTurn(turn));
    if (wasEmpty && this.#lastWasEmpty) this.#end();
  }

  #end(): void {
    this.#isEnding = true;
    if (this.#waiting > 0) return;
    const { table, nowUs, sink } = this.#options;
    const now = nowUs();
    sink.over({
      mode: this.#mode,
      recordsSent: this.#sent,
      recordsReceived: this.#received,
      seen: this.#isComplete ? this.#peerSeen.filter(([, toUs]) => !table.isAhead(toUs, now)) : [],
    });
  }
}

function isEmptyTurn({ ranges, records, wants, gone, seen }: TableTurn): boolean {
  return ranges.length + records.length + wants.length + gone.length + seen.length === 0;
}

function isSameSummary(a: SeenSummary, b: SeenSummary): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array && compareBytes(a, b) === 0;
}
