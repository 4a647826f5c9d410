// A peer that compares tables with the node: what it says, and what it reads of the node's turns.
import { inRange, type PlainRecord, recordDigest } from "../../reference/fingerprint.js";
import type { Packable } from "../../reference/msgpack.js";
import { concat, toHex, type Value } from "../../reference/value.js";
import { subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import type { Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { meshFence } from "../mesh/links.js";
import { isAccept, isTurn, lowId, openTable, second, sendUpdate, tablePeer, usualLeaseMs } from "./tables.js";

export const modes = { equal: 0, compare: 1, stream: 2 };
const silent = { ranges: [], origins: [], records: [], wants: [], gone: [], seen: [] };

export interface TurnFields {
  readonly comparison?: number;
  readonly turn: number;
  readonly hasMore?: boolean;
  readonly ranges?: readonly Packable[];
  readonly origins?: readonly Uint8Array[];
  readonly records?: readonly Packable[];
  readonly wants?: readonly Packable[];
  readonly gone?: readonly string[];
  readonly seen?: readonly Packable[];
}

export function sendTurn(peer: RawPeer, fields: TurnFields): void {
  const {
    comparison = 1,
    turn,
    hasMore = false,
    ranges,
    origins,
    records,
    wants,
    gone,
    seen,
  } = { ...silent, ...fields };
  peer.whisper(subtype.tableTurn, comparison, turn, hasMore, ranges, concat(origins), records, wants, gone, seen);
}

interface ReadTurn {
  readonly comparison: number;
  readonly turn: number;
  readonly hasMore: boolean;
  readonly ranges: readonly (readonly [path: number, kind: number, prints: Uint8Array])[];
  readonly keys: readonly string[];
  readonly records: readonly (readonly Value[])[];
  readonly wants: readonly (readonly [path: number, places: readonly number[]])[];
  readonly gone: readonly string[];
  readonly seen: readonly (readonly [origin: Uint8Array, time: number])[];
  readonly bytes: number;
}

export async function nextTurn(peer: RawPeer): Promise<ReadTurn> {
  const { items, body } = await peer.next(isTurn, "a turn of the node");
  const [, comparison, turn, hasMore, ranges, , records, wants, gone, seen] = items;
  return {
    comparison: Number(comparison),
    turn: Number(turn),
    hasMore: hasMore === true,
    ranges: ranges as ReadTurn["ranges"],
    keys: (records as readonly (readonly Value[])[]).flatMap(keysOf),
    records: records as ReadTurn["records"],
    wants: wants as ReadTurn["wants"],
    gone: gone as readonly string[],
    seen: seen as ReadTurn["seen"],
    bytes: body.length,
  };
}

/** The keys of a record, or of a run of them: `[nil, origin, lease, base, keys, lengths, times, values]`. */
function keysOf(record: readonly Value[]): string[] {
  if (record[0] !== null) return [String(record[0])];
  const [keys, lengths] = [record[4] as Uint8Array, record[5] as Uint8Array];
  const found: string[] = [];
  for (let at = 0, index = 0; index < lengths.length; index += 2) {
    const length = (lengths[index] ?? 0) * 256 + (lengths[index + 1] ?? 0);
    found.push(new TextDecoder().decode(keys.subarray(at, at + length)));
    at += length;
  }
  return found;
}

interface OpenFields {
  readonly comparison?: number;
  readonly records: number;
  readonly root?: Uint8Array | null;
  readonly seen?: readonly Packable[];
}

/** Begins a comparison; the mode of the answer, and what the node has seen. */
export async function compare(
  peer: RawPeer,
  fields: OpenFields,
): Promise<{ readonly mode: Value | undefined; readonly seen: Value | undefined }> {
  const { comparison = 1, records, root = null, seen = [] } = fields;
  peer.whisper(subtype.tableOpen, comparison, records, root, seen);
  const { items } = await peer.next(
    (one) => isAccept(one) && one.items[1] === comparison,
    "the answer to a comparison",
  );
  return { mode: items[2], seen: items[4] };
}

interface Filled {
  readonly node: TestNode;
  readonly peer: RawPeer;
  readonly nowUs: number;
  readonly records: readonly PlainRecord[];
  /** Who wrote them, and when. */
  readonly origin: Uint8Array;
  readonly stampUs: number;
}

/** A table with so many keys by one origin, all of one update. */
export async function filled(stage: Stage, count: number, id?: Uint8Array): Promise<Filled> {
  const { node, nowUs } = await openTable(stage);
  const writer = await tablePeer(stage, node, { id: lowId(7) });
  const origin = lowId(8);
  const stampUs = nowUs - 60 * second;
  const records = Array.from({ length: count }, (_, number): PlainRecord => {
    return { key: `key ${number}`, origin, timeUs: stampUs, value: number, leaseMs: usualLeaseMs };
  });
  if (count > 0)
    sendUpdate(writer, { origin, stampUs, entries: records.map(({ key, value = null }) => [key, 0, value]) });
  await meshFence(writer, node);
  const peer = await tablePeer(stage, node, id === undefined ? {} : { id });
  return { node, peer, nowUs, records, origin, stampUs };
}

/** A fresh claim of an origin, as it stands in a table. */
export function fullRecord(key: string, timeUs: number, value: Packable, origin = 0): Packable {
  return [key, 0, origin, timeUs, value];
}

export const wrongRoot: Uint8Array = new Uint8Array(16).fill(17);

export function digestsOf(records: readonly PlainRecord[], range: readonly number[]): Uint8Array {
  return concat(inRange(records, range).map(recordDigest));
}

/** The digests of a list, whose order is the teller's. */
export function setOf(digests: Uint8Array | undefined): string[] {
  return (toHex(digests ?? new Uint8Array()).match(/.{32}/g) ?? []).sort();
}

export function seenOf(seen: Value | undefined, origin: Uint8Array): unknown {
  const entries = Array.isArray(seen) ? (seen as readonly (readonly [Uint8Array, number])[]) : [];
  return entries.find(([id]) => toHex(id) === toHex(origin))?.[1];
}
