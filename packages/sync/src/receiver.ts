// Updates of other nodes: read, admitted record by record, and judged as a whole before the mesh passes them on. The hot
// path of a table that is written elsewhere: no promise, and nothing is made for events that nobody listens to.
import { BaseError, type Connection } from "@p2p/base";
import type { Carried, Verdict } from "@p2p/mesh";
import type { NodeId } from "@p2p/wire";
import type { HybridClock } from "./clock.js";
import { SyncError } from "./errors.js";
import type { FullRecord } from "./messages/full-record.js";
import type { PlainRun } from "./messages/plain-run.js";
import { bad } from "./messages/read.js";
import { decodeUpdate, type Update } from "./messages/update.js";
import type { Ownership } from "./owned/ownership.js";
import { latestUsOf, type TableRecord } from "./record/record.js";
import type { Reporter } from "./reporter.js";
import type { SeenVector } from "./seen-vector.js";
import type { Table } from "./table.js";
import type { MergeOutcome } from "./table-parts.js";

/** Figures of a table's traffic. */
export interface TrafficCounters {
  /** Updates of others that were taken. */
  updatesReceived: number;
  /** Records of others that changed this table. */
  recordsAdopted: number;
  /** Records of others that were refused: leased to another, or too far ahead. */
  recordsRefused: number;
  /** Updates of others before which some are missing. */
  gaps: number;
}

export interface ReceiverParts {
  readonly hasLeases: boolean;
  readonly clock: HybridClock;
  readonly table: Table;
  readonly seen: SeenVector;
  readonly ownership: Ownership;
  readonly reporter: Reporter;
  readonly counters: TrafficCounters;
  /** A key was changed. Undefined: nobody has to know. */
  readonly changed: ((key: string) => void) | undefined;
  /** More of an origin was seen. */
  readonly sighted: (origin: NodeId) => void;
  /** Updates are missing, which a neighbour may have. */
  readonly missing: (via: NodeId) => void;
  /** A neighbour brought an update that is stamped too far in the future. */
  readonly ahead: (via: NodeId, origin: NodeId, stampUs: number) => void;
  /** A neighbour's own write was refused for a lease; whether it was told before, and long enough ago. */
  readonly isStubborn: (via: NodeId, key: string) => boolean;
  /** A record was refused for the lease on its key, and is its contender. */
  readonly contended: (key: string, contender: TableRecord) => void;
  readonly failed: (error: SyncError) => void;
}

/** The first byte of all keys that may be owned. */
const ownerMark = 0x40;

export class Receiver {
  readonly #parts: ReceiverParts;
  #isFullTold = false;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  /** @throws BaseError `bad-message`, which closes the link with `protocol` */
  take(message: Carried): Verdict {
    const { hasLeases, clock, seen, counters, sighted, missing } = this.#parts;
    let update: Update;
    try {
      update = decodeUpdate(message.items, message.from, hasLeases);
    } catch (error) {
      throw asBadMessage(error, message.via);
    }
    const { stampUs, prevUs, entries } = update;
    const nowUs = clock.physicalUs();
    // All of them before any is taken.
    try {
      for (const [key, record] of entries) this.#check(key, record, nowUs, message.via, true);
    } catch (error) {
      throw asBadMessage(error, message.via);
    }
    if (clock.isAhead(stampUs)) return this.#takeAhead(message, update, nowUs);
    clock.observe(stampUs);
    counters.updatesReceived += 1;
    let isTaken = false;
    let isWhole = true;
    let refused: string | undefined;
    for (const [key, record] of entries) {
      const outcome = this.merge(key, record, nowUs);
      if (outcome === "refused") refused = key;
      else isTaken = true;
      if (outcome === "full" || outcome === "crowded") isWhole = false;
    }
    if (isWhole) {
      if (seen.note(message.from, prevUs, stampUs) === "gap") {
        counters.gaps += 1;
        missing(message.via);
      }
      sighted(message.from);
    }
    if (refused !== undefined && message.from === message.via && this.#parts.isStubborn(message.via, refused)) {
      return "reject";
    }
    return isTaken ? "accept" : "ignore";
  }

