// Records of comparisons: streams and their turns, runs, records in parts (spec/sync.md, section 5).
import { type PlainRecord, tableDigest } from "../../reference/fingerprint.js";
import { pack } from "../../reference/msgpack.js";
import { concat, toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import { compare, filled, fullRecord, modes, nextTurn, seenOf, sendTurn, wrongRoot } from "./comparing.js";
import { isTurn, lowId, openTable, second, sendUpdate, tablePeer, usualLeaseMs } from "./tables.js";

export const streamCases: readonly NodeCase[] = [
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
];
