import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { bytes07, dialects07, isBroadcast07, isState07, subtype07, text07 } from "../../stage/legacy-peer.js";
import { nodeCase } from "../define.js";
import { legacyPeer, now, openLegacy, writes } from "./legacy-links.js";

const { store, delta } = subtype07;

export const legacyWriteCases: readonly NodeCase[] = [
  nodeCase(
    "sync/legacy/same-again",
    "SYNC-311 SYNC-304",
    "a write that equals an earlier one of the second is later",
    async (stage) => {
      const node = await openLegacy(stage);
      const peer = await legacyPeer(stage, node, "5");
      const times: number[] = [];
      for (const data of ["x", "y", "x"]) {
        await node.call({ do: "set", key: "k", data });
        const { items, time } = await peer.next(isBroadcast07, `the write of ${data}`);
        checkEqual(items, [store, bytes07("k"), data], "the items");
        times.push(time);
      }
      check((times[2] ?? 0) > (times[0] ?? 0), `the times are ${times.join(", ")}`);
    },
  ),
  nodeCase("sync/legacy/key-forms", "SYNC-304", "a key as text and as bytes is one", async (stage) => {
    const node = await openLegacy(stage);
    const peer = await legacyPeer(stage, node, "5");
    for (const [index, key] of ["k", bytes07("k"), "k"].entries()) {
      peer.send(0, now, store, key, index);
      await peer.fence(now);
      checkEqual(await node.table(), { k: index }, `the table after write ${index}`);
    }
  }),
  ...acceptance(),
  nodeCase("sync/legacy/delete", "SYNC-305", "nil deletes, and leaves nothing of the lease", async (stage) => {
    const node = await openLegacy(stage);
    const [first, second] = [await legacyPeer(stage, node, "5"), await legacyPeer(stage, node, "6")];
    await writes(first, "k", 1);
    await writes(first, "k", null);
    checkEqual(await node.table(), {}, "the table after the delete");
    await writes(second, "k", 2);
    checkEqual(await node.table(), { k: 2 }, "the table");
  }),
  nodeCase("sync/legacy/delta", "SYNC-306", "a delta merges fields, and takes the key over", async (stage) => {
    const node = await openLegacy(stage, { leases: false });
    const [first, second] = [
      await legacyPeer(stage, node, "5", { leases: false }),
      await legacyPeer(stage, node, "6", { leases: false }),
    ];
    first.send(0, now, delta, bytes07("m"), { a: 1, b: 1 });
    await first.fence(now);
    second.send(0, now - 1, delta, bytes07("m"), { b: 2 });
    await second.fence(now);
    checkEqual(
      await node.table(),
      {
        m: {
          map: [
            ["a", 1],
            ["b", 2],
          ],
        },
      },
      "the table",
    );
    const late = await legacyPeer(stage, node, "7", { leases: false });
    const state = await late.next(isState07, "the state of the key");
    checkEqual([text07(state.items[3]), state.items[4]], ["6", now - 1], "owner and time");
  }),
  nodeCase("sync/legacy/delta-leased", "SYNC-306", "with leases a delta is taken as a store is", async (stage) => {
    const node = await openLegacy(stage);
    const [first, second] = [await legacyPeer(stage, node, "5"), await legacyPeer(stage, node, "6")];
    first.send(0, now, delta, bytes07("m"), { a: 1 });
    await first.fence(now);
    second.send(0, now + 1, delta, bytes07("m"), { b: 2 });
    await second.fence(now);
    checkEqual(await node.table(), { m: { map: [["a", 1]] } }, "the table");
  }),
  nodeCase(
    "sync/legacy/delta-on-text",
    "SYNC-318 SYNC-310",
    "a delta onto what is no map changes nothing and goes nowhere",
    async (stage) => {
      const node = await openLegacy(stage);
      const [first, second] = [await legacyPeer(stage, node, "5"), await legacyPeer(stage, node, "6")];
      await writes(first, "k", "text");
      await second.next(isBroadcast07, "the write");
      first.send(0, now, delta, bytes07("k"), { a: 1 });
      await first.fence(now);
      await second.fence(now);
      checkEqual(second.waiting(isBroadcast07).length, 0, "further broadcasts");
      checkEqual(await node.table(), { k: "text" }, "the table");
    },
  ),
  nodeCase(
    "sync/legacy/late-joiner",
    "SYNC-307",
    "who joins late is told each key, and tells its own",
    async (stage) => {
      const node = await openLegacy(stage);
      const first = await legacyPeer(stage, node, "5", { dialect: dialects07.bin });
      await writes(first, "theirs", 1);
      const late = await legacyPeer(stage, node, "6");
      const state = await late.next(isState07, "the state of the key");
      checkEqual(state.items, [store, bytes07("theirs"), 1, bytes07("5"), now], "the state");
      late.send(2, now, store, bytes07("theirs"), 2, "6", now);
      late.send(2, now, store, bytes07("new"), 3, "9", now - 9_000);
      await late.fence(now);
      checkEqual(await node.table(), { theirs: 1, new: 3 }, "the table");
    },
  ),
];

/** The table of section 4: what the node has, who writes when, and whether that is taken. */
function acceptance(): NodeCase[] {
  const rows: readonly [what: string, leases: boolean, writer: string, time: number, isTaken: boolean][] = [
    ["the owner, earlier", true, "5", now - 20, true],
    ["another, later", true, "6", now + 5, false],
    ["another, earlier", true, "4", now - 20, false],
    ["a lower id of the second", true, "4", now, true],
    ["a higher id of the second", true, "6", now, false],
    ["another, later", false, "6", now + 5, true],
    ["another, earlier", false, "4", now - 20, false],
    ["a lower id of the second", false, "4", now, true],
    ["a higher id of the second", false, "6", now, false],
  ];
  const byRow = rows.map(([what, leases, writer, time, isTaken]) =>
    nodeCase(
      `sync/legacy/accepts/${what.replaceAll(/,? /g, "-")}-${leases ? "leased" : "free"}`,
      "SYNC-305",
      `a write of ${what}, ${leases ? "with" : "without"} leases`,
      async (stage) => {
        const node = await openLegacy(stage, { leases });
        const peer = await legacyPeer(stage, node, "5", { leases });
        await writes(peer, "k", "first");
        peer.sendAs(writer, 0, time, store, bytes07("k"), "second");
        await peer.fence(now);
        checkEqual(await node.table(), { k: isTaken ? "second" : "first" }, "the table");
      },
    ),
  );
  const lapsed = nodeCase("sync/legacy/accepts/lapsed", "SYNC-305", "a lease of 3,600 s lapses", async (stage) => {
    const node = await openLegacy(stage);
    const peer = await legacyPeer(stage, node, "5");
    await writes(peer, "k", "first");
    for (const [after, value] of [
      [3_600, "first"],
      [3_601, "second"],
    ] as const) {
      await node.call({ do: "set-wall", ms: (now + after) * 1_000 });
      peer.sendAs("6", 0, now + after, store, bytes07("k"), "second");
      await peer.fence(now + after);
      checkEqual(await node.table(), { k: value }, `the table after ${after} s`);
    }
  });
  return [...byRow, lapsed];
}
