// Comparisons by ranges: fingerprints, lists, and what is answered to them (spec/sync.md, section 5).
import { inRange, partPrints, pathOf, recordDigest } from "../../reference/fingerprint.js";
import { concat, toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { compare, digestsOf, filled, modes, nextTurn, sendTurn, setOf, wrongRoot } from "./comparing.js";
import { highId, isOpen } from "./tables.js";

export const rangeCases: readonly NodeCase[] = [
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
];
