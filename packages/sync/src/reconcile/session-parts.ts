// What a comparison works on, what it wants done, and what came of it.
import type { WireValue } from "@p2p/wire";
import type { Mode } from "../messages/comparison.js";
import type { FullRecord } from "../messages/full-record.js";
import type { PlainRun } from "../messages/plain-run.js";
import type { TableRecord } from "../record/record.js";
import type { SeenEntry, SeenVector } from "../seen-vector.js";
import type { Table } from "../table.js";
import type { MergeOutcome } from "../table-parts.js";

/** What a comparison wants done. */
export interface SessionSink {
  send(items: WireValue[]): void;
  /** Merges a record of the peer into the table, with all that follows from it. */
  merge(key: string, record: TableRecord): MergeOutcome;
  /** Takes those records of a run that are new as a whole. @returns those that are to be judged one by one. Default: all */
  takeRun?(run: PlainRun): Iterable<FullRecord>;
  /** The peer saw this key deleted: drops it from the table if that may be believed (`Table.dropGone`). */
  gone(key: string): void;
  /** Runs something when what waits was read and written, unless the comparison is given up. Default: at once. */
  later?(run: () => void): void;
  /** All that the peer had to tell is in; the comparison is not over yet. Told of streams. */
  told?(): void;
  /** The comparison is over. Its last message, if any, was sent. */
  over(result: SessionResult): void;
}

export interface SessionResult {
  /** How it went on; undefined: the peer did not accept. */
  readonly mode: Mode | undefined;
  readonly recordsSent: number;
  readonly recordsReceived: number;
  /** What the peer had seen when it began; empty when something of what it sent could not be taken. */
  readonly seen: readonly SeenEntry[];
}

export interface SessionOptions {
  readonly table: Table;
  readonly seen: SeenVector;
  /** Number of the comparison; the beginner chooses it. */
  readonly id: number;
  /** Physical time in µs. */
  readonly nowUs: () => number;
  /** About how long a turn gets, the first ones of a stream less. Default 262,144; less than a third of what the peer takes. */
  readonly turnBytes?: number;
  readonly sink: SessionSink;
}
