// The table's part in a node, as base's seam for networks wants it: takes what comes and hands it to the part concerned.
// [SYNC-001] [SYNC-014] [SYNC-049] [SYNC-093]
import { BaseError, type CloseReason, type Connection, type Protocol, type TimerHandle } from "@p2p/base";
import type { Mesh } from "@p2p/mesh";
import { type Body, closeCodes, type Frame, flags, type NodeId } from "@p2p/wire";
import { ClockWatch } from "./clock-watch.js";
import { Comparisons } from "./comparisons.js";
import { Disputes } from "./disputes.js";
import { asBadMessage } from "./receiver.js";
import type { SessionResult } from "./reconcile/session-parts.js";
import { latestUsOf, type TableRecord, versionOf } from "./record/record.js";
import { compareOrigins } from "./record/stamp.js";
import type { Replica } from "./replica.js";

/** The feature of nodes that have a table [SYNC-001]. */
export const syncFeature = "sync/1";

/** The feature of nodes with identities [SEC-094]. */
const ownedFeature = "owned/1";

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
  readonly #disputes: Disputes;
  readonly #clock: ClockWatch;
  #timer: TimerHandle | undefined;
  #nextCompareMs = 0;
  #nextSweepMs = 0;
  #nextPruneMs = 0;
  #isRunning = false;
  /** Physical time of the message at hand. */
  #nowUs = 0;

  constructor(mesh: Mesh, replica: Replica, listener: ParticipantListener) {
    const { clock, random, limits } = mesh.node.seams;
    this.#mesh = mesh;
    this.#replica = replica;
    this.#listener = listener;
    this.#disputes = new Disputes(mesh, replica);
    this.#clock = new ClockWatch(mesh, replica);
    const hasLeases = replica.leaseMs !== undefined;
    const ofOwners = replica.ownership.isKnown ? [ownedFeature] : [];
    this.features = [syncFeature, hasLeases ? "leases/1" : "no-leases/1", ...ofOwners];
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
        const outcome = replica.receiver.mergeTold(key, record, this.#nowUs, link.id);
        // Not the record's own origin: of single fields without leases it has none.
        if (outcome === "ahead") this.ahead(link.id, versionOf(record).origin, latestUsOf(record));
        return outcome;
      },
      takeRun: (run) => replica.receiver.takeRun(run, this.#nowUs),
      gone: (key) => replica.upkeep.gone(key),
      told: () => this.#listener.compared(),
      over: (_link, result) => this.#compared(result),
      failed: (link, error) => this.#failed(link.id, error),
      rude: (link) => this.#close(link.id, closeCodes.rate, "too many comparisons of tables"),
    });
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
    this.#disputes.contended(key, contender);
  }

  /** A neighbour brought a record that is stamped too far in the future. */
  ahead(via: NodeId, origin: NodeId, stampUs: number): void {
    this.#clock.ahead(via, origin, stampUs);
  }

  /** A neighbour's own write was refused for the lease on the key. @returns whether it knows better */
  isStubborn(via: NodeId, key: string): boolean {
    return this.#disputes.isStubborn(via, key);
  }

  onConnected(connection: Connection): void {
    this.#clock.correct();
    // One of the two begins: the one with the lower id [SYNC-074].
    this.#comparisons.added(connection, compareOrigins(this.#mesh.id, connection.id) < 0);
  }

  onDisconnected(connection: Connection, _reason: CloseReason): void {
    this.#comparisons.removed(connection);
    if (this.#mesh.node.connectionTo(connection.id) === undefined) this.#disputes.left(connection.id);
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
        this.#disputes.shown(items, id);
        return;
      case subtypes.clockAhead:
        this.#clockAhead(id, items);
        return;
      default:
    }
  }

  #clockAhead(id: NodeId, items: Body["items"]): void {
    const error = this.#clock.heard(id, items);
    if (error !== undefined) this.#listener.error(error);
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

  #tick(): void {
    if (!this.#isRunning) return;
    const { clock } = this.#mesh.node.seams;
    this.#timer = clock.setTimeout(() => this.#tick(), tickMs);
    const nowMs = clock.monotonic();
    this.#comparisons.tick();
    this.#replica.upkeep.settle();
    this.#disputes.tick();
    if (this.#clock.lookBack()) this.#replica.upkeep.review();
    if (nowMs >= this.#nextSweepMs) {
      this.#nextSweepMs = nowMs + sweepMs;
      this.#clock.correct();
      this.#replica.upkeep.sweep();
    }
    if (nowMs >= this.#nextPruneMs) {
      this.#nextPruneMs = nowMs + pruneMs;
      this.#replica.upkeep.prune();
    }
    if (nowMs < this.#nextCompareMs) return;
    this.#plan();
    this.#comparisons.beginAnywhere();
  }

  /** The next comparison with anybody: around the usual time, so that not all nodes do it at once. */
  #plan(): void {
    const { clock, random } = this.#mesh.node.seams;
    const { reconcileMs } = this.#replica.limits;
    this.#nextCompareMs = clock.monotonic() + reconcileMs * (0.5 + random.float());
  }
}
