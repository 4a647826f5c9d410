// Tells the application what a merge changed: made only while somebody listens, as most of a snapshot is news to nobody.
import type { Emitter } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import { leaseOf } from "./lease/lease.js";
import { frozen } from "./record/frozen.js";
import { type TableRecord, versionOf } from "./record/record.js";
import type { Refusal, SyncEvents } from "./sync-events.js";
import { TableChange } from "./table-change.js";
import type { Watchers } from "./watch.js";

export interface ReporterParts {
  readonly self: NodeId;
  readonly events: Emitter<SyncEvents>;
  readonly watchers: Watchers;
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

  /** The record of a key was replaced. @param nowUs physical time */
  changed(key: string, before: TableRecord | undefined, after: TableRecord, isLocal: boolean, nowUs: number): void {
    if (before !== undefined) {
      const { self } = this.#parts;
      if (!isLocal && before.origin === self && after.origin !== self) this.#lost(key, before, after, nowUs);
      // A renewal changes nothing that is told. An owner may have given one number twice.
      const isRenewal = before.timeUs === after.timeUs && before.fields?.byName === after.fields?.byName;
      if (isRenewal && after.proof === undefined && before.origin === after.origin) return;
    }
    this.#tell(new TableChange(key, before?.value, after.value, after, isLocal, nowUs));
  }

  /** A key was forgotten, as others had deleted it long ago. */
  dropped(key: string, before: TableRecord, nowUs: number): void {
    this.#tell(new TableChange(key, before.value, undefined, before, false, nowUs));
  }

  /** A record of a peer was not taken. @param current the one that stays */
  refused(
    key: string,
    record: TableRecord,
    current: TableRecord | undefined,
    reason: Refusal["reason"],
    nowUs: number,
    via?: NodeId,
  ): void {
    const { events } = this.#parts;
    if (!events.has("refused")) return;
    const owner = record.proof === undefined ? leaseOf(current, nowUs)?.owner : record.origin;
    const bringer = via === undefined ? {} : { via };
    events.emit("refused", { key, origin: versionOf(record).origin, owner, reason, ...bringer });
  }

  #tell(change: TableChange): void {
    const { events, watchers } = this.#parts;
    if (change.oldValue === undefined && change.newValue === undefined) return;
    events.emit(change.kind, change);
    if (!watchers.isEmpty) watchers.push(change);
  }

  #lost(key: string, before: TableRecord, after: TableRecord, nowUs: number): void {
    const { self, events } = this.#parts;
    if (leaseOf(before, nowUs)?.owner !== self) return;
    events.emit("leaseLost", { key, owner: self, winner: after.origin, value: frozen(before.value) });
  }
}
