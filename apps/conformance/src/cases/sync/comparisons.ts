// Comparisons of tables: who begins, turns, ranges, records, wants, and how they end (spec/sync.md, sections 4 to 6).
import {
  fingerprint,
  inRange,
  type PlainRecord,
  partPrints,
  pathOf,
  recordDigest,
  tableDigest,
} from "../../reference/fingerprint.js";
import { type Packable, pack } from "../../reference/msgpack.js";
import { concat, toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import type { Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import {
  highId,
  isAccept,
  isOpen,
  isTurn,
  lowId,
  openTable,
  second,
  sendUpdate,
  tablePeer,
  usualLeaseMs,
} from "./tables.js";

const modes = { equal: 0, compare: 1, stream: 2 };
const silent = { ranges: [], origins: [], records: [], wants: [], gone: [], seen: [] };

interface TurnFields {
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

function sendTurn(peer: RawPeer, fields: TurnFields): void {
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

async function nextTurn(peer: RawPeer): Promise<ReadTurn> {
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
async function compare(
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
async function filled(stage: Stage, count: number, id?: Uint8Array): Promise<Filled> {
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
function fullRecord(key: string, timeUs: number, value: Packable, origin = 0): Packable {
  return [key, 0, origin, timeUs, value];
}

const wrongRoot = new Uint8Array(16).fill(17);

export const comparisonCases: readonly NodeCase[] = [
  nodeCase(
    "sync/compare/begins",
    "SYNC-074",
    "the node begins with a neighbour of a higher id, and not with one of a lower",
    async (stage) => {
      const { node, peer } = await filled(stage, 3, lowId(2));
      const higher = await tablePeer(stage, node, { id: highId() });
      await node.advance(100);
      const { items } = await higher.next(isOpen, "a comparison");
      checkEqual([items[0], items[2]], [subtype.tableOpen, 3], "subtype and number of records");
      await peer.barrier();
      checkEqual(peer.inbox.waiting(isOpen).length, 0, "comparisons with the lower id");
    },
  ),
  nodeCase("sync/compare/digest", "SYNC-070", "the digest of a table is that of the chapter", async (stage) => {
    const { node, records, nowUs, peer, origin } = await filled(stage, 40);
    const values: readonly Packable[] = [
      null,
      -1,
      2.5,
      "text",
      new Uint8Array([1, 2]),
      [1, [2]],
      { b: [1], a: { z: 1, é: 2 } },
    ];
    const stampUs = nowUs - 30 * second;
    const more = values.map((value, number): PlainRecord => {
      return { key: `value ${number}`, origin, timeUs: stampUs, value, leaseMs: usualLeaseMs };
    });
    sendUpdate(peer, { origin, stampUs, entries: more.map(({ key, value = null }) => [key, 0, value]) });
    await meshFence(peer, node);
    checkEqual(await node.call({ do: "digest" }), toHex(tableDigest([...records, ...more])), "the digest");
  }),
  ...[40, 600].map((count) =>
    nodeCase(
      `sync/compare/equal-${count}`,
      "SYNC-071 SYNC-072",
      `tables of ${count} keys with the same fingerprint are equal`,
      async (stage) => {
        const { peer, records, origin, stampUs } = await filled(stage, count);
        const seen = count === 0 ? [] : [[origin, stampUs]];
        const { mode } = await compare(peer, { records: count, root: fingerprint(records), seen });
        checkEqual(mode, modes.equal, "the mode");
        await peer.barrier();
        checkEqual(peer.inbox.waiting(isTurn).length, 0, "turns");
      },
    ),
  ),
  nodeCase(
    "sync/compare/stream",
    "SYNC-072 SYNC-075",
    "a table that is much larger is told in full, one turn at a time",
    async (stage) => {
      const { peer, records } = await filled(stage, 40);
      const { mode } = await compare(peer, { records: 0 });
      checkEqual(mode, modes.stream, "the mode");
      const first = await nextTurn(peer);
      checkEqual([first.comparison, first.turn], [1, 0], "comparison and turn");
      await peer.barrier();
      checkEqual(peer.inbox.waiting(isTurn).length, 0, "further turns");
      checkEqual(first.keys.toSorted(), records.map(({ key }) => key).sort(), "the keys");
    },
  ),
  nodeCase(
    "sync/compare/prints",
    "SYNC-071 SYNC-072 SYNC-077",
    "a large table is told by the fingerprints of its parts",
    async (stage) => {
      const { peer, records } = await filled(stage, 600);
      const { mode } = await compare(peer, { records: 600, root: wrongRoot });
      checkEqual(mode, modes.compare, "the mode");
      const { ranges } = await nextTurn(peer);
      const told = ranges.length === 1 ? [[]] : Array.from({ length: 16 }, (_, group) => [group]);
      checkEqual(
        ranges.map(([path]) => path),
        told.map(pathOf),
        "the ranges",
      );
      for (const [number, [path, kind, prints]] of ranges.entries()) {
        const range = told[number] ?? [];
        const isList = inRange(records, range).length <= 32;
        checkEqual(kind, isList ? 1 : 0, `the kind of range ${path}`);
        if (isList) checkEqual(setOf(prints), setOf(digestsOf(records, range)), `the digests of range ${path}`);
        else checkEqual(toHex(prints), toHex(concat(partPrints(records, range))), `the fingerprints of range ${path}`);
      }
    },
  ),
  nodeCase(
    "sync/compare/lists",
    "SYNC-077 SYNC-079",
    "a small part is told by the digests of its records, and a list is answered by what it lacks",
    async (stage) => {
      const { peer, records } = await filled(stage, 200);
      await compare(peer, { records: 200, root: wrongRoot });
      await nextTurn(peer);
      const range = [3];
      const here = inRange(records, range);
      const [missing, ...others] = here;
      check(missing !== undefined && here.length <= 31, `${here.length} keys are in the part`);
      const list = concat([...others.map(recordDigest), new Uint8Array(16).fill(9)]);
      sendTurn(peer, { turn: 1, ranges: [[pathOf(range), 1, list]] });
      const answer = await nextTurn(peer);
      checkEqual(answer.keys, [missing.key], "the records");
      checkEqual(answer.wants, [[pathOf(range), [others.length]]], "the wants");
    },
  ),
  nodeCase(
    "sync/compare/parts",
    "SYNC-077 SYNC-078",
    "fingerprints that differ are answered by the part, and none by its records",
    async (stage) => {
      const { node, peer, records } = await filled(stage, 200, highId());
      await node.advance(100);
      const { items } = await peer.next(isOpen, "a comparison");
      const comparison = Number(items[1]);
      peer.whisper(subtype.tableAccept, comparison, modes.compare, 200, []);
      const prints = partPrints(records);
      prints[3] = new Uint8Array(16);
      prints[5] = new Uint8Array(16).fill(9);
      sendTurn(peer, { comparison, turn: 0, ranges: [[1, 0, concat(prints)]] });
      const answer = await nextTurn(peer);
      checkEqual(
        answer.keys.toSorted(),
        inRange(records, [3])
          .map(({ key }) => key)
          .sort(),
        "the records",
      );
      checkEqual(
        answer.ranges.map(([path, kind]) => [path, kind]),
        [[pathOf([5]), 1]],
        "the ranges",
      );
      checkEqual(setOf(answer.ranges[0]?.[2]), setOf(digestsOf(records, [5])), "the digests");
    },
  ),
  nodeCase(
    "sync/compare/at-once",
    "SYNC-073",
    "when both begin at once, the comparison of the lower id goes on",
    async (stage) => {
      const { node, peer, records } = await filled(stage, 3, highId());
      await node.advance(100);
      const { items } = await peer.next(isOpen, "a comparison");
      const comparison = Number(items[1]);
      peer.whisper(subtype.tableOpen, comparison + 1, 0, null, []);
      peer.whisper(subtype.tableAccept, comparison, modes.stream, 0, []);
      sendTurn(peer, { comparison, turn: 0 });
      const turn = await nextTurn(peer);
      checkEqual([turn.comparison, turn.turn, turn.keys.length], [comparison, 1, records.length], "the turn");
      await peer.barrier();
      checkEqual(peer.inbox.waiting(isAccept).length, 0, "answers to the other one");
    },
  ),
  nodeCase("sync/compare/ends", "SYNC-087", "two turns in a row that say nothing are the end", async (stage) => {
    const { peer } = await filled(stage, 0);
    await compare(peer, { records: 1 });
    const first = await nextTurn(peer);
    checkEqual([first.turn, first.keys.length, first.hasMore], [0, 0, false], "the first turn");
    sendTurn(peer, { turn: 1 });
    await peer.barrier();
    checkEqual(peer.inbox.waiting(isTurn).length, 0, "further turns");
  }),
  nodeCase(
    "sync/compare/limit",
    "SYNC-076",
    "turns fit into what the peer takes, and the rest follows",
    async (stage) => {
      const { node } = await openTable(stage);
      for (let number = 0; number < 100; number++) {
        await node.call({ do: "set", key: `key ${number}`, data: "x".repeat(10_000) });
      }
      const max = 200_000;
      const peer = await tablePeer(stage, node, { max });
      await compare(peer, { records: 0 });
      const keys: string[] = [];
      for (let turn = 0; keys.length < 100; turn += 2) {
        const told = await nextTurn(peer);
        check(told.bytes <= max, `a turn of ${told.bytes} bytes`);
        checkEqual(told.turn, turn, "the number of the turn");
        check(told.keys.length > 0, "a turn without records");
        keys.push(...told.keys);
        sendTurn(peer, { turn: turn + 1 });
      }
      checkEqual(new Set(keys).size, 100, "the number of keys");
    },
  ),
  nodeCase(
    "sync/compare/ahead",
    "SYNC-075 SYNC-096",
    "of a stream four turns are on their way, and each that is answered makes room for one",
    async (stage) => {
      const { node } = await openTable(stage);
      for (let number = 0; number < 100; number++) {
        await node.call({ do: "set", key: `key ${number}`, data: "x".repeat(10_000) });
      }
      const peer = await tablePeer(stage, node, { max: 200_000 });
      await compare(peer, { records: 0 });
      let said = 0;
      for (let turn = 0; ; turn += 2, said++) {
        const { keys, hasMore, turn: number } = await nextTurn(peer);
        checkEqual(number, turn, "the number of the turn");
        check(keys.length > 0, "a turn without records");
        if (!hasMore) break;
        await peer.barrier();
        const waiting = peer.inbox.waiting(isTurn).length;
        check(waiting <= 3, `${waiting} more turns than were answered`);
        sendTurn(peer, { turn: turn + 1 });
      }
      // What it had no more to say to is answered by silence, which is the end.
      sendTurn(peer, { turn: 2 * said + 1 });
      const { keys, turn } = await nextTurn(peer);
      checkEqual([keys.length, turn], [0, 2 * said + 2], "the last turn");
    },
  ),
  nodeCase("sync/compare/runs", "SYNC-089", "the records of a run are taken as if each was told", async (stage) => {
    const { node, peer, nowUs } = await filled(stage, 0);
    const [early, late] = [nowUs - 20 * second, nowUs - 10 * second];
    const origin = lowId(5);
    await compare(peer, { records: 5 });
    await nextTurn(peer);
    const keys = new TextEncoder().encode("oneéthreefour");
    const run = [null, 0, usualLeaseMs, early, keys, new Uint8Array([0, 3, 0, 2, 0, 5, 0, 4]), [3, 0, 1, late - early]];
    const values = concat([1, "two", [3], null].map((value) => pack(value)));
    sendTurn(peer, {
      turn: 1,
      origins: [origin],
      records: [[...run, values], fullRecord("5", late, 5)],
    });
    await nextTurn(peer);
    sendTurn(peer, { turn: 3 });
    await meshFence(peer, node);
    checkEqual(await node.table(), { one: 1, é: "two", three: [3], four: null, 5: 5 }, "the table");
    const common = { origin, leaseMs: usualLeaseMs };
    const records: readonly PlainRecord[] = [
      { ...common, key: "one", timeUs: early, value: 1 },
      { ...common, key: "é", timeUs: early, value: "two" },
      { ...common, key: "three", timeUs: early, value: [3] },
      { ...common, key: "four", timeUs: late, value: null },
      { ...common, key: "5", timeUs: late, value: 5 },
    ];
    checkEqual(await node.call({ do: "digest" }), toHex(tableDigest(records)), "the digest");
  }),
  nodeCase(
    "sync/compare/parts-of-records",
    "SYNC-085",
    "a record that fits in no message is sent in parts",
    async (stage) => {
      const { node, nowUs } = await openTable(stage);
      const writer = await tablePeer(stage, node, { id: lowId(7) });
      const claimUs = nowUs - 60 * second;
      sendUpdate(writer, { stampUs: claimUs, entries: [["k", 0, {}]] });
      const text = "x".repeat(50_000);
      for (let number = 0; number < 8; number++) {
        const ageUs = (number + 1) * second;
        sendUpdate(writer, {
          stampUs: claimUs + ageUs,
          entries: [["k", 2, { [`field ${number}`]: text }, [], 0, ageUs]],
        });
      }
      await meshFence(writer, node);
      const max = 262_144;
      const peer = await tablePeer(stage, node, { max });
      await compare(peer, { records: 0 });
      const fields = new Set<string>();
      for (let turn = 0; fields.size < 8; turn += 2) {
        const told = await nextTurn(peer);
        check(told.bytes <= max, `a turn of ${told.bytes} bytes`);
        check(told.records.length > 0, "a turn without records");
        for (const record of told.records) {
          checkEqual(record[0], "k", "the key");
          const list = record.at(-1);
          if (Array.isArray(list))
            for (const field of list as Value[][]) if (Array.isArray(field)) fields.add(String(field[0]));
        }
        sendTurn(peer, { turn: turn + 1 });
      }
    },
  ),
  nodeCase(
    "sync/compare/takes-records",
    "SYNC-020 SYNC-063",
    "records of a comparison are merged, and what the peer has seen counts as seen",
    async (stage) => {
      const { node, peer, nowUs } = await filled(stage, 0);
      const origin = lowId(5);
      const stampUs = nowUs - 10 * second;
      await compare(peer, { records: 1, seen: [[origin, stampUs]] });
      await nextTurn(peer);
      sendTurn(peer, { turn: 1, origins: [origin], records: [fullRecord("theirs", stampUs, "v")] });
      await nextTurn(peer);
      sendTurn(peer, { turn: 3 });
      await meshFence(peer, node);
      checkEqual(await node.table(), { theirs: "v" }, "the table");
      await node.advance(2_000);
      const { seen } = await compare(peer, { comparison: 2, records: 1, root: wrongRoot });
      checkEqual(seenOf(seen, origin), stampUs, "what was seen of the origin");
    },
  ),
  nodeCase(
    "sync/compare/goes-on",
    "SYNC-095",
    "what a comparison brought is compared with the other neighbours",
    async (stage) => {
      const { node, peer, nowUs } = await filled(stage, 0);
      const other = await tablePeer(stage, node, { id: lowId(8) });
      await compare(peer, { records: 1 });
      await nextTurn(peer);
      sendTurn(peer, { turn: 1, origins: [lowId(5)], records: [fullRecord("theirs", nowUs - 10 * second, "v")] });
      await nextTurn(peer);
      sendTurn(peer, { turn: 3 });
      await meshFence(peer, node);
      await node.advance(5_000);
      await other.next(isOpen, "a comparison with the other neighbour");
    },
  ),
  nodeCase(
    "sync/compare/seen-hashes",
    "SYNC-086",
    "of many origins hashes are told, and the times where they differ",
    async (stage) => {
      const { node, peer, nowUs } = await filled(stage, 0);
      const origins = Array.from({ length: 70 }, (_, number) => lowId(100 + number));
      for (const origin of origins)
        sendUpdate(peer, { origin, stampUs: nowUs - second, entries: [[`of ${origin[47]}`, 0, 1]] });
      await meshFence(peer, node);
      const { seen } = await compare(peer, { records: 1 });
      checkEqual(seen instanceof Uint8Array ? seen.length : seen, 2_048, "the length of the hashes");
      const told = new Set<string>();
      for (let turn = 0; told.size < origins.length; turn += 2) {
        const read = await nextTurn(peer);
        for (const [origin, time] of read.seen) {
          checkEqual(time, nowUs - second, "the time of an origin");
          told.add(toHex(origin));
        }
        if (told.size < origins.length) check(read.keys.length > 0 || read.hasMore, "the times were not told");
        sendTurn(peer, { turn: turn + 1 });
      }
      checkEqual([...told].sort(), origins.map(toHex).sort(), "the origins");
    },
  ),
];

/** What is forgotten: section 4. */
export const forgettingCases: readonly NodeCase[] = [
  nodeCase(
    "sync/forget/gone",
    "SYNC-066",
    "an old record that was seen and is not here is answered by gone",
    async (stage) => {
      const { node, peer, nowUs } = await filled(stage, 0);
      const origin = lowId(5);
      const seenUs = nowUs - 80_000 * second;
      await compare(peer, { records: 0, seen: [[origin, seenUs]] });
      await nextTurn(peer);
      sendTurn(peer, { turn: 1 });
      await meshFence(peer, node);
      await node.advance(2_000);
      await compare(peer, { comparison: 2, records: 5, root: wrongRoot });
      await nextTurn(peer);
      const day = 90_000 * second;
      const records = [
        fullRecord("deleted", nowUs - day, 1),
        fullRecord("new", seenUs + second, 1),
        fullRecord("unseen", nowUs - day, 1, 1),
      ];
      sendTurn(peer, { comparison: 2, turn: 1, origins: [origin, lowId(6)], records });
      const answer = await nextTurn(peer);
      checkEqual(answer.gone, ["deleted"], "what is gone");
      checkEqual(Object.keys(await node.table()).sort(), ["new", "unseen"], "the keys");
    },
  ),
  nodeCase(
    "sync/forget/told",
    "SYNC-067 SYNC-068",
    "an old record that is told gone is dropped, a young one is not, and the application hears of it",
    async (stage) => {
      const { node, peer, nowUs } = await filled(stage, 0);
      const origin = lowId(5);
      sendUpdate(peer, { origin, stampUs: nowUs - 90_000 * second, entries: [["old", 0, 1]] });
      sendUpdate(peer, { origin: lowId(6), stampUs: nowUs - 70_000 * second, entries: [["young", 0, 1]] });
      await meshFence(peer, node);
      await compare(peer, { records: 0 });
      const turn = await nextTurn(peer);
      checkEqual(turn.keys.toSorted(), ["old", "young"], "the records");
      sendTurn(peer, { turn: 1, gone: ["old", "young"] });
      const report = await node.next("deleted");
      checkEqual(report.key, "old", "the key that was deleted");
      await meshFence(peer, node);
      checkEqual(Object.keys(await node.table()), ["young"], "the keys");
    },
  ),
];

/** What costs a peer its link. */
export const badComparisonCases: readonly NodeCase[] = [
  nodeCase(
    "sync/compare/bad-turns",
    "SYNC-092",
    "turns that cannot come of honest tables close the link",
    async (stage) => {
      const { node, nowUs } = await filled(stage, 200);
      const turns: readonly [string, Partial<TurnFields>][] = [
        ["a want that was not listed", { wants: [[pathOf([3]), [0]]] }],
        ["a range that is no answer", { ranges: [[pathOf([3, 3, 3]), 1, new Uint8Array(16)]] }],
        ["nothing but that there is more", { hasMore: true }],
        ["more records than can be", { origins: [lowId(5)], records: [], hasMore: false }],
      ];
      for (const [what, fields] of turns.slice(0, 3)) {
        const peer = await tablePeer(stage, node, { id: lowId(3) });
        await compare(peer, { records: 200, root: wrongRoot });
        await nextTurn(peer);
        sendTurn(peer, { turn: 1, ...fields });
        await peer.nextClose(closeCode.protocol).catch((error: Error) => {
          throw new Error(`${what}: ${error.message}`);
        });
      }
      const peer = await tablePeer(stage, node, { id: lowId(3) });
      await compare(peer, { records: 1 });
      for (let turn = 1; !peer.hasEnded && turn < 200; turn += 2) {
        const records = Array.from({ length: 1_000 }, (_, number) =>
          fullRecord(`endless ${turn} ${number}`, nowUs - second, 1),
        );
        await Promise.race([nextTurn(peer), peer.ended]).catch(() => undefined);
        if (!peer.hasEnded) sendTurn(peer, { turn, hasMore: true, origins: [lowId(5)], records });
      }
      await peer.nextClose(closeCode.protocol);
    },
  ),
  nodeCase(
    "sync/compare/too-often",
    "SYNC-093",
    "a peer that begins comparisons without end loses its link",
    async (stage) => {
      const { peer } = await filled(stage, 0);
      for (let number = 0; number < 60; number++) peer.whisper(subtype.tableOpen, number, 0, null, []);
      await peer.nextClose(closeCode.protocol, closeCode.rate);
    },
  ),
  nodeCase(
    "sync/compare/bad-fields",
    "SYNC-088",
    "fields that no owner can have written close the link",
    async (stage) => {
      const { node, nowUs } = await filled(stage, 0);
      const t = nowUs - 100 * second;
      const terms = [0, usualLeaseMs, t, t + 10 * second];
      const fields: readonly [string, Packable][] = [
        ["of another origin", [["f", t + second, 1, 1]]],
        ["after the renewal", [["f", t + 11 * second, 0, 1]]],
        ["before the whole value", [["f", t - second, 0, 1]]],
      ];
      for (const [what, list] of fields) {
        const peer = await tablePeer(stage, node, { id: lowId(3) });
        await compare(peer, { records: 1 });
        await nextTurn(peer);
        sendTurn(peer, { turn: 1, origins: [lowId(5), lowId(6)], records: [["k", 0, 0, t, {}, terms, list]] });
        await peer.nextClose(closeCode.protocol).catch((error: Error) => {
          throw new Error(`a field ${what}: ${error.message}`);
        });
      }
      checkEqual(await node.table(), {}, "the table");
    },
  ),
];

function digestsOf(records: readonly PlainRecord[], range: readonly number[]): Uint8Array {
  return concat(inRange(records, range).map(recordDigest));
}

/** The digests of a list, whose order is the teller's. */
function setOf(digests: Uint8Array | undefined): string[] {
  return (toHex(digests ?? new Uint8Array()).match(/.{32}/g) ?? []).sort();
}

function seenOf(seen: Value | undefined, origin: Uint8Array): unknown {
  const entries = Array.isArray(seen) ? (seen as readonly (readonly [Uint8Array, number])[]) : [];
  return entries.find(([id]) => toHex(id) === toHex(origin))?.[1];
}
