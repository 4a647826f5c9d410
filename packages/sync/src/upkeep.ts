// What becomes of a table as time passes, or goes back. [SYNC-016] [SYNC-017] [SYNC-052] [SYNC-064] [SYNC-065] [SYNC-068]
import type { NodeId, WireValue } from "@p2p/wire";
import type { HybridClock } from "./clock.js";
import { latestUsOf, type TableRecord } from "./record/record.js";
import type { Reporter } from "./reporter.js";
import type { SeenVector } from "./seen-vector.js";
import type { Sending } from "./sending.js";
import type { Store } from "./store/store.js";
import type { Table } from "./table.js";
import type { Writer } from "./write/writer.js";

export interface UpkeepParts {
  readonly self: NodeId;
  readonly clock: HybridClock;
  readonly table: Table;
  readonly seen: SeenVector;
  readonly store: Store | undefined;
  readonly reporter: Reporter;
  readonly writer: Writer;
  readonly sending: Sending;
  /** Ends the update of the turn. */
  readonly seal: () => void;
  readonly failed: (error: Error) => void;
}

/** For how long an origin without records is remembered after its last write: 90 days. */
const forgetOriginUs = 7_776_000_000_000;

export class Upkeep {
  readonly #parts: UpkeepParts;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  /**
   * This node's time went back, as the clock or its correction did: what it wrote with stamps that are too far in the
   * future now, it writes anew; what others wrote so is forgotten, until its time comes. [SYNC-016]
   */
  review(): void {
    const { self, table, clock, store, writer, reporter, sending, seal } = this.#parts;
    const ahead: [key: string, record: TableRecord][] = [];
    table.forEach((key, record) => {
      if (clock.isAhead(latestUsOf(record))) ahead.push([key, record]);
    });
    for (const [origin, toUs] of this.#parts.seen.entries()) if (clock.isAhead(toUs)) this.#forget(origin);
    sending.reviewed();
    seal();
    for (const [key, record] of ahead) {
      table.drop(key);
      store?.touch(key);
      if (record.origin === self && record.value !== undefined) {
        this.#attempt(() => writer.set(key, record.value as WireValue, record.terms?.leaseMs || undefined));
      } else reporter.dropped(key, record, clock.physicalUs());
    }
  }

  /** Forgets origins of which no record is left, and which were not heard of for long. [SYNC-064] */
  prune(): void {
    const { clock, seen, table } = this.#parts;
    const nowUs = clock.physicalUs();
    const old = seen.entries().filter(([, toUs]) => nowUs - toUs > forgetOriginUs);
    if (old.length === 0) return;
    const present = new Set<NodeId>();
    table.forEach((_key, record) => {
      present.add(record.origin);
      for (const { origin } of record.fields?.byName.values() ?? []) present.add(origin);
    });
    for (const [origin] of old) if (!present.has(origin)) this.#forget(origin);
  }

  /** A neighbour saw a key deleted, and has forgotten it. */
  gone(key: string): void {
    const { table, clock, store, reporter } = this.#parts;
    const before = table.get(key);
    const nowUs = clock.physicalUs();
    if (before === undefined || !table.dropGone(key, nowUs)) return;
    store?.touch(key);
    reporter.dropped(key, before, nowUs);
  }

  /** Lets in the contenders whose time has come. */
  settle(): void {
    const { table, clock, store, reporter } = this.#parts;
    if (table.contenderCount === 0) return;
    const nowUs = clock.physicalUs();
    for (const { key, before, after } of table.settleAll(nowUs)) {
      store?.touch(key);
      reporter.changed(key, before, after, false, nowUs);
    }
  }

  /** Forgets deleted keys that are old enough. */
  sweep(): void {
    const { table, clock, store } = this.#parts;
    for (const key of table.sweep(clock.physicalUs())) store?.touch(key);
  }

  /** Writes an own key again, above a contender that came later. */
  reassert(key: string, contender: TableRecord): void {
    this.#attempt(() => this.#parts.writer.reassert(key, contender));
  }

  #forget(origin: NodeId): void {
    this.#parts.seen.forget(origin);
    this.#parts.store?.touchOrigin(origin);
  }

  /** A write that nobody asked for, so that nobody waits for its failure. */
  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#parts.failed(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
