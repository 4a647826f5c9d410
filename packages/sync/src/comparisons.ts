// The comparisons of this table with those of its neighbours: one at a time with each, begun when a link comes up, when
// something is missing, and now and then. [SYNC-074 to SYNC-079]
import type { Clock, Random } from "@p2p/base";
import type { NodeId, WireValue } from "@p2p/wire";
import { decodeTableAccept, decodeTableOpen, decodeTableTurn, modes } from "./messages/comparison.js";
import { bad } from "./messages/read.js";
import { isStreamed, Session, type SessionResult } from "./reconcile/session.js";
import type { TableRecord } from "./record/record.js";
import { compareOrigins } from "./record/stamp.js";
import type { SeenVector } from "./seen-vector.js";
import type { MergeOutcome, Table } from "./table.js";

/** What a comparison needs of a neighbour. */
export interface ComparedLink {
  readonly id: NodeId;
  /** The longest frame body that the peer takes. */
  readonly maxFrameBytes: number;
  sendWhisper(items: readonly WireValue[]): boolean;
}

export interface ComparisonParts {
  readonly self: NodeId;
  readonly hasLeases: boolean;
  readonly table: Table;
  readonly seen: SeenVector;
  readonly nowUs: () => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly turnBytes: number;
  readonly merge: (link: ComparedLink, key: string, record: TableRecord) => MergeOutcome;
  readonly gone: (key: string) => void;
  readonly over: (link: ComparedLink, result: SessionResult) => void;
  /** A peer's message cannot be taken after all: what base would do, had it been taken at once. */
  readonly failed: (link: ComparedLink, error: unknown) => void;
  /** A peer begins more comparisons than is decent. */
  readonly rude: (link: ComparedLink) => void;
}

/** A comparison with one neighbour. */
interface Running {
  readonly session: Session;
  readonly isOwn: boolean;
  /** Whether it needs fingerprints; undefined: not accepted yet. */
  isCompared: boolean | undefined;
  /** Monotonic ms of the latest sign of progress. */
  aliveMs: number;
}

/** What is known of a neighbour besides. */
interface Neighbour {
  readonly link: ComparedLink;
  running: Running | undefined;
  /** The number of the one before, whose late turns are no fault. */
  lastSession: number | undefined;
  /** Something is missing that the neighbour may have. */
  isWanted: boolean;
  /** Monotonic ms from which on another one may begin. */
  restsUntilMs: number;
  /** Comparisons that the neighbour may begin at once. */
  tokens: number;
  /** Monotonic ms at which they were counted. */
  tokensMs: number;
}

/** Records whose fingerprints are computed in one job: some ms. */
const recordsAtATime = 512;

/** Without a turn of the peer for so long, a comparison is given up. */
const patienceMs = 30_000;

/** Between two comparisons with one neighbour because something is missing. */
const restMs = 1_000;

/** The same, when what is missing could not be taken. */
const longRestMs = 60_000;

/** Comparisons that a neighbour may begin: at once, and then a second. An honest one begins one a second, at most. */
const openBurst = 20;
const opensPerSecond = 1;

export class Comparisons {
  readonly #parts: ComparisonParts;
  readonly #neighbours = new Map<NodeId, Neighbour>();
  /** What waits until the fingerprints are computed. */
  #prepared: (() => void)[] = [];
  #lastSession: number;
  #isClosed = false;
  /** Those that came to their end. */
  count = 0;

  constructor(parts: ComparisonParts) {
    this.#parts = parts;
    this.#lastSession = new DataView(parts.random.bytes(4).buffer).getUint32(0);
  }

