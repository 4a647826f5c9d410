// The comparisons of this table with those of its neighbours: one at a time with each, begun when a link comes up, when
// something is missing, and now and then. [SYNC-074 to SYNC-079]
import type { NodeId, WireValue } from "@p2p/wire";
import { type ComparedLink, ComparedNeighbour, type Running } from "./compared-neighbour.js";
import type { ComparisonParts } from "./comparison-parts.js";
import { isFilling, isHeldUp } from "./hold-up.js";
import { decodeTableAccept, decodeTableOpen, decodeTableTurn, modes, type TableOpen } from "./messages/comparison.js";
import { bad } from "./messages/read.js";
import { Preparation } from "./preparation.js";
import { isStreamed } from "./reconcile/choose-mode.js";
import { Session } from "./reconcile/session.js";
import type { SessionResult } from "./reconcile/session-parts.js";
import { compareOrigins } from "./record/stamp.js";

/** Without a turn of the peer for so long, a comparison is given up. */
const patienceMs = 30_000;

/** Between two comparisons with one neighbour because something is missing. */
const restMs = 1_000;

/** The same, when what is missing could not be taken. */
const longRestMs = 60_000;

export class Comparisons {
  readonly #parts: ComparisonParts;
  readonly #neighbours = new Map<NodeId, ComparedNeighbour>();
  readonly #preparation: Preparation;
  #lastSession: number;
  #isClosed = false;
  /** Those that came to their end. */
  count = 0;

  constructor(parts: ComparisonParts) {
    this.#parts = parts;
    this.#preparation = new Preparation(parts.table, parts.clock);
    this.#lastSession = new DataView(parts.random.bytes(4).buffer).getUint32(0);
  }