  /** Of an update that is too far in the future, owned records are taken: they know no time. [SYNC-113] */
  #takeAhead({ via, from }: Carried, { stampUs, entries }: Update, nowUs: number): Verdict {
    let isRefused = false;
    for (const [key, record] of entries) {
      if (record.proof !== undefined) this.merge(key, record, nowUs);
      else {
        isRefused = true;
        this.#parts.counters.recordsRefused += 1;
        this.#refused(key, record, "clock-ahead", nowUs);
      }
    }
    if (!isRefused) return "accept";
    this.#parts.ahead(via, from, stampUs);
    return "ignore";
  }

  /** Takes the new records of a run as a whole, if nobody is to be told of each. @returns those to be merged one by one */
  takeRun(run: PlainRun, nowUs: number): Iterable<FullRecord> {
    const { table, clock, reporter, counters, changed, ownership } = this.#parts;
    // Merged one by one, each is checked.
    if (ownership.isKnown) {
      for (const key of run.marked(ownerMark)) if (ownership.ownerOf(key) !== undefined) throw misplaced(key);
    }
    if (changed !== undefined || reporter.isHeard(undefined)) return run.entries();
    const before = table.recordCount;
    const left = table.takeRun(run, nowUs);
    counters.recordsAdopted += table.recordCount - before;
    // What is ahead was not taken.
    if (table.recordCount > before) clock.observe(run.latestUs);
    return left;
  }

  /**
   * Merges a record that a peer told in full, of whatever time; what comes later by cause is later by stamp. [SYNC-012]
   * @param via the neighbour that told it, where there is one
   * @throws SyncError `bad-message`, `forged`: nothing of it was taken
   */
  mergeTold(key: string, record: TableRecord, nowUs: number, via?: NodeId): MergeOutcome {
    const { clock } = this.#parts;
    this.#check(key, record, nowUs, via, false);
    const latestUs = latestUsOf(record);
    // Before anything is written because of it.
    if (!clock.isAhead(latestUs)) clock.observe(latestUs);
    return this.merge(key, record, nowUs);
  }

  /** Merges one record of a peer that was checked, and tells of it. */
  merge(key: string, record: TableRecord, nowUs: number): MergeOutcome {
    const { table, reporter, counters, changed, contended } = this.#parts;
    const outcome = table.merge(key, record, nowUs);
    switch (outcome) {
      case "adopted": {
        counters.recordsAdopted += 1;
        changed?.(key);
        const before = table.replaced;
        if (reporter.isHeard(before)) reporter.changed(key, before, table.get(key) ?? record, false, nowUs);
        break;
      }
      case "refused":
        counters.recordsRefused += 1;
        this.#refused(key, record, "leased", nowUs);
        contended(key, record);
        break;
      case "ahead":
        counters.recordsRefused += 1;
        this.#refused(key, record, "clock-ahead", nowUs);
        break;
      case "full":
      case "crowded":
        this.#full(key, outcome);
        break;
      case "known":
        break;
      default:
        outcome satisfies never;
    }
    return outcome;
  }

  /** @throws SyncError `bad-message`, `forged` for what no honest neighbour brings [SYNC-110] [SYNC-112] */
  #check(key: string, record: TableRecord, nowUs: number, via: NodeId | undefined, isSentOn: boolean): void {
    const { ownership, table, counters, reporter } = this.#parts;
    // Most are neither owned nor meant to be.
    if (record.proof === undefined && ownership.ownerOf(key) === undefined) return;
    switch (ownership.judge(key, record, table.get(key), isSentOn)) {
      case "fits":
        return;
      case "misplaced":
        throw misplaced(key);
      case "forged": {
        counters.recordsRefused += 1;
        reporter.refused(key, record, table.get(key), "forged", nowUs, via);
        const text = `a record of "${key}" was brought that its owner does not vouch for`;
        throw new SyncError("forged", text, { key, owner: record.origin });
      }
    }
  }

  #refused(key: string, record: TableRecord, reason: "leased" | "clock-ahead", nowUs: number): void {
    this.#parts.reporter.refused(key, record, this.#parts.table.get(key), reason, nowUs);
  }

  /** Told once: what is missing is asked for again and again, until there is room. */
  #full(key: string, outcome: "full" | "crowded"): void {
    if (this.#isFullTold) return;
    this.#isFullTold = true;
    const why = outcome === "full" ? "delete keys, or raise maxTableBytes" : `set "${key}" anew, or raise maxFields`;
    const text = `the table is full: records of other nodes are missing; ${why}`;
    this.#parts.failed(new SyncError("table-full", text, { key }));
  }
}

function misplaced(key: string): SyncError {
  return bad(`a record of "${key}"`, "of the form for who owns that key");
}

/** What base answers by closing with `protocol`. */
export function asBadMessage(error: unknown, peer: Connection["id"]): unknown {
  if (!(error instanceof SyncError) || (error.code !== "bad-message" && error.code !== "forged")) return error;
  const { key, owner } = error;
  const concerned = { ...(key === undefined ? {} : { key }), ...(owner === undefined ? {} : { owner }) };
  const cause = new SyncError(error.code, error.message, { cause: error.cause, peer, ...concerned });
  return new BaseError("bad-message", error.message, { cause, peer });
}
