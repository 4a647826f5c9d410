import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import { compare, filled, fullRecord, nextTurn, sendTurn, wrongRoot } from "./comparing.js";
import { lowId, second, sendUpdate } from "./tables.js";

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
