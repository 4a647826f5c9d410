// The messages of a comparison of two tables: its start, the answer to that, and its turns. [SYNC-074 to SYNC-079]
import { flags, type WireValue } from "@p2p/wire";
import { printBytes } from "../reconcile/fingerprints.js";
import { highestPath, isPath } from "../reconcile/range-path.js";
import { fanOut } from "../reconcile/trie-parts.js";
import type { SeenEntry } from "../seen-vector.js";
import { type FullRecord, OriginList } from "./full-record.js";
import type { PlainRun } from "./plain-run.js";
import { bad, type Items, readBoolean, readBytes, readItems, readKey, readUint } from "./read.js";
import { decodeRecords, type RecordWriter } from "./record-runs.js";
import {
  decodeSeenEntries,
  decodeSeenSummary,
  encodeSeenEntries,
  encodeSeenSummary,
  type SeenSummary,
} from "./seen-summary.js";

const { subtypes } = flags;

/** How a comparison goes on. */
export const modes = {
  /** The tables are equal: that was it. */
  equal: 0,
  /** Ranges are compared by fingerprints. */
  compare: 1,
  /** One table is much the smaller: both are told in full. */
  stream: 2,
} as const;

export type Mode = (typeof modes)[keyof typeof modes];

const highestSession = 0xffff_ffff;
/** Records that a table is believed to have. */
export const maxCount = 0x0fff_ffff;
/** Ranges, wants, or keys that are gone, of one turn. */
export const maxTurnItems = 4_096;
/** Digests of one range; the list of a longer one is cut. */
export const maxListed = 1_024;
/** Origins of which one turn tells what was seen. */
export const maxTurnSeen = 1_024;

/** Begins a comparison. */
export interface TableOpen {
  /** The beginner's number for it. */
  readonly session: number;
  /** Records in its table. */
  readonly count: number;
  /** The fingerprint of its table; undefined: not computed. */
  readonly root: Uint8Array | undefined;
  readonly seen: SeenSummary;
}

export interface TableAccept {
  readonly session: number;
  readonly mode: Mode;
  readonly count: number;
  readonly seen: SeenSummary;
}

/** What is told of a range. */
export type RangeItem =
  /** The fingerprints of its sixteen parts. */
  | { readonly kind: "prints"; readonly path: number; readonly bytes: Uint8Array }
  /** The digests of all its records. */
  | { readonly kind: "list"; readonly path: number; readonly bytes: Uint8Array };

/** The records wanted of a range that was told by their digests. */
export interface Want {
  readonly path: number;
  readonly indexes: readonly number[];
}

interface TurnParts {
  readonly session: number;
  /** 0, 1, 2 ... of both sides in turn. */
  readonly number: number;
  /** Whether the sender has more to say, whatever the answer. */
  readonly hasMore: boolean;
  readonly ranges: readonly RangeItem[];
  readonly wants: readonly Want[];
  /** Keys of the turn before that the sender saw deleted. */
  readonly gone: readonly string[];
  readonly seen: readonly SeenEntry[];
}

/** A turn that came. */
export interface TableTurn extends TurnParts {
  readonly records: readonly (FullRecord | PlainRun)[];
}

/** A turn to be sent. */
export interface OutgoingTurn extends TurnParts {
  readonly records: RecordWriter;
}

export function encodeTableOpen(open: TableOpen): WireValue[] {
  const { session, count, root, seen } = open;
  return [subtypes.tableOpen, session, count, root ?? null, encodeSeenSummary(seen)];
}

export function decodeTableOpen(items: Items): TableOpen {
  const root = items[3] === null ? undefined : readBytes(items[3], "the fingerprint of a table");
  if (root !== undefined && root.length !== printBytes) throw bad("the fingerprint of a table", "16 bytes");
  return {
    session: readUint(items[1], "the number of a comparison", highestSession),
    count: readUint(items[2], "the number of records", maxCount),
    root,
    seen: decodeSeenSummary(items[4]),
  };
}

export function encodeTableAccept(accept: TableAccept): WireValue[] {
  const { session, mode, count, seen } = accept;
  return [subtypes.tableAccept, session, mode, count, encodeSeenSummary(seen)];
}

export function decodeTableAccept(items: Items): TableAccept {
  return {
    session: readUint(items[1], "the number of a comparison", highestSession),
    // The range was just read.
    mode: readUint(items[2], "the mode of a comparison", modes.stream) as Mode,
    count: readUint(items[3], "the number of records", maxCount),
    seen: decodeSeenSummary(items[4]),
  };
}

const rangeKinds = { prints: 0, list: 1 } as const;

export function encodeTableTurn(turn: OutgoingTurn): WireValue[] {
  const origins = new OriginList();
  const records = turn.records.encode(origins);
  return [
    subtypes.tableTurn,
    turn.session,
    turn.number,
    turn.hasMore,
    turn.ranges.map(({ kind, path, bytes }) => [path, rangeKinds[kind], bytes]),
    origins.toBytes(),
    records,
    turn.wants.map(({ path, indexes }) => [path, [...indexes]]),
    [...turn.gone],
    encodeSeenEntries(turn.seen),
  ];
}

export function decodeTableTurn(items: Items, hasLeases: boolean): TableTurn {
  const origins = OriginList.read(items[5]);
  return {
    session: readUint(items[1], "the number of a comparison", highestSession),
    number: readUint(items[2], "the number of a turn", highestSession),
    hasMore: readBoolean(items[3], "the mark of a turn that is not the last"),
    ranges: readList(items[4], "the list of ranges").map(decodeRange),
    records: decodeRecords(readItems(items[6], "the list of records"), origins, hasLeases),
    wants: readList(items[7], "the list of wants").map(decodeWant),
    gone: readList(items[8], "the list of keys that are gone").map(readKey),
    seen: decodeSeenEntries(items[9], maxTurnSeen),
  };
}

function decodeRange(value: WireValue): RangeItem {
  const items = readItems(value, "a range");
  const path = readPath(items[0]);
  const bytes = readBytes(items[2], "the content of a range");
  switch (items[1]) {
    case rangeKinds.prints:
      if (bytes.length !== fanOut * printBytes) throw bad("the fingerprints of a range", "16 of 16 bytes");
      return { kind: "prints", path, bytes };
    case rangeKinds.list:
      if (bytes.length % printBytes !== 0 || bytes.length > maxListed * printBytes) {
        throw bad("the digests of a range", `at most ${maxListed} of 16 bytes`);
      }
      return { kind: "list", path, bytes };
    default:
      throw bad("the kind of a range", "0 or 1");
  }
}

function decodeWant(value: WireValue): Want {
  const items = readItems(value, "a want");
  const indexes = readItems(items[1], "the indexes of a want");
  if (indexes.length > maxListed) throw bad("the indexes of a want", `at most ${maxListed}`);
  const most = maxListed - 1;
  return { path: readPath(items[0]), indexes: indexes.map((each) => readUint(each, "the index of a want", most)) };
}

function readPath(value: WireValue | undefined): number {
  const path = readUint(value, "the path of a range", highestPath);
  if (!isPath(path)) throw bad("the path of a range", "1 and four bits a step");
  return path;
}

function readList(value: WireValue | undefined, what: string): Items {
  const list = readItems(value, what);
  if (list.length > maxTurnItems) throw bad(what, `of at most ${maxTurnItems}`);
  return list;
}
