import { ownedKeyOf } from "../../reference/secure/owned.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import { compare, fullRecord, nextTurn, sendTurn, wrongRoot } from "./comparing.js";
import {
  kinds,
  nodeSeed,
  openOwnedTable,
  openWrittenTable,
  owned,
  ownedName,
  ownedPeer,
  ownerId,
} from "./owned-tables.js";
import { lowId, second, sendUpdate } from "./tables.js";

const hour = 3_600 * second;

export const ownedKeepingCases: readonly NodeCase[] = [
  nodeCase(
    "sync/owned/gone",
    "SYNC-115",
    "an old owned record is not answered by gone, and not forgotten when it is said to be gone",
    async (stage) => {
      const { node, nowUs } = await openOwnedTable(stage);
      const peer = await ownedPeer(stage, node);
      const day = 24 * hour;
      const plain = lowId(5);
      // All that both wrote until an hour ago was seen.
      const seenUs = nowUs - hour;
      await compare(peer, {
        records: 0,
        seen: [
          [plain, seenUs],
          [ownerId, seenUs],
        ],
      });
      await nextTurn(peer);
      sendTurn(peer, { turn: 1, seen: [] });
      await meshFence(peer, node);
      await node.advance(2_000);
      await compare(peer, { comparison: 2, records: 45, root: wrongRoot });
      await nextTurn(peer);
      const old = owned(stage, kinds.record, { sequence: nowUs - 3 * day, value: "old" });
      sendTurn(peer, { comparison: 2, turn: 1, origins: [plain], records: [fullRecord("k", nowUs - 3 * day, 1), old] });
      checkEqual((await nextTurn(peer)).gone, ["k"], "what is gone");
      checkEqual(await node.table(), { [ownedName]: "old" }, "the table");
      await node.advance(2_000);
      await compare(peer, { comparison: 3, records: 45, root: wrongRoot });
      const { keys } = await nextTurn(peer);
      checkEqual(keys, [ownedName], "the records of the node");
      sendTurn(peer, { comparison: 3, turn: 1, gone: [ownedName] });
      await meshFence(peer, node);
      checkEqual(await node.table(), { [ownedName]: "old" }, "the table, after it was called gone");
    },
  ),
  nodeCase(
    "sync/owned/room",
    "SYNC-118",
    "owned keys fill no more than half of a table, and others find room then",
    async (stage) => {
      const { node, nowUs } = await openOwnedTable(stage, { limits: { maxTableBytes: 100_000 } });
      const peer = await ownedPeer(stage, node);
      const value = "x".repeat(2_000);
      for (let number = 0; number < 60; number++) {
        const entry = owned(stage, kinds.entry, { key: `${ownedName} ${number}`, sequence: nowUs, value });
        sendUpdate(peer, { stampUs: nowUs + number, entries: [entry] });
      }
      await meshFence(peer, node);
      const many = Object.keys(await node.table()).length;
      check(many > 10 && many <= 25, `${many} owned keys of 2,000 bytes in a table of 100,000`);
      await node.refused({ do: "set", key: ownedKeyOf(nodeSeed, "own"), data: value });
      for (let number = 0; number < 10; number++) await node.call({ do: "set", key: `plain ${number}`, data: value });
      checkEqual(Object.keys(await node.table()).length, many + 10, "keys in the end");
    },
  ),
  nodeCase(
    "sync/owned/removed",
    "SEC-097",
    "a removal is told days later, when that of a plain key is forgotten, and the value before it is not taken again",
    async (stage) => {
      const { node, nowUs, peer } = await openWrittenTable(stage);
      sendUpdate(peer, {
        stampUs: nowUs + 5,
        entries: [owned(stage, kinds.entry, { sequence: nowUs + 5, value: undefined }), ["plain", 1, 0, 0, 0]],
      });
      await meshFence(peer, node);
      await node.call({ do: "set-wall", ms: nowUs / 1_000 + 3 * 86_400_000 });
      await node.advance(30_000);
      await compare(peer, { records: 45, root: wrongRoot });
      const { records } = await nextTurn(peer);
      checkEqual(
        records.map(([key, kind, , sequence]) => [key, kind, sequence]),
        [[ownedName, kinds.record, nowUs + 5]],
        "what the node tells",
      );
      sendTurn(peer, { turn: 1, records: [owned(stage, kinds.record, { sequence: nowUs, value: "mine" })] });
      await meshFence(peer, node);
      checkEqual(await node.table(), {}, "the table");
    },
  ),
];
