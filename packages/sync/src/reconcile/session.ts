// One comparison of two tables: messages in, messages and records out. Both sides speak in turn. [SYNC-074 to SYNC-079]
import {
  encodeTableAccept,
  encodeTableOpen,
  encodeTableTurn,
  type Mode,
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
import { compareBytes } from "../record/canonical.js";
import { chooseMode, promptRecords } from "./choose-mode.js";
import { GoneKeys } from "./gone-keys.js";
import { Outgoing, type Share } from "./outgoing.js";
import { childOf, rootPath } from "./range-path.js";
import { SeenExchange } from "./seen-exchange.js";
import type { SessionOptions } from "./session-parts.js";
import { ToldRanges } from "./told-ranges.js";

/** Records beyond twice what the peer announced that are borne: it may be written to meanwhile. */
const spareRecords = 65_536;
/** Turns of a stream that are on their way at once, beside the one that is answered. */
const turnsAhead = 3;
/** About how long the first turn of a stream gets; each that follows four times as much: the peer begins to work while this side does. */
const firstStreamBytes = 16_384;
/** Own turns in which a key that is said to be gone may have been: as many as may be on their way, both ways. */
const turnsKept = 2 * turnsAhead + 2;

export class Session {
  readonly id: number;
  readonly #options: SessionOptions;
  readonly #outgoing: Outgoing;
  readonly #told = new ToldRanges();
  readonly #seen: SeenExchange;
  #mode: Mode | undefined;
  #peerCount = 0;
  /** The numbers of the next turns: those of one side are even. */
  #nextOwn = 1;
  #nextPeer = 0;
  #lastWasEmpty = false;
  #isGoingAhead = false;
  readonly #gone = new GoneKeys(turnsKept);
  #streamBytes = firstStreamBytes;
  #sent = 0;
  #received = 0;
  #isComplete = true;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.#options = options;
    this.#outgoing = new Outgoing(options.table);
    // Before anything else is told: what was seen by now is in all that follows.
    this.#seen = new SeenExchange(options.seen.entries());
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
    sink.send(encodeTableOpen({ session: this.id, count: table.recordCount, root, seen: this.#seen.summary }));
  }

  /** The peer begins. Compute the fingerprints before, unless {@link isStreamed}. */
  accept(open: TableOpen): void {
    const { table, sink } = this.#options;
    this.#peerCount = open.count;
    this.#seen.takeSummary(open.seen);
    const count = table.recordCount;
    const mode = chooseMode(table, open, this.#seen.summary);
    this.#mode = mode;
    sink.send(encodeTableAccept({ session: this.id, mode, count, seen: this.#seen.summary }));
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
    this.#seen.takeSummary(accept.seen);
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
    for (const { path, indexes } of turn.wants) {
      for (const key of this.#told.takeWant(path, indexes)) this.#outgoing.sendKey(key);
    }
    for (const key of this.#gone.believed(turn.gone)) this.#options.sink.gone(key);
    for (const range of turn.ranges) this.#takeRange(range, turn.number);
    this.#seen.take(turn.seen);
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
      this.#gone.add(key);
      return;
    }
    const outcome = sink.merge(key, record);
    if (outcome === "ahead" || outcome === "full" || outcome === "crowded") this.#isComplete = false;
  }

  /** A range is told only in answer to one that was told, a step down or the same; the first turn begins. */
  #takeRange({ path, kind, bytes }: RangeItem, turn: number): void {
    const isTop = turn === 0 && this.#mode === modes.compare && this.#told.takeTop(path);
    if (!isTop) this.#told.takeAnswer(path, kind);
    if (kind === "prints") this.#outgoing.answerPrints(path, bytes);
    else this.#outgoing.send(path, bytes);
  }

  #takeTurn(): void {
    const { turnBytes = 262_144, sink, table } = this.#options;
    const records = new RecordWriter();
    const share: Share = { ranges: [], records, wants: [] };
    if (this.#mode === modes.compare) table.fingerprints.index();
    this.#outgoing.fill(share, this.#told, this.#mode === modes.stream ? this.#nextStreamBytes(turnBytes) : turnBytes);
    const seen = this.#seen.next();
    const hasMore = this.#hasMore;
    const gone = this.#gone.next(records);
    const turn: OutgoingTurn = { session: this.id, number: this.#nextOwn, hasMore, ...share, gone, seen };
    this.#nextOwn += 2;
    this.#lastWasEmpty = saysNothing(turn) && records.count === 0;
    this.#sent += records.count;
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
    return !this.#outgoing.isEmpty || this.#seen.hasMore;
  }

  #end(): void {
    const { table, nowUs, sink } = this.#options;
    const now = nowUs();
    sink.over({
      mode: this.#mode,
      recordsSent: this.#sent,
      recordsReceived: this.#received,
      seen: this.#isComplete ? this.#seen.peers.filter(([, toUs]) => !table.isAhead(toUs, now)) : [],
    });
  }
}

function saysNothing({ ranges, wants, gone, seen }: TableTurn | OutgoingTurn): boolean {
  return ranges.length + wants.length + gone.length + seen.length === 0;
}