  /** A link came up, maybe in place of another one. @param begins whether this side is to begin */
  added(link: ComparedLink, begins: boolean): void {
    const neighbour = new ComparedNeighbour(link, this.#parts.clock.monotonic());
    this.#neighbours.set(link.id, neighbour);
    if (begins) this.begin(link.id);
  }

  removed(link: ComparedLink): void {
    if (this.#neighbours.get(link.id)?.link !== link) return;
    this.#neighbours.delete(link.id);
    this.#goOn();
  }

  /** Something is missing that this neighbour may have. */
  want(id: NodeId): void {
    const neighbour = this.#neighbours.get(id);
    if (neighbour === undefined) return;
    neighbour.isWanted = true;
    this.#goOn();
  }

  /** Compares with a neighbour, unless that is being done. */
  begin(id: NodeId): void {
    const neighbour = this.#neighbours.get(id);
    if (neighbour === undefined || neighbour.running !== undefined || this.#isClosed) return;
    const isFilling = this.#parts.table.recordCount === 0;
    neighbour.isWanted = this.#isHeldUp(neighbour);
    if (neighbour.isWanted) return;
    this.#lastSession = (this.#lastSession + 1) >>> 0;
    const session = this.#session(neighbour, this.#lastSession);
    const aliveMs = this.#parts.clock.monotonic();
    neighbour.running = { session, isOwn: true, isCompared: undefined, isFilling, aliveMs };
    session.open();
  }

  /** Compares with a neighbour chosen at random; of equal tables that is a message each way. */
  beginAnywhere(): void {
    const ids = [...this.#neighbours.keys()];
    const id = ids[Math.floor(this.#parts.random.float() * ids.length)];
    if (id !== undefined) this.#preparation.whenReady(() => this.begin(id));
  }

  /** Gives up what makes no progress, and begins what had to wait. To be called about every second. */
  tick(): void {
    const nowMs = this.#parts.clock.monotonic();
    for (const neighbour of this.#neighbours.values()) {
      if (neighbour.running !== undefined && nowMs - neighbour.running.aliveMs >= patienceMs) {
        neighbour.drop(nowMs, restMs);
      }
    }
    this.#goOn();
  }

  /** @throws SyncError `bad-message` */
  opened(id: NodeId, items: readonly WireValue[]): void {
    const { self, clock } = this.#parts;
    const neighbour = this.#neighbours.get(id);
    if (neighbour === undefined) return;
    const open = decodeTableOpen(items);
    if (!neighbour.mayBegin(clock.monotonic())) {
      this.#parts.rude(neighbour.link);
      return;
    }
    const { running } = neighbour;
    // Both have begun: the one of the lower id counts.
    if (running?.isOwn === true && running.isCompared === undefined && compareOrigins(self, id) < 0) return;
    neighbour.drop(clock.monotonic(), restMs);
    neighbour.isWanted = false;
    if (this.#isFilling(open.count) && this.#isHeldUp(neighbour)) neighbour.parked = open;
    else this.#accept(neighbour, open);
  }

  /** @throws SyncError `bad-message` */
  accepted(id: NodeId, items: readonly WireValue[]): void {
    const accept = decodeTableAccept(items);
    const running = this.#running(id, accept.session);
    if (running === undefined) return;
    if (!running.isOwn) throw bad("an accepted comparison", "one that this node began");
    running.aliveMs = this.#parts.clock.monotonic();
    running.isCompared = accept.mode === modes.compare;
    running.isFilling = this.#isFilling(accept.count);
    running.session.accepted(accept);
  }

  /** @throws SyncError `bad-message` */
  turned(id: NodeId, items: readonly WireValue[]): void {
    const neighbour = this.#neighbours.get(id);
    const turn = decodeTableTurn(items, this.#parts.hasLeases);
    const running = this.#running(id, turn.session);
    if (neighbour === undefined || running === undefined) return;
    running.aliveMs = this.#parts.clock.monotonic();
    const { session, isCompared } = running;
    if (isCompared === true) this.#resume(neighbour, session, () => session.turn(turn));
    else session.turn(turn);
  }

  close(): void {
    this.#isClosed = true;
    this.#neighbours.clear();
    this.#preparation.close();
  }

  /** The comparison of this number; undefined: it was given up here. @throws SyncError `bad-message`: there was none */
  #running(id: NodeId, session: number): Running | undefined {
    const neighbour = this.#neighbours.get(id);
    if (neighbour?.running?.session.id === session) return neighbour.running;
    if (neighbour === undefined || neighbour.lastSession === session) return undefined;
    throw bad("the number of a comparison", "one that was begun");
  }

  #session(neighbour: ComparedNeighbour, id: number): Session {
    const { table, seen, nowUs, merge, takeRun, gone, told, turnBytes } = this.#parts;
    const { link } = neighbour;
    const session: Session = new Session({
      table,
      seen,
      id,
      nowUs,
      // A turn has other parts besides, and a record that is the first one may be long.
      turnBytes: Math.min(turnBytes, Math.floor(link.maxFrameBytes / 4)), // [SYNC-076]
      sink: {
        // At once: the peer goes on by it, and what it sent before is perhaps being read in one long turn here.
        send: (items) => {
          link.sendWhisper(items);
          link.flush();
        },
        merge: (key, record) => {
          const outcome = merge(link, key, record);
          if (outcome === "adopted") neighbour.adopted += 1;
          return outcome;
        },
        takeRun: (run) => {
          const before = table.recordCount;
          const left = takeRun(run);
          neighbour.adopted += table.recordCount - before;
          return left;
        },
        gone,
        told,
        later: (run) => this.#parts.clock.queue(() => this.#goOnWith(neighbour, session, run)),
        over: (result) => this.#over(neighbour, session, result),
      },
    });
    return session;
  }

  #over(neighbour: ComparedNeighbour, session: Session, result: SessionResult): void {
    const { mode, recordsReceived, seen } = result;
    const isFutile = mode !== modes.equal && recordsReceived > 0 && seen.length === 0;
    const hasNews = neighbour.adopted > 0;
    if (neighbour.running?.session === session) {
      neighbour.drop(this.#parts.clock.monotonic(), isFutile ? longRestMs : restMs);
    }
    if (mode !== undefined) {
      this.count += 1;
      this.#parts.over(neighbour.link, result);
    }
    // What came by a comparison is no broadcast: the others learn of it in the same way.
    if (hasNews) for (const other of this.#neighbours.values()) if (other !== neighbour) other.isWanted = true;
    this.#goOn();
  }

  /** Begins or accepts what had to wait. */
  #goOn(): void {
    const nowMs = this.#parts.clock.monotonic();
    for (const neighbour of this.#neighbours.values()) {
      const { parked } = neighbour;
      if (parked !== undefined && !(this.#isFilling(parked.count) && this.#isHeldUp(neighbour))) {
        neighbour.parked = undefined;
        this.#accept(neighbour, parked);
      }
      if (neighbour.isWanted && nowMs >= neighbour.restsUntilMs) this.begin(neighbour.link.id);
    }
  }

  #accept(neighbour: ComparedNeighbour, open: TableOpen): void {
    const { table, clock } = this.#parts;
    const session = this.#session(neighbour, open.session);
    const isCompared = !isStreamed(table.recordCount, open.count);
    const isFilling = this.#isFilling(open.count);
    neighbour.running = { session, isOwn: false, isCompared, isFilling, aliveMs: clock.monotonic() };
    const accept = (): void => session.accept(open);
    if (isCompared) this.#resume(neighbour, session, accept);
    else accept();
  }

  #isFilling(peerCount: number): boolean {
    return isFilling(this.#parts.table.recordCount, peerCount);
  }

  #isHeldUp(neighbour: ComparedNeighbour): boolean {
    return isHeldUp(neighbour, this.#neighbours.values(), this.#parts.clock.monotonic());
  }

  /** Goes on with a comparison when all fingerprints are there. */
  #resume(neighbour: ComparedNeighbour, session: Session, run: () => void): void {
    this.#preparation.whenReady(() => this.#goOnWith(neighbour, session, run));
  }

  /** Goes on with a comparison, if it was not given up. */
  #goOnWith(neighbour: ComparedNeighbour, session: Session, run: () => void): void {
    if (neighbour.running?.session !== session || this.#neighbours.get(neighbour.link.id) !== neighbour) return;
    try {
      run();
    } catch (error) {
      this.#parts.failed(neighbour.link, error);
    }
  }
}
