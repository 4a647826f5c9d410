// The table's part in a node, as base's seam for networks wants it: takes what comes and hands it to the part concerned.
// [SYNC-001] [SYNC-014] [SYNC-049] [SYNC-093]
import { BaseError, type CloseReason, type Connection, type Protocol, type TimerHandle } from "@p2p/base";
import type { Mesh } from "@p2p/mesh";
import { type Body, closeCodes, type Frame, flags, type NodeId, WireError, type WireValue } from "@p2p/wire";
import { Comparisons } from "./comparisons.js";
import { SyncError } from "./errors.js";
import { decodeClockAhead, decodeContender, encodeClockAhead, encodeContender } from "./messages/notices.js";
import { Notices } from "./notices.js";
import { asBadMessage } from "./receiver.js";
import type { SessionResult } from "./reconcile/session.js";
import { latestUsOf, type TableRecord, versionOf } from "./record/record.js";
import { compareOrigins } from "./record/stamp.js";
import type { Replica } from "./replica.js";

/** The feature of nodes that have a table [SYNC-001]. */
export const syncFeature = "sync/1";

const { subtypes } = flags;

export interface ParticipantListener {
  /** A neighbour's state is in. */
  compared(): void;
  error(error: Error): void;
}

const tickMs = 1_000;
/** How often the neighbours' clocks are looked at, and old tombstones are forgotten. */
const sweepMs = 10_000;
/** How often origins without records are forgotten. */
const pruneMs = 86_400_000;
/** How far time has to go back for the table to be looked through, in µs: less is no harm. */
const backUs = 1_000_000;
/** How long after it was shown a lease a neighbour may write over it without blame: its writes may be on their way. */
const stubbornMs = 10_000;
/** The type of requests by which a node that is no neighbour is shown a contender. */
const contenderType = "sync/1:contender";

export class Participant implements Protocol {
  readonly features: readonly string[];
  readonly subtypes: readonly number[] = [
    subtypes.tableOpen,
    subtypes.tableAccept,
    subtypes.tableTurn,
    subtypes.contender,
    subtypes.clockAhead,
  ];
  readonly #mesh: Mesh;
  readonly #replica: Replica;
  readonly #listener: ParticipantListener;
  readonly #comparisons: Comparisons;
  readonly #notices = new Notices(60_000);
  /** Own keys that were asserted again: a rude peer must not make this node as loud as itself. */
  readonly #assertions = new Notices(5_000);
  /** Own keys with a contender that wait for that. */
  readonly #unasserted = new Set<string>();
  /** When neighbours were shown a lease that they had written over, monotonic ms. */
  readonly #shownMs = new Map<NodeId, number>();
  #timer: TimerHandle | undefined;
  #nextCompareMs = 0;
  #nextSweepMs = 0;
  #nextPruneMs = 0;
  /** Physical time at the last look, and the monotonic one. */
  #wallUs: number;
  #wallMs: number;
  #isRunning = false;
  /** Physical time of the message at hand. */
  #nowUs = 0;

