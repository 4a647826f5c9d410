// Two tables compared in memory, message by message, with what it took.
import { decodeBody, encodeBody, flags, type NodeId, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { decodeTableAccept, decodeTableOpen, decodeTableTurn, type Mode } from "../messages/comparison.js";
import { Session } from "../reconcile/session.js";
import type { SessionResult, SessionSink } from "../reconcile/session-parts.js";
import type { TableRecord } from "../record/record.js";
import { SeenVector } from "../seen-vector.js";
import { Table } from "../table.js";

export const hourMs = 3_600_000;

/** A table with what it has seen, and a clock that is set by hand. */
export interface TestReplica {
  readonly id: NodeId;
  readonly table: Table;
  readonly seen: SeenVector;
  nowUs: number;
}

export function testReplica(id: NodeId, nowUs = 0): TestReplica {
  const table = new Table({ maxAheadMs: hourMs / 2, tombstoneMs: 24 * hourMs, maxTableBytes: 2 ** 30 });
  return { id, table, seen: new SeenVector(), nowUs };
}

export interface Comparison {
  readonly mode: Mode | undefined;
  /** Whether both sides came to an end. */
  readonly isOver: boolean;
  readonly messages: number;
  readonly bytes: number;
  readonly records: number;
}

export interface ComparingOptions {
  readonly hasLeases?: boolean;
  readonly turnBytes?: number;
  /** Called before each message is delivered. */
  readonly meanwhile?: (message: number) => void;
  /** More messages than this end it. Default 100,000. */
  readonly maxMessages?: number;
}

/** Compares; each message is encoded, counted, and decoded again. */
export function compareTables(a: TestReplica, b: TestReplica, options: ComparingOptions = {}): Comparison {
  const { hasLeases = false, maxMessages = 100_000 } = options;
  const queue: { readonly to: Session; readonly bytes: Uint8Array }[] = [];
  const results: SessionResult[] = [];
  let bytes = 0;
  let messages = 0;
  const sessionOf = (own: TestReplica, peer: () => Session): Session => {
    const sink: SessionSink = {
      send: (items) => {
        const body = encodeBody({ type: 2, sender: nodeIdToBytes(own.id), time: ++messages, items });
        bytes += body.length + 4;
        queue.push({ to: peer(), bytes: body });
      },
      merge: (key: string, record: TableRecord) => own.table.merge(key, record, own.nowUs),
      takeRun: (run) => own.table.takeRun(run, own.nowUs),
      gone: (key) => own.table.dropGone(key, own.nowUs),
      over: (result) => {
        results.push(result);
        own.seen.merge(result.seen);
      },
    };
    const { turnBytes } = options;
    const parts = { table: own.table, seen: own.seen, id: 7, nowUs: () => own.nowUs, sink };
    return new Session(turnBytes === undefined ? parts : { ...parts, turnBytes });
  };
  const first: Session = sessionOf(a, () => second);
  const second: Session = sessionOf(b, () => first);
  first.open();
  for (let next = queue.shift(); next !== undefined && messages < maxMessages; next = queue.shift()) {
    options.meanwhile?.(messages);
    deliver(next.to, decodeBody(next.bytes).items, hasLeases);
  }
  const [one, two] = results;
  return {
    mode: one?.mode,
    isOver: two !== undefined,
    messages,
    bytes,
    records: (one?.recordsSent ?? 0) + (two?.recordsSent ?? 0),
  };
}

function deliver(session: Session, items: readonly WireValue[], hasLeases: boolean): void {
  switch (items[0]) {
    case flags.subtypes.tableOpen:
      session.accept(decodeTableOpen(items));
      break;
    case flags.subtypes.tableAccept:
      session.accepted(decodeTableAccept(items));
      break;
    default:
      session.turn(decodeTableTurn(items, hasLeases));
  }
}
