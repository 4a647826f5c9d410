// Tells the application what a merge changed: made only while somebody listens, as most of a snapshot is news to nobody.
import type { Emitter } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import type { Change } from "./change.js";
import { leaseOf } from "./lease/lease.js";
import { type TableRecord, versionOf } from "./record/record.js";
import type { SyncEvents } from "./sync-events.js";
import type { Watchers } from "./watch.js";

export interface ReporterParts {
  readonly self: NodeId;
  readonly events: Emitter<SyncEvents>;
  readonly watchers: Watchers;
  /** Physical time in µs. */
  readonly nowUs: () => number;
}

export class Reporter {
  readonly #parts: ReporterParts;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** Whether anybody may want to know that this record was replaced. */
  isHeard(before: TableRecord | undefined): boolean {
    const { self, events, watchers } = this.#parts;
    return before?.origin === self || !watchers.isEmpty || events.has("update") || events.has("delete");
  }

  /** The record of a key was replaced. */
  changed(key: string, before: TableRecord | undefined, after: TableRecord, isLocal: boolean): void {
    const { self, events, watchers } = this.#parts;
    if (before?.origin === self && after.origin !== self && !isLocal) this.#lost(key, before, after);
    // A renewal changes nothing that is told.
    if (before !== undefined && before.timeUs === after.timeUs && before.fields === after.fields) {
      if (before.origin === after.origin) return;
    }
    const oldValue = before?.value;
    const newValue = after.value;
    if (oldValue === undefined && newValue === undefined) return;
    const kind = newValue === undefined ? "delete" : "update";
    const isHeard = events.has(kind);
    if (!isHeard && watchers.isEmpty) return;
    const owner = leaseOf(after, this.#parts.nowUs())?.owner;
    const change: Change = { kind, key, oldValue, newValue, owner, version: versionOf(after), isLocal };
    if (isHeard) events.emit(kind, change);
    if (!watchers.isEmpty) watchers.push(change);
  }

  /** A key was forgotten, as others had deleted it long ago. */
  dropped(key: string, before: TableRecord): void {
    const { events, watchers } = this.#parts;
    if (before.value === undefined || (!events.has("delete") && watchers.isEmpty)) return;
    const [oldValue, version] = [before.value, versionOf(before)];
    const change: Change = {
      kind: "delete",
      key,
      oldValue,
      newValue: undefined,
      owner: undefined,
      version,
      isLocal: false,
    };
    events.emit("delete", change);
    watchers.push(change);
  }

  /** A record of a peer was not taken. @param current the one that stays */
  refused(key: string, record: TableRecord, current: TableRecord | undefined, reason: "leased" | "clock-ahead"): void {
    const { events, nowUs } = this.#parts;
    if (!events.has("refused")) return;
    const owner = leaseOf(current, nowUs())?.owner;
    events.emit("refused", { key, origin: record.origin, owner, reason });
  }

  #lost(key: string, before: TableRecord, after: TableRecord): void {
    const { self, events, nowUs } = this.#parts;
    if (leaseOf(before, nowUs())?.owner !== self) return;
    events.emit("leaseLost", { key, owner: self, winner: after.origin, value: before.value });
  }
}
