// What costs a peer that compares tables its link (spec/sync.md, sections 5 and 6).
import { pathOf } from "../../reference/fingerprint.js";
import type { Packable } from "../../reference/msgpack.js";
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { closeCode, subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { compare, filled, fullRecord, modes, nextTurn, sendTurn, type TurnFields, wrongRoot } from "./comparing.js";
import { highId, isOpen, lowId, second, tablePeer, usualLeaseMs } from "./tables.js";

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
      const beginnings: readonly (readonly [string, number, ...number[]])[] = [
        ["all twice", modes.compare, 1, 1],
        ["a part twice", modes.compare, pathOf([5]), pathOf([6]), pathOf([5])],
        ["all, and a part", modes.compare, 1, pathOf([5])],
        ["a range where all is told in full", modes.stream, 1],
      ];
      for (const [what, mode, ...paths] of beginnings) {
        const peer = await tablePeer(stage, node, { id: highId() });
        const { items } = await peer.next(isOpen, "a comparison");
        const comparison = Number(items[1]);
        peer.whisper(subtype.tableAccept, comparison, mode, 200, []);
        sendTurn(peer, { comparison, turn: 0, ranges: paths.map((path) => [path, 1, new Uint8Array(0)]) });
        await peer.nextClose(closeCode.protocol).catch((error: Error) => {
          throw new Error(`a first turn that tells ${what}: ${error.message}`);
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