  /** A link came up, maybe in place of another one. @param begins whether this side is to begin */
  added(link: ComparedLink, begins: boolean): void {
    this.#neighbours.set(link.id, {
      link,
      running: undefined,
      lastSession: undefined,
      isWanted: begins,
      restsUntilMs: 0,
      tokens: openBurst,
      tokensMs: this.#parts.clock.monotonic(),
    });
    if (begins) this.begin(link.id);
  }

  removed(link: ComparedLink): void {
    if (this.#neighbours.get(link.id)?.link === link) this.#neighbours.delete(link.id);
  }

  /** Something is missing that this neighbour may have. */
  want(id: NodeId): void {
    const neighbour = this.#neighbours.get(id);
    if (neighbour === undefined) return;
    neighbour.isWanted = true;
    this.#beginWanted(neighbour);
  }

  /** Compares with a neighbour, unless that is being done. */
  begin(id: NodeId): void {
    const neighbour = this.#neighbours.get(id);
    if (neighbour === undefined || neighbour.running !== undefined || this.#isClosed) return;
    neighbour.isWanted = false;
    this.#lastSession = (this.#lastSession + 1) >>> 0;
    const session = this.#session(neighbour, this.#lastSession);
    neighbour.running = { session, isOwn: true, isCompared: undefined, aliveMs: this.#parts.clock.monotonic() };
    session.open();
  }

  /** Compares with a neighbour chosen at random. */
  beginAnywhere(): void {
    const ids = [...this.#neighbours.keys()];
    const id = ids[Math.floor(this.#parts.random.float() * ids.length)];
    if (id !== undefined) this.begin(id);
  }

  /** Gives up what makes no progress, and begins what had to wait. To be called about every second. */
  tick(): void {
    const nowMs = this.#parts.clock.monotonic();
    for (const neighbour of this.#neighbours.values()) {
      if (neighbour.running !== undefined && nowMs - neighbour.running.aliveMs >= patienceMs) this.#drop(neighbour);
      this.#beginWanted(neighbour);
    }
  }

  /** @throws SyncError `bad-message` */
  opened(id: NodeId, items: readonly WireValue[]): void {
    const { self, table, clock } = this.#parts;
    const neighbour = this.#neighbours.get(id);
    if (neighbour === undefined) return;
    const open = decodeTableOpen(items);
    if (!this.#isDecent(neighbour)) {
      this.#parts.rude(neighbour.link);
      return;
    }
    const { running } = neighbour;
    // Both have begun: the one of the lower id counts.
    if (running?.isOwn === true && running.isCompared === undefined && compareOrigins(self, id) < 0) return;
    this.#drop(neighbour);
    const session = this.#session(neighbour, open.session);
    const isCompared = !isStreamed(table.recordCount, open.count);
    neighbour.running = { session, isOwn: false, isCompared, aliveMs: clock.monotonic() };
    neighbour.isWanted = false;
    const accept = (): void => session.accept(open);
    if (isCompared) this.#prepare(neighbour, session, accept);
    else accept();
  }

  /** @throws SyncError `bad-message` */
  accepted(id: NodeId, items: readonly WireValue[]): void {
    const accept = decodeTableAccept(items);
    const running = this.#running(id, accept.session);
    if (running === undefined) return;
    if (!running.isOwn) throw bad("an accepted comparison", "one that this node began");
    running.aliveMs = this.#parts.clock.monotonic();
    running.isCompared = accept.mode === modes.compare;
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
    if (isCompared === true) this.#prepare(neighbour, session, () => session.turn(turn));
    else session.turn(turn);
  }

  close(): void {
    this.#isClosed = true;
    this.#neighbours.clear();
    this.#prepared = [];
  }

  /** The comparison of this number; undefined: it was given up here. @throws SyncError `bad-message`: there was none */
  #running(id: NodeId, session: number): Running | undefined {
    const neighbour = this.#neighbours.get(id);
    if (neighbour?.running?.session.id === session) return neighbour.running;
    if (neighbour === undefined || neighbour.lastSession === session) return undefined;
    throw bad("the number of a comparison", "one that was begun");
  }

  #session(neighbour: Neighbour, id: number): Session {
    const { table, seen, nowUs, clock, merge, gone, over, turnBytes } = this.#parts;
    const { link } = neighbour;
    const session: Session = new Session({
      table,
      seen,
      id,
      nowUs,
      // A turn has other parts besides, and a record that is the first one may be long.
      turnBytes: Math.min(turnBytes, Math.floor(link.maxFrameBytes / 4)), // [SYNC-076]
      sink: {
        send: (items) => link.sendWhisper(items),
        merge: (key, record) => merge(link, key, record),
        later: (run) => clock.queue(run),
        gone,
        over: (result) => {
          const { mode, recordsReceived, seen: peerSeen } = result;
          const isFutile = mode !== modes.equal && recordsReceived > 0 && peerSeen.length === 0;
          if (neighbour.running?.session === session) this.#drop(neighbour, isFutile ? longRestMs : restMs);
          if (result.mode === undefined) return;
          this.count += 1;
          over(link, result);
        },
      },
    });
    return session;
  }

  #isDecent(neighbour: Neighbour): boolean {
    const nowMs = this.#parts.clock.monotonic();
    const more = ((nowMs - neighbour.tokensMs) / 1_000) * opensPerSecond;
    neighbour.tokens = Math.min(openBurst, neighbour.tokens + more) - 1;
    neighbour.tokensMs = nowMs;
    return neighbour.tokens >= 0;
  }

  #drop(neighbour: Neighbour, pauseMs: number = restMs): void {
    if (neighbour.running === undefined) return;
    neighbour.lastSession = neighbour.running.session.id;
    neighbour.running = undefined;
    neighbour.restsUntilMs = this.#parts.clock.monotonic() + pauseMs;
  }

  #beginWanted(neighbour: Neighbour): void {
    const isDue = neighbour.isWanted && this.#parts.clock.monotonic() >= neighbour.restsUntilMs;
    if (isDue) this.begin(neighbour.link.id);
  }

  /** Goes on with a comparison when all fingerprints are there: computed bit by bit, so that nothing else has to wait. */
  #prepare(neighbour: Neighbour, session: Session, run: () => void): void {
    const attempt = (): void => {
      if (neighbour.running?.session !== session || this.#neighbours.get(neighbour.link.id) !== neighbour) return;
      try {
        run();
      } catch (error) {
        this.#parts.failed(neighbour.link, error);
      }
    };
    if (this.#parts.table.fingerprints.isReady) {
      run();
      return;
    }
    this.#prepared.push(attempt);
    if (this.#prepared.length === 1) this.#parts.clock.queue(this.#advance);
  }

  readonly #advance = (): void => {
    if (this.#isClosed) return;
    if (!this.#parts.table.fingerprints.advance(recordsAtATime)) {
      this.#parts.clock.queue(this.#advance);
      return;
    }
    const prepared = this.#prepared;
    this.#prepared = [];
    for (const run of prepared) run();
  };
}