  constructor(mesh: Mesh, replica: Replica, listener: ParticipantListener) {
    const { clock, random, limits } = mesh.node.seams;
    this.#mesh = mesh;
    this.#replica = replica;
    this.#listener = listener;
    const hasLeases = replica.leaseMs !== undefined;
    this.features = [syncFeature, hasLeases ? "leases/1" : "no-leases/1"];
    this.#comparisons = new Comparisons({
      self: mesh.id,
      hasLeases,
      table: replica.table,
      seen: replica.seen,
      nowUs: () => replica.clock.physicalUs(),
      clock,
      random,
      turnBytes: Math.min(262_144, Math.floor(limits.maxFrameBytes / 4)),
      merge: (link, key, record) => {
        const outcome = replica.receiver.mergeTold(key, record, this.#nowUs);
        // Not the record's own origin: of single fields without leases it has none.
        if (outcome === "ahead") this.ahead(link.id, versionOf(record).origin, latestUsOf(record));
        return outcome;
      },
      takeRun: (run) => replica.receiver.takeRun(run, this.#nowUs),
      gone: (key) => replica.gone(key),
      over: (_link, result) => this.#compared(result),
      failed: (link, error) => this.#failed(link.id, error),
      rude: (link) => this.#close(link.id, closeCodes.rate, "too many comparisons of tables"),
    });
    this.#wallUs = replica.clock.physicalUs();
    this.#wallMs = clock.monotonic();
    if (hasLeases) mesh.handle(contenderType, ({ data }) => this.#shown(data));
  }

  /** Comparisons that came to their end. */
  get comparisons(): number {
    return this.#comparisons.count;
  }

  /** The node is open. */
  start(): void {
    this.#isRunning = true;
    this.#replica.opened();
    this.#plan();
    this.#tick();
  }

  /** Lets what was written go, as far as neighbours take it within the time for closing. */
  async finish(): Promise<void> {
    const { clock, limits } = this.#mesh.node.seams;
    const { outbox } = this.#replica;
    outbox.seal();
    if (!outbox.isBlocked) return;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, limits.closeTimeoutMs);
      const done = (): void => {
        clock.clearTimeout(timer);
        resolve();
      };
      outbox.room().then(done, done);
    });
  }

  stop(): void {
    this.#isRunning = false;
    if (this.#timer !== undefined) this.#mesh.node.seams.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#comparisons.close();
  }

  /** Updates are missing, which this neighbour may have. */
  missing(via: NodeId): void {
    this.#comparisons.want(via);
  }

  /** A record was refused for the lease on its key: its owner is to know. */
  contended(key: string, contender: TableRecord): void {
    const current = this.#replica.table.get(key);
    if (current === undefined) return;
    if (current.origin === this.#mesh.id) {
      if (this.#assertions.isDue(key, this.#nowMs)) this.#replica.reassert(key, contender);
      else this.#unasserted.add(key);
      return;
    }
    const { origin: owner } = current;
    if (!this.#notices.isDue(key, this.#nowMs)) return;
    const neighbour = this.#mesh.node.connectionTo(owner);
    const items = encodeContender([key, contender]);
    if (neighbour !== undefined) neighbour.sendWhisper(items);
    // Whoever cannot be reached will be told by others, or when it is back.
    else if (this.#mesh.node.isOpen) this.#mesh.request(owner, items, { type: contenderType }).catch(() => undefined);
  }

  /** A neighbour brought a record that is stamped too far in the future: it is told [SYNC-013]. */
  ahead(via: NodeId, origin: NodeId, stampUs: number): void {
    const neighbour = this.#mesh.node.connectionTo(via);
    if (neighbour === undefined || !this.#notices.isDue(via, this.#nowMs)) return;
    neighbour.sendWhisper(encodeClockAhead({ origin, stampUs, nowUs: this.#replica.clock.physicalUs() }));
  }

  /**
   * A neighbour's own write was refused for the lease on the key: it is shown the lease.
   * @returns whether it was shown it long enough ago to know better [SYNC-054]
   */
  isStubborn(via: NodeId, key: string): boolean {
    const current = this.#replica.table.get(key);
    if (current === undefined) return false;
    const shownMs = this.#shownMs.get(via);
    if (shownMs !== undefined) return this.#nowMs - shownMs >= stubbornMs;
    const neighbour = this.#mesh.node.connectionTo(via);
    if (neighbour === undefined) return false;
    this.#shownMs.set(via, this.#nowMs);
    neighbour.sendWhisper(encodeContender([key, current]));
    return false;
  }

  onConnected(connection: Connection): void {
    this.#correctClock();
    // One of the two begins: the one with the lower id [SYNC-074].
    this.#comparisons.added(connection, compareOrigins(this.#mesh.id, connection.id) < 0);
  }

  onDisconnected(connection: Connection, _reason: CloseReason): void {
    this.#comparisons.removed(connection);
    if (this.#mesh.node.connectionTo(connection.id) === undefined) this.#shownMs.delete(connection.id);
  }

  onBody(connection: Connection, body: Body, _frame: Frame, _rawBody: Uint8Array): void {
    if (this.#mesh.node.connectionTo(connection.id) !== connection) return;
    if (this.#mesh.node.seams.names.toText(body.sender) !== connection.id) {
      throw new BaseError("bad-message", "a message of the table in the name of another node", { peer: connection.id });
    }
    this.#nowUs = this.#replica.clock.physicalUs();
    try {
      this.#take(connection.id, body.items);
    } catch (error) {
      throw asBadMessage(error, connection.id);
    }
  }

  onClosing(): void {
    this.stop();
  }

  #take(id: NodeId, items: Body["items"]): void {
    switch (items[0]) {
      case subtypes.tableOpen:
        this.#comparisons.opened(id, items);
        return;
      case subtypes.tableAccept:
        this.#comparisons.accepted(id, items);
        return;
      case subtypes.tableTurn:
        this.#comparisons.turned(id, items);
        return;
      case subtypes.contender:
        if (this.#replica.leaseMs !== undefined) this.#contender(items);
        return;
      case subtypes.clockAhead:
        this.#clockAhead(id, items);
        return;
      default:
    }
  }

  #contender(items: Body["items"]): void {
    const [key, record] = decodeContender(items);
    this.#replica.receiver.mergeTold(key, record, this.#nowUs);
  }

  /** A node that is no neighbour shows a contender. What is none is dropped. */
  #shown(data: WireValue): null {
    this.#nowUs = this.#replica.clock.physicalUs();
    try {
      if (Array.isArray(data)) this.#contender(data);
    } catch (error) {
      if (!(error instanceof SyncError || error instanceof WireError)) throw error;
    }
    return null;
  }

  #clockAhead(id: NodeId, items: Body["items"]): void {
    const { origin, stampUs, nowUs } = decodeClockAhead(items);
    this.#correctClock();
    if (origin !== this.#mesh.id || !this.#notices.isDue(id, this.#nowMs)) return;
    const text = `${id} does not take this node's writes: they are ${(stampUs - nowUs) / 1_000_000} s ahead of its clock`;
    this.#listener.error(new SyncError("clock-ahead", text, { peer: id }));
  }

  #compared(result: SessionResult): void {
    this.#replica.compared(result.seen);
    this.#listener.compared();
  }

  /** What base would have done, had the message been taken at once. */
  #failed(id: NodeId, error: unknown): void {
    const cause = asBadMessage(error, id);
    this.#listener.error(cause instanceof Error ? cause : new Error(String(cause)));
    this.#close(id, closeCodes.protocol, "a message of the table that cannot be");
  }

  #close(id: NodeId, code: number, text: string): void {
    void this.#mesh.node.connectionTo(id)?.close(code, text);
  }

  get #nowMs(): number {
    return this.#mesh.node.seams.clock.monotonic();
  }

  #tick(): void {
    if (!this.#isRunning) return;
    const { clock } = this.#mesh.node.seams;
    this.#timer = clock.setTimeout(() => this.#tick(), tickMs);
    const nowMs = clock.monotonic();
    this.#comparisons.tick();
    this.#replica.settle();
    this.#assertAgain(nowMs);
    this.#lookBack(nowMs);
    if (nowMs >= this.#nextSweepMs) {
      this.#nextSweepMs = nowMs + sweepMs;
      this.#correctClock();
      this.#replica.sweep();
    }
    if (nowMs >= this.#nextPruneMs) {
      this.#nextPruneMs = nowMs + pruneMs;
      this.#replica.prune();
    }
    if (nowMs < this.#nextCompareMs) return;
    this.#plan();
    this.#comparisons.beginAnywhere();
  }

  #assertAgain(nowMs: number): void {
    for (const key of this.#unasserted) {
      const contender = this.#replica.table.contender(key);
      if (contender !== undefined && !this.#assertions.isDue(key, nowMs)) continue;
      this.#unasserted.delete(key);
      if (contender !== undefined) this.#replica.reassert(key, contender);
    }
  }

  /** Whether physical time went back, by itself or by a correction. */
  #lookBack(nowMs: number): void {
    const wallUs = this.#replica.clock.physicalUs();
    const isBack = wallUs - this.#wallUs < (nowMs - this.#wallMs) * 1_000 - backUs;
    this.#wallUs = wallUs;
    this.#wallMs = nowMs;
    if (isBack) this.#replica.review();
  }

  /** The next comparison with anybody: around the usual time, so that not all nodes do it at once. */
  #plan(): void {
    const { clock, random } = this.#mesh.node.seams;
    const { reconcileMs } = this.#replica.limits;
    this.#nextCompareMs = clock.monotonic() + reconcileMs * (0.5 + random.float());
  }

  #correctClock(): void {
    const offsets = this.#mesh.node.connections.flatMap(({ clockOffsetMs }) => clockOffsetMs ?? []);
    this.#replica.clock.correct(offsets);
  }
}
