// What comparisons work on, and what they want done.
import type { Clock, Random } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import type { ComparedLink } from "./compared-neighbour.js";
import type { FullRecord } from "./messages/full-record.js";
import type { PlainRun } from "./messages/plain-run.js";
import type { SessionResult } from "./reconcile/session-parts.js";
import type { TableRecord } from "./record/record.js";
import type { SeenVector } from "./seen-vector.js";
import type { Table } from "./table.js";
import type { MergeOutcome } from "./table-parts.js";

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
  /** Takes the new records of a run as a whole. @returns those that are to be merged one by one */
  readonly takeRun: (run: PlainRun) => Iterable<FullRecord>;
  readonly gone: (key: string) => void;
  /** A neighbour has told all that it has, in a comparison that is not over yet. */
  readonly told: () => void;
  readonly over: (link: ComparedLink, result: SessionResult) => void;
  /** A peer's message cannot be taken after all: what base would do, had it been taken at once. */
  readonly failed: (link: ComparedLink, error: unknown) => void;
  /** A peer begins more comparisons than is decent. */
  readonly rude: (link: ComparedLink) => void;
}
