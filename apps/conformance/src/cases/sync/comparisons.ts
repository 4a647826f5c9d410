// How comparisons of tables begin and end, and what they tell besides records (spec/sync.md, section 5).
import { fingerprint, type PlainRecord, tableDigest } from "../../reference/fingerprint.js";
import type { Packable } from "../../reference/msgpack.js";
import { toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { subtype } from "../../stage/messages.js";
import { several } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import { compare, filled, fullRecord, modes, nextTurn, sendTurn } from "./comparing.js";
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
    "sync/compare/regularly",
    "SYNC-069",
    "with one of its neighbours the node compares itself about every 60 s",
    async (stage) => {
      const { node } = await openTable(stage);
      const peers = await several(3, (index) => tablePeer(stage, node, { id: lowId(1 + index) }));
      const begun = (): number => peers.reduce((sum, { inbox }) => sum + inbox.all.filter(isOpen).length, 0);
      const counts: number[] = [];
      for (let passedMs = 0; passedMs < 600_000; passedMs += 5_000) {
        await node.advance(5_000);
        for (const peer of peers) {
          await peer.barrier();
          for (const { items } of peer.inbox.waiting(isOpen)) {
            await peer.next((one) => isOpen(one) && one.items[1] === items[1], "the comparison");
            peer.whisper(subtype.tableAccept, Number(items[1]), modes.equal, 0, []);
          }
        }
        counts.push(begun());
      }
      const { length } = counts;
      check(begun() >= 6 && begun() <= 20, `${begun()} comparisons in 600 s`);
      const half = counts[length / 2] ?? 0;
      check(half > 2 && begun() - half > 2, `${half} comparisons in the first 300 s, and ${begun()} in 600 s`);
      const asked = peers.filter(({ inbox }) => inbox.all.some(isOpen)).length;
      check(asked > 1, "one neighbour was chosen each time");
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
