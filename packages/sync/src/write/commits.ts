// Writes that were permitted, on their way into the table and the outbox: all of them or none, and in one turn. [SYNC-091]
import { encodeValue, type NodeId } from "@p2p/wire";
import { SyncError } from "../errors.js";
import { expiresUsOf } from "../lease/lease.js";
import { maxOwnedRecords } from "../record/limits.js";
import { latestUsOf, type TableRecord } from "../record/record.js";
import { memorySizeOf } from "../record/size.js";
import type { Stamp } from "../record/stamp.js";
import type { Reporter } from "../reporter.js";
import type { Table } from "../table.js";
import type { Outbox } from "./outbox.js";
import type { Permitted } from "./permits.js";

/** How the record of a write is made, given its stamp. */
export type Make = (stamp: Stamp, write: Permitted) => TableRecord;

export interface CommitParts {
  readonly self: NodeId;
  readonly table: Table;
  readonly outbox: Outbox<TableRecord>;
  readonly reporter: Reporter;
  /** The most bytes of one update. */
  readonly maxUpdateBytes: number;
  /** A key was written. */
  readonly wrote: (key: string) => void;
}

/** The most keys of one update. */
const maxKeys = 65_535;
/** What an item of an update takes besides key and value. */
const itemBytes = 32;
/** What a key takes in the table besides key and value, at most. */
const entryBytes = 512;

export class Commits {
  readonly #parts: CommitParts;

  constructor(parts: CommitParts) {
    this.#parts = parts;
  }

  /** @returns the record of the write. @throws SyncError `table-full`, `overflow` */
  commit(write: Permitted, nowUs: number, make: Make): TableRecord {
    let made: TableRecord | undefined;
    this.commitAll([write], nowUs, (stamp) => {
      made = make(stamp, write);
      return made;
    });
    // It was made above; a listener may have written the key again since.
    return made as TableRecord;
  }

  /** @throws SyncError `table-full`, `overflow` */
  commitAll(writes: readonly Permitted[], nowUs: number, make: Make): void {
    const { self, table, outbox, reporter, wrote } = this.#parts;
    let bytes = 0;
    let afterUs = 0;
    for (const write of writes) {
      bytes += write.bytes;
      afterUs = Math.max(afterUs, latestBefore(write));
    }
    this.#checkRoom(writes, bytes);
    if (!outbox.reserve(bytes, writes.length)) {
      throw new SyncError("overflow", "too many writes wait to be sent; await their promises before writing more");
    }
    const timeUs = outbox.timeFor(writes, afterUs, bytes);
    const stamp = { timeUs, origin: self };
    const laterUs = Math.max(nowUs, timeUs);
    const isHeard = reporter.isHeard(undefined);
    const afters: TableRecord[] = [];
    for (const write of writes) {
      const { key } = write;
      const record = make(stamp, write);
      table.merge(key, record, laterUs);
      outbox.add(key, record, write.bytes);
      // A whole value replaces all that was there; single fields and renewals were merged with it.
      if (isHeard) afters.push(record.timeUs > 0 ? record : (table.get(key) ?? record));
    }
    outbox.added();
    for (const { key } of writes) wrote(key);
    // Listeners may write again: not before all of this is done.
    for (const [index, after] of afters.entries()) {
      const write = writes[index];
      if (write !== undefined) reporter.changed(write.key, write.before, after, true, laterUs);
    }
  }

  /** @throws SyncError `too-large` for what makes no message together */
  checkUpdate(writes: readonly Permitted[]): void {
    const { maxUpdateBytes } = this.#parts;
    let bytes = 0;
    for (const write of writes) bytes += write.bytes + itemBytes;
    if (bytes > maxUpdateBytes) {
      // Texts were counted by their longest form.
      bytes = 0;
      for (const { key, value, signed } of writes) {
        bytes += encodeValue([key, value ?? null, signed?.proof ?? null]).length + itemBytes;
      }
    }
    const owned = writes.filter(({ signed }) => signed !== undefined).length;
    if (owned > maxOwnedRecords) {
      throw new SyncError("too-large", `an update of ${owned} owned keys; at most ${maxOwnedRecords}`);
    }
    if (bytes <= maxUpdateBytes && writes.length <= maxKeys) return;
    const text = `an update of ${writes.length} keys and about ${bytes} bytes; at most ${maxKeys} and ${maxUpdateBytes}`;
    throw new SyncError("too-large", text);
  }

  /** Nothing is refused by the table itself after this. */
  #checkRoom(writes: readonly Permitted[], bytes: number): void {
    const { table } = this.#parts;
    const { roomBytes, ownedRoomBytes } = table;
    // Owned keys have a part of it: what suffices for them suffices.
    if (ownedRoomBytes > bytes + writes.length * entryBytes) return;
    let needed = 0;
    let ofOwned = 0;
    for (const { key, before, bytes: own, signed } of writes) {
      const more = Math.max(0, own + entryBytes - (before === undefined ? 0 : memorySizeOf(key, before)));
      needed += more;
      if (signed !== undefined) ofOwned += more;
    }
    if (needed > roomBytes) throw tableFull("the table has", roomBytes, needed);
    if (ofOwned > ownedRoomBytes) throw tableFull("owned keys have", ownedRoomBytes, ofOwned);
  }
}

function tableFull(what: string, roomBytes: number, needed: number): SyncError {
  const text = `${what} ${roomBytes} bytes left, and ${needed} are needed; delete keys, or raise maxTableBytes`;
  return new SyncError("table-full", text);
}

/** What the stamp of a write is to be above: all that is there, and the lapse of the lease before a claim. */
function latestBefore({ before, permission }: Permitted): number {
  if (before === undefined) return 0;
  const latestUs = latestUsOf(before);
  return permission.kind === "claim" ? Math.max(latestUs, expiresUsOf(before) - 1) : latestUs;
}
