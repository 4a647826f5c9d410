// Features, stamps, updates, and what is malformed (spec/sync.md, sections 1, 4, 7 and 8).

import { type Packable, pack } from "../../reference/msgpack.js";
import { Raw } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, handshakeMap, subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import {
  isOpen,
  isUpdate,
  lowId,
  nextUpdateOf,
  openTable,
  readUpdate,
  second,
  sendUpdate,
  tableFeatures,
  tablePeer,
} from "./tables.js";

export const updateCases: readonly NodeCase[] = [
  ...[true, false].map((leases) =>
    nodeCase(
      `sync/features/${leases ? "with" : "without"}-leases`,
      "SYNC-001 SYNC-002",
      "the features are listed, and peers without them refused",
      async (stage) => {
        const { node } = await openTable(stage, { leases });
        const first = await stage.connect(node);
        first.sendHandshake({ network: stage.network, features: tableFeatures(leases) });
        const features = handshakeMap(await first.nextHandshake()).features as readonly string[];
        const [name, other] = leases ? ["leases/1", "no-leases/1"] : ["no-leases/1", "leases/1"];
        check(features.includes("sync/1"), `the features are ${features.join()}`);
        check(features.includes(name) && !features.includes(other), `the features are ${features.join()}`);
        await first.checkAlive();
        for (const missing of ["sync/1", name]) {
          const peer = await stage.connect(node);
          const listed = tableFeatures(leases).filter((feature) => feature !== missing);
          peer.sendHandshake({ network: stage.network, features: listed });
          await peer.nextClose(closeCode.featureMissing);
        }
      },
    ),
  ),
  nodeCase(
    "sync/updates/one-stamp",
    "SYNC-011",
    "keys that are written together leave as one update",
    async (stage) => {
      const { node } = await openTable(stage);
      const peer = await tablePeer(stage, node);
      await node.call({
        do: "update",
        entries: [
          ["a", 1],
          ["b", 2],
          ["c", 3],
        ],
      });
      const { entries } = await nextUpdateOf(peer, "a");
      checkEqual(
        entries.map(({ key, value }) => [key, value]),
        [
          ["a", 1],
          ["b", 2],
          ["c", 3],
        ],
        "the entries",
      );
    },
  ),
  nodeCase(
    "sync/updates/stamps",
    "SYNC-012 SYNC-060 SYNC-081",
    "stamps are the wall clock's, or above all that was seen, and tell the one before",
    async (stage) => {
      const { node, nowUs } = await openTable(stage);
      const peer = await tablePeer(stage, node);
      const stamps: number[] = [];
      let before = 0;
      const write = async (key: string): Promise<void> => {
        await node.call({ do: "set", key, data: 1 });
        const update = await nextUpdateOf(peer, key);
        checkEqual(update.beforeUs, before, `the stamp before that of ${key}`);
        before = update.stampUs;
        stamps.push(update.stampUs - nowUs);
      };
      await write("a");
      await write("b");
      await node.advance(3_000);
      await write("c");
      sendUpdate(peer, { stampUs: nowUs + 300 * second, entries: [["theirs", 0, 1]] });
      await meshFence(peer, node);
      await write("d");
      checkEqual(stamps, [0, 1, 3 * second, 300 * second + 1], "stamps, from the start of the clock");
    },
  ),
  nodeCase(
    "sync/updates/far-ahead",
    "SYNC-014 SYNC-083",
    "what is more than 30 minutes ahead is not taken, not sent on, and moves no clock",
    async (stage) => {
      const { node, nowUs } = await openTable(stage);
      const [peer, other] = [await tablePeer(stage, node), await tablePeer(stage, node, { id: lowId(2) })];
      sendUpdate(peer, { stampUs: nowUs + 1_801 * second, entries: [["ahead", 0, 1]] });
      sendUpdate(peer, { stampUs: nowUs + 1_799 * second, entries: [["sound", 0, 1]] });
      await meshFence(peer, node);
      checkEqual(Object.keys(await node.table()), ["sound"], "the keys");
      await nextUpdateOf(other, "sound");
      await other.barrier();
      checkEqual(other.inbox.waiting(isUpdate).length, 0, "further updates");
      await node.call({ do: "set", key: "ours", data: 1 });
      checkEqual((await nextUpdateOf(peer, "ours")).stampUs, nowUs + 1_799 * second + 1, "the next stamp");
    },
  ),
  nodeCase(
    "sync/updates/gap",
    "SYNC-061",
    "an update after one that is missing makes the node compare tables",
    async (stage) => {
      const { node, nowUs } = await openTable(stage);
      const peer = await tablePeer(stage, node);
      sendUpdate(peer, { stampUs: nowUs - 5, beforeUs: nowUs - 10, entries: [["k", 0, 1]] });
      await meshFence(peer, node);
      await node.advance(5_000);
      await peer.next(isOpen, "a comparison");
    },
  ),
  nodeCase(
    "sync/updates/one-by-one",
    "SYNC-082",
    "that one entry is refused has no effect on the others",
    async (stage) => {
      const { node, nowUs } = await openTable(stage);
      const peer = await tablePeer(stage, node);
      sendUpdate(peer, { origin: lowId(2), stampUs: nowUs - 10 * second, entries: [["leased", 0, "owner"]] });
      sendUpdate(peer, {
        origin: lowId(3),
        stampUs: nowUs - 5 * second,
        entries: [
          ["before", 0, 1],
          ["leased", 0, "rude"],
          ["after", 0, 2],
        ],
      });
      await meshFence(peer, node);
      checkEqual(await node.table(), { leased: "owner", before: 1, after: 2 }, "the table");
    },
  ),
  nodeCase("sync/updates/extra-items", "SYNC-084", "items beyond the known ones are ignored", async (stage) => {
    const { node, nowUs } = await openTable(stage);
    const peer = await tablePeer(stage, node);
    peer.send(0, subtype.store, nowUs, 0, [["k", 0, 1, 0, 0, 3_600_000, nowUs - 9, "extra"]], "extra", [1]);
    peer.whisper(subtype.clockAhead, lowId(), nowUs, nowUs, "extra");
    peer.whisper(subtype.tableOpen, 1, 0, null, [], "extra");
    await peer.next(({ subtype: kind }) => kind === subtype.tableAccept, "the answer to the comparison");
    await meshFence(peer, node);
    checkEqual(await node.table(), { k: 1 }, "the table");
  }),
  ...malformed(),
  nodeCase(
    "sync/limits/own-writes",
    "SYNC-090",
    "keys and values over the limits are refused to the application",
    async (stage) => {
      const { node } = await openTable(stage);
      for (const key of ["", "x".repeat(1_025), "é".repeat(513)]) await node.refused({ do: "set", key, data: 1 });
      await node.refused({ do: "set", key: "k", data: { text: [{ hex: "61", repeat: 65_536 }] } });
      await node.call({ do: "set", key: "x".repeat(1_024), data: { text: [{ hex: "61", repeat: 65_530 }] } });
      checkEqual(Object.keys(await node.table()).length, 1, "the number of keys");
    },
  ),
  nodeCase("sync/limits/full", "SYNC-091", "a full table refuses writes, and keeps what it has", async (stage) => {
    const { node } = await openTable(stage, { limits: { maxTableBytes: 20_000 } });
    const data = "x".repeat(1_000);
    for (let number = 0; number < 10; number++) await node.call({ do: "set", key: `key ${number}`, data });
    const entries = Array.from({ length: 30 }, (_, number) => [`more ${number}`, data] as const);
    await node.refused({ do: "update", entries });
    const table = await node.table();
    checkEqual(
      Object.keys(table).sort(),
      Array.from({ length: 10 }, (_, number) => `key ${number}`),
      "the keys",
    );
  }),
];

