// How a comparison goes on: the table of modes in section 6 of spec/sync.md. [SYNC-072]
import { type Mode, modes, type TableOpen } from "../messages/comparison.js";
import type { SeenSummary } from "../messages/seen-summary.js";
import { compareBytes } from "../record/canonical.js";
import type { Table } from "../table.js";

/** Tables up to this are told in full rather than compared. */
const smallTable = 32;
/** A table that is so many times the other one is told in full. */
const lopsided = 4;
/** Fingerprints of so many records are computed at once where they may save a comparison: some ms. */
export const promptRecords = 1_024;

/** Whether two tables are told in full rather than compared: then no fingerprint is needed. */
export function isStreamed(ownCount: number, peerCount: number): boolean {
  const [less, more] = ownCount < peerCount ? [ownCount, peerCount] : [peerCount, ownCount];
  return more <= smallTable || less * lopsided < more;
}

/** The answer to who begins. @param ownSeen what was seen here */
export function chooseMode(table: Table, open: TableOpen, ownSeen: SeenSummary): Mode {
  const { recordCount } = table;
  // Equal tables have as many records.
  const root = open.root === undefined || open.count !== recordCount ? undefined : table.promptRoot(promptRecords);
  if (root !== undefined && open.root !== undefined && compareBytes(open.root, root) === 0) {
    // With equal tables, what was seen may still have to be told.
    const isTold = !(open.seen instanceof Uint8Array) && !(ownSeen instanceof Uint8Array);
    if (isTold || isSameSummary(open.seen, ownSeen)) return modes.equal;
  }
  return isStreamed(recordCount, open.count) ? modes.stream : modes.compare;
}

function isSameSummary(a: SeenSummary, b: SeenSummary): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array && compareBytes(a, b) === 0;
}
