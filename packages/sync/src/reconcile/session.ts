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
  type OutgoingTurn,
  type RangeItem,
  type TableAccept,
  type TableOpen,
  type TableTurn,
} from "../messages/comparison.js";
import type { FullRecord } from "../messages/full-record.js";
import { PlainRun } from "../messages/plain-run.js";
import { bad } from "../messages/read.js";
import { RecordWriter } from "../messages/record-runs.js";
import { entriesFor, type SeenSummary, summarize } from "../messages/seen-summary.js";
import { compareBytes } from "../record/canonical.js";
import type { TableRecord } from "../record/record.js";
import type { SeenEntry, SeenVector } from "../seen-vector.js";
import type { Table } from "../table.js";
import type { MergeOutcome } from "../table-parts.js";
import { Outgoing, type Share, type Told } from "./outgoing.js";
import { childOf, parentOf, rootPath } from "./range-path.js";

/** What a comparison wants done. */
export interface SessionSink {
  send(items: WireValue[]): void;
  /** Merges a record of the peer into the table, with all that follows from it. */
  merge(key: string, record: TableRecord): MergeOutcome;
  /** Takes those records of a run that are new as a whole. @returns those that are to be judged one by one. Default: all */
  takeRun?(run: PlainRun): Iterable<FullRecord>;
  /** The peer saw this key deleted: drops it from the table if that may be believed (`Table.dropGone`). */
  gone(key: string): void;
  /** Runs something when what waits was read and written, unless the comparison is given up. Default: at once. */
  later?(run: () => void): void;
  /** All that the peer had to tell is in; the comparison is not over yet. Told of streams. */
  told?(): void;
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
  /** About how long a turn gets, the first ones of a stream less. Default 262,144; less than a third of what the peer takes. */
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
/** Turns of a stream that are on their way at once, beside the one that is answered. */
const turnsAhead = 3;
/** About how long the first turn of a stream gets; each that follows four times as much: the peer begins to work while this side does. */
const firstStreamBytes = 16_384;
/** Own turns in which a key that is said to be gone may have been: as many as may be on their way, both ways. */
const turnsKept = 2 * turnsAhead + 2;
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
  /** The numbers of the next turns: those of one side are even. */
  #nextOwn = 1;
  #nextPeer = 0;
  #lastWasEmpty = false;
  #isGoingAhead = false;
  /** The records of the last own turns. */
  readonly #sentRecords: RecordWriter[] = [];
  /** Keys that were seen deleted, to be told. */
  #gone: string[] = [];
  #streamBytes = firstStreamBytes;
  #sent = 0;
  #received = 0;
  #isComplete = true;

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
    const root = table.promptRoot(promptRecords);
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
    this.#nextOwn = 0;
    this.#nextPeer = 1;
    this.#takeTurn();
    this.#goAhead();
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
    if (this.#mode === undefined || turn.number !== this.#nextPeer) throw bad("a turn", "the next one");
    this.#nextPeer += 2;
    const isEmpty = saysNothing(turn) && turn.records.length === 0;
    if (turn.hasMore && isEmpty) throw bad("a turn that is not the last", "one that says something");
    if (this.#mode === modes.compare) this.#options.table.fingerprints.index();
    for (const one of turn.records) this.#received += one instanceof PlainRun ? one.count : 1;
    if (this.#received > 2 * this.#peerCount + spareRecords) throw bad("the number of records", "what was announced");
    this.#takeRecords(turn.records);
    for (const { path, indexes } of turn.wants) this.#takeWant(path, indexes);
    if (turn.gone.length > 0) this.#takeGone(turn.gone);
    for (const range of turn.ranges) this.#takeRange(range, turn.number);
    for (const entry of turn.seen) this.#peerSeen.push(entry);
    if (this.#peerSeen.length > maxSeen) throw bad("what was seen", `of at most ${maxSeen} origins`);
    // The peer has answered all that it was told.
    if (!turn.hasMore) {
      this.#told.clear();
      if (this.#mode === modes.stream) this.#options.sink.told?.();
    }
    // Otherwise it was answered before it came.
    if (this.#nextOwn === turn.number + 1) {
      if (!(isEmpty && this.#lastWasEmpty)) this.#takeTurn();
      if (isEmpty && this.#lastWasEmpty) {
        this.#end();
        return;
      }
    }
    this.#goAhead();
  }

  #choose(open: TableOpen): Mode {
    const { table } = this.#options;
    const { recordCount } = table;
    // Equal tables have as many records.
    const root = open.root === undefined || open.count !== recordCount ? undefined : table.promptRoot(promptRecords);
    if (root !== undefined && open.root !== undefined && compareBytes(open.root, root) === 0) {
      // With equal tables, what was seen may still have to be told.
      const isTold = !(open.seen instanceof Uint8Array) && !(this.#ownSummary instanceof Uint8Array);
      if (isTold || isSameSummary(open.seen, this.#ownSummary)) return modes.equal;
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

  #takeRecords(all: TableTurn["records"]): void {
    const { seen, nowUs, sink } = this.#options;
    const now = nowUs();
    for (const one of all) {
      if (!(one instanceof PlainRun)) this.#takeRecord(one, now);
      // In a stream to a table that has seen nothing of the origin, no key can be one that was forgotten.
      else if (sink.takeRun === undefined || seen.get(one.origin) > 0 || this.#mode !== modes.stream) {
        for (const each of one.entries()) this.#takeRecord(each, now);
      } else for (const each of sink.takeRun(one)) this.#takeRecord(each, now);
    }
  }

  #takeRecord([key, record]: FullRecord, now: number): void {
    const { table, seen, sink } = this.#options;
    if (table.isGone(key, record, seen, now)) {
      // Those for which there is no room are told the next time.
      if (this.#gone.length < maxTurnItems) this.#gone.push(key);
      return;
    }
    const outcome = sink.merge(key, record);
    if (outcome === "ahead" || outcome === "full" || outcome === "crowded") this.#isComplete = false;
  }

  #takeGone(keys: readonly string[]): void {
    const sent = new Set<string>();
    for (const records of this.#sentRecords) for (const key of records.keys()) sent.add(key);
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
  #takeRange({ path, kind, bytes }: RangeItem, turn: number): void {
    const isTop = turn === 0 && path < 2 * 16;
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

  #takeTurn(): void {
    const { turnBytes = 262_144, sink, table } = this.#options;
    const records = new RecordWriter();
    const share: Share = { ranges: [], records, wants: [] };
    if (this.#mode === modes.compare) table.fingerprints.index();
    this.#outgoing.fill(share, this.#told, this.#mode === modes.stream ? this.#nextStreamBytes(turnBytes) : turnBytes);
    const seen = this.#seenToSend.splice(0, maxTurnSeen);
    const hasMore = this.#hasMore;
    const turn: OutgoingTurn = { session: this.id, number: this.#nextOwn, hasMore, ...share, gone: this.#gone, seen };
    this.#nextOwn += 2;
    this.#gone = [];
    this.#lastWasEmpty = saysNothing(turn) && records.count === 0;
    this.#sent += records.count;
    if (this.#sentRecords.push(records) > turnsKept) this.#sentRecords.shift();
    sink.send(encodeTableTurn(turn));
  }

  #nextStreamBytes(turnBytes: number): number {
    const bytes = Math.min(turnBytes, this.#streamBytes);
    this.#streamBytes = 4 * bytes;
    return bytes;
  }

  /** In a stream, turns that say something go before those that they follow were answered: one at a time. [SYNC-075] */
  #goAhead(): void {
    if (this.#isGoingAhead || !this.#mayGoAhead) return;
    const { sink } = this.#options;
    const run = (): void => {
      this.#isGoingAhead = false;
      if (!this.#mayGoAhead) return;
      this.#takeTurn();
      this.#goAhead();
    };
    this.#isGoingAhead = true;
    if (sink.later === undefined) run();
    else sink.later(run);
  }

  get #mayGoAhead(): boolean {
    return this.#mode === modes.stream && this.#hasMore && this.#nextOwn < this.#nextPeer + 2 * turnsAhead;
  }

  get #hasMore(): boolean {
    return !this.#outgoing.isEmpty || this.#seenToSend.length > 0;
  }

  #end(): void {
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

function saysNothing({ ranges, wants, gone, seen }: TableTurn | OutgoingTurn): boolean {
  return ranges.length + wants.length + gone.length + seen.length === 0;
}

function isSameSummary(a: SeenSummary, b: SeenSummary): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array && compareBytes(a, b) === 0;
}