/** Every item of an update in a wrong type, absent or out of its range, and so for what leads to comparisons. */
function malformed(): NodeCase[] {
  const update = (what: string, ...items: readonly Packable[]): readonly [string, readonly Packable[]] => {
    return [what, [0, subtype.store, ...items]];
  };
  const whisper = (what: string, ...items: readonly Packable[]): readonly [string, readonly Packable[]] => [
    what,
    [2, ...items],
  ];
  const bad = (nowUs: number): readonly (readonly [string, readonly Packable[]])[] => [
    update("no stamp"),
    update("a text as stamp", "now", 0, [["k", 0, 1]]),
    update("stamp 0", 0, 0, [["k", 0, 1]]),
    update("a stamp before that is later", nowUs, nowUs, [["k", 0, 1]]),
    update("no stamp before", nowUs, null, [["k", 0, 1]]),
    update("no entries", nowUs, 0, []),
    update("a map of entries", nowUs, 0, { k: 1 }),
    update("an entry that is a text", nowUs, 0, ["k"]),
    update("an empty entry", nowUs, 0, [[]]),
    update("an unknown kind", nowUs, 0, [["k", 4, 1]]),
    update("a set without value", nowUs, 0, [["k", 0]]),
    update("a number as key", nowUs, 0, [[1, 0, 1]]),
    update("bytes as key", nowUs, 0, [[new Raw(pack(Uint8Array.of(1))), 0, 1]]),
    update("fields that are no map", nowUs, 0, [["k", 2, [1], []]]),
    update("a delta without fields", nowUs, 0, [["k", 2, {}, []]]),
    update("a removed field that is no text", nowUs, 0, [["k", 2, {}, [1]]]),
    update("a field both set and removed", nowUs, 0, [["k", 2, { a: 1 }, ["a"]]]),
    update("two deltas of a key", nowUs, 0, [
      ["k", 2, { a: 1 }, []],
      ["k", 2, { b: 1 }, []],
    ]),
    update("a text as rise", nowUs, 0, [["k", 0, 1, "1"]]),
    update("a claim before time began", nowUs, 0, [["k", 0, 1, 0, nowUs]]),
    update("a lease of two days", nowUs, 0, [["k", 0, 1, 0, 0, 172_800_000]]),
    update("a negative lease", nowUs, 0, [["k", 0, 1, 0, 0, -1]]),
    whisper("a comparison without number", subtype.tableOpen),
    whisper("a negative number of records", subtype.tableOpen, 1, -1, null, []),
    whisper("a print of 15 bytes", subtype.tableOpen, 1, 0, new Raw(pack(new Uint8Array(15))), []),
    whisper("what was seen as text", subtype.tableOpen, 1, 0, null, "all"),
    whisper("hashes of 2047 bytes", subtype.tableOpen, 1, 0, null, new Raw(pack(new Uint8Array(2_047)))),
    whisper("a seen origin of 47 bytes", subtype.tableOpen, 1, 0, null, [[new Raw(pack(new Uint8Array(47))), 1]]),
    whisper("an answer to nothing", subtype.tableAccept, 1, 2, 0, []),
    whisper("a turn of nothing", subtype.tableTurn, 1, 0, false, [], new Raw(pack(new Uint8Array(0))), [], [], [], []),
    whisper("a contender that is no record", subtype.contender, new Raw(pack(new Uint8Array(48))), 1),
    whisper("a notice without stamp", subtype.clockAhead, new Raw(pack(new Uint8Array(48)))),
  ];
  const tooLong = (nowUs: number): readonly (readonly [string, readonly Packable[]])[] => [
    update("an empty key", nowUs, 0, [["", 0, 1]]),
    update("a key of 1025 bytes", nowUs, 0, [["x".repeat(1_025), 0, 1]]),
    update("a value of 65537 bytes", nowUs, 0, [["k", 0, "x".repeat(65_534)]]),
    update("a field of 65537 bytes", nowUs, 0, [["k", 2, { a: "x".repeat(65_534) }, []]]),
  ];
  const lists = [
    ["SYNC-080", "malformed", bad],
    ["SYNC-090", "too-long", tooLong],
  ] as const;
  return lists.map(([requirement, name, list]) =>
    nodeCase(
      `sync/updates/${name}`,
      requirement,
      "each of these messages closes its link, and changes nothing",
      async (stage) => {
        const { node, nowUs } = await openTable(stage);
        for (const [what, [type = 0, ...items]] of list(nowUs)) {
          const peer = await tablePeer(stage, node);
          peer.send(type as number, ...items);
          await peer.nextClose(closeCode.protocol).catch((error: Error) => {
            throw new Error(`${what}: ${error.message}`);
          });
        }
        checkEqual(await node.table(), {}, "the table");
      },
    ),
  );
}

/** Kept apart: a table tells its updates in their order also where several come at once. */
export const orderCases: readonly NodeCase[] = [
  nodeCase(
    "sync/updates/order",
    "SYNC-081",
    "writes leave in the order of their stamps, none left out",
    async (stage) => {
      const { node } = await openTable(stage);
      const peer = await tablePeer(stage, node);
      for (let number = 0; number < 5; number++) await node.call({ do: "set", key: `key ${number}`, data: number });
      const stamps: number[] = [];
      const keys: string[] = [];
      while (keys.length < 5) {
        const { stampUs, entries } = readUpdate(await peer.next(isUpdate, "the updates"));
        stamps.push(stampUs);
        keys.push(...entries.map(({ key }) => key));
      }
      checkEqual(
        keys,
        Array.from({ length: 5 }, (_, number) => `key ${number}`),
        "the keys",
      );
      checkEqual(
        stamps,
        stamps.toSorted((a, b) => a - b),
        "the stamps",
      );
    },
  ),
];
