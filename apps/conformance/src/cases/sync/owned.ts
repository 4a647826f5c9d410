// Keys of identities in a table: who writes them, what is taken, and what is not (spec/sync.md, section 11).
import type { Packable } from "../../reference/msgpack.js";
import { ownedKeyOf } from "../../reference/secure/owned.js";
import { isProven } from "../../reference/secure/owned-check.js";
import type { Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, handshakeMap, subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { secureNetworkId } from "../../stage/secure/shake.js";
import { several } from "../../stage/several.js";
import type { Stage } from "../../stage/stage.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import { compare, fullRecord, modes, nextTurn, sendTurn, wrongRoot } from "./comparing.js";
import {
  forgeries,
  kinds,
  nextOwned,
  nodeSeed,
  openOwnedTable,
  owned,
  ownedFeatures,
  ownedName,
  ownedPeer,
  ownerId,
} from "./owned-tables.js";
import { isUpdate, lowId, nextUpdateOf, openTable, type StagedTable, second, sendUpdate, tablePeer } from "./tables.js";

const hour = 3_600 * second;

/** A table with one write of the owner, of now. */
async function started(stage: Stage, value: Packable = "mine"): Promise<StagedTable & { readonly peer: RawPeer }> {
  const table = await openOwnedTable(stage);
  const peer = await ownedPeer(stage, table.node);
  const sequence = table.nowUs;
  sendUpdate(peer, { stampUs: table.nowUs, entries: [owned(stage, kinds.entry, { sequence, value })] });
  await meshFence(peer, table.node);
  checkEqual(await table.node.table(), { [ownedName]: value }, "the table, after what the owner wrote");
  return { ...table, peer };
}

/** The node is asked for a turn, and gets these records in the next one. */
async function tell(peer: RawPeer, records: readonly Packable[], origins: readonly Uint8Array[] = []): Promise<void> {
  const { mode } = await compare(peer, { records: records.length + 40, root: wrongRoot });
  checkEqual(mode, modes.stream, "the mode of the comparison");
  await nextTurn(peer);
  sendTurn(peer, { turn: 1, origins, records });
}

export const ownedTableCases: readonly NodeCase[] = [
  nodeCase(
    "sync/owned/feature",
    "SEC-094",
    "`owned/1` is listed and needed by a node with an identity",
    async (stage) => {
      const { node } = await openOwnedTable(stage);
      const line = await stage.connectLine(node);
      const peer = stage.peerOf(line, await stage.shakeLine(line, "dialler"));
      const net = secureNetworkId(stage.network, false);
      peer.sendHandshake({ network: stage.network, net, features: ownedFeatures.filter((name) => name !== "owned/1") });
      const { features, needs } = handshakeMap(await peer.nextHandshake());
      check(Array.isArray(features) && features.includes("owned/1"), "the node does not list owned/1");
      check(Array.isArray(needs) && needs.includes("owned/1"), "the node does not need owned/1");
      await peer.nextClose(closeCode.featureMissing);
      const plain = await openTable(stage);
      const other = await stage.connect(plain.node);
      other.sendHandshake({ network: stage.network, features: ["mesh/1", "requests/1", "sync/1", "leases/1"] });
      const told = handshakeMap(await other.nextHandshake()).features;
      check(Array.isArray(told) && !told.includes("owned/1"), "a node without identity lists owned/1");
    },
  ),
  nodeCase(
    "sync/owned/writes",
    "SEC-096",
    "the owner's writes and removals are proven, with rising numbers that begin with the time",
    async (stage) => {
      const { node, nowUs } = await openOwnedTable(stage);
      const peer = await ownedPeer(stage, node);
      const key = ownedKeyOf(nodeSeed, "name");
      const networkId = secureNetworkId(stage.network, false);
      const numbers: number[] = [];
      const written = async (value: Value | undefined): Promise<void> => {
        const { entry } = await nextOwned(peer, key);
        const [, kind, proof, sequence, told] = entry;
        checkEqual([kind, told], [kinds.entry, value], "kind and value of the entry");
        const statement = { networkId, realm: "sync", key, sequence: Number(sequence), value } as const;
        check(isProven(statement, proof as Uint8Array), "the proof of the node does not hold");
        numbers.push(Number(sequence));
      };
      await node.call({ do: "set", key, data: "one" });
      await written("one");
      await node.call({ do: "delete", key });
      await written(undefined);
      // Its own write of a time when it knew better.
      sendUpdate(peer, {
        stampUs: nowUs,
        entries: [owned(stage, kinds.entry, { key, signer: nodeSeed, sequence: nowUs + hour, value: "before" })],
      });
      await meshFence(peer, node);
      checkEqual(await node.table(), { [key]: "before" }, "the table");
      await node.call({ do: "set", key, data: "two" });
      await written("two");
      const [first = 0, second = 0, third = 0] = numbers;
      check(first >= nowUs && first < nowUs + 60_000_000, `the first number is ${first}`);
      check(second > first && third > nowUs + hour, `the numbers are ${numbers.join(", ")}`);
    },
  ),
  nodeCase(
    "sync/owned/not-owner",
    "SYNC-116",
    "writes of another's key are refused to the application, and not sent",
    async (stage) => {
      const { node, peer } = await started(stage);
      for (const key of [ownedName, `${ownedName}s`]) {
        await node.refused({ do: "set", key, data: 1 });
        await node.refused({
          do: "update",
          entries: [
            ["plain", 1],
            [key, 1],
          ],
        });
        await node.refused({ do: "delta", key, fields: { map: [["a", 1]] } });
        await node.refused({ do: "acquire", key });
      }
      await node.refused({ do: "delete", key: ownedName });
      await node.call({ do: "set", key: "last", data: 1 });
      await nextUpdateOf(peer, "last");
      checkEqual(peer.inbox.all.filter(isUpdate).length, 1, "the updates of the node");
      checkEqual(Object.keys(await node.table()).sort(), [ownedName, "last"].sort(), "the keys");
    },
  ),
  nodeCase(
    "sync/owned/order",
    "SEC-095",
    "the higher number is taken, of one number the higher content, whatever the way; and it is sent on as it came",
    async (stage) => {
      const { node, nowUs } = await openOwnedTable(stage);
      const [peer, other] = await several(2, (number) => ownedPeer(stage, node, number));
      const writes: readonly (readonly [sequence: number, value: Packable | undefined, wins: boolean])[] = [
        [5, "b", true],
        [4, "z", false],
        [5, "a", false],
        [5, undefined, false],
        [5, "c", true],
        [6, undefined, true],
        [6, 1, true],
        [7, { x: 1 }, true],
        [7, "text", true],
      ];
      let wanted: Packable | undefined;
      for (const [index, [sequence, value, wins]] of writes.entries()) {
        const entry = owned(stage, kinds.entry, { sequence, value });
        if (index % 2 === 0) sendUpdate(peer, { stampUs: nowUs + index, entries: [entry] });
        else {
          await tellTurn(peer, index, owned(stage, kinds.record, { sequence, value }));
        }
        await meshFence(peer, node);
        if (wins) wanted = value;
        const table = await node.table();
        checkEqual(
          table,
          wanted === undefined ? {} : { [ownedName]: notation(wanted) },
          `the table after write ${index}`,
        );
        if (index === 0) checkEqual((await nextOwned(other, ownedName)).entry, entry, "the entry that is sent on");
      }
    },
  ),
  nodeCase(
    "sync/owned/forged-update",
    "SYNC-111 SYNC-112",
    "an update with what the owner did not write is not taken, nor sent on, and its bringer loses the link",
    async (stage) => {
      const { node, nowUs, peer } = await started(stage);
      let number = 0;
      // Those below what is there would be news to others.
      for (const [what, entry] of [nowUs + 5, 1].flatMap((sequence) => forgeries(stage, kinds.entry, sequence))) {
        number += 1;
        const forger = await ownedPeer(stage, node, number);
        sendUpdate(forger, { stampUs: nowUs + number, entries: [[`beside ${number}`, 0, 1], entry] });
        await forger.nextClose(closeCode.protocol);
        checkEqual(await node.table(), { [ownedName]: "mine" }, `the table after ${what}`);
      }
      await peer.barrier();
      checkEqual(peer.inbox.all.filter(isUpdate).length, 0, "updates that were sent on");
    },
  ),
  nodeCase(
    "sync/owned/forged-record",
    "SYNC-111 SYNC-112",
    "a comparison with what the owner did not write ends with the link, and nothing of that is taken",
    async (stage) => {
      const { node, nowUs } = await started(stage);
      let number = 0;
      for (const [what, record] of forgeries(stage, kinds.record, nowUs + 5)) {
        number += 1;
        const forger = await ownedPeer(stage, node, number);
        await tell(forger, [record]);
        await forger.nextClose(closeCode.protocol);
        checkEqual(await node.table(), { [ownedName]: "mine" }, `the table after ${what}`);
      }
    },
  ),
  nodeCase(
    "sync/owned/known",
    "SEC-095",
    "what is lower than what is there is not taken again, and its bringer keeps the link; in a comparison whatever its proof",
    async (stage) => {
      const { node, nowUs, peer } = await started(stage);
      const old = { sequence: nowUs - 1, value: "old" };
      sendUpdate(peer, { stampUs: nowUs + 10, entries: [owned(stage, kinds.entry, old)] });
      // In a comparison, from which nothing is sent on.
      await tell(peer, [owned(stage, kinds.record, { ...old, proof: new Uint8Array(96) })]);
      await meshFence(peer, node);
      checkEqual(await node.table(), { [ownedName]: "mine" }, "the table");
      sendUpdate(peer, {
        stampUs: nowUs + 20,
        entries: [owned(stage, kinds.entry, { sequence: nowUs + 1, value: "new" })],
      });
      await meshFence(peer, node);
      checkEqual(await node.table(), { [ownedName]: "new" }, "the table in the end");
    },
  ),
  ...formCases(),
  nodeCase(
    "sync/owned/any-number",
    "SYNC-113 SYNC-114",
    "owned records are taken whatever their numbers, and move no clock; so are those of an update that is too far ahead",
    async (stage) => {
      const { node, nowUs } = await openOwnedTable(stage);
      const [peer, other] = await several(2, (number) => ownedPeer(stage, node, number));
      const years = 50_000 * hour;
      const send = (stampUs: number, sequence: number, value: string, ...more: readonly Packable[]): void =>
        sendUpdate(peer, { stampUs, entries: [owned(stage, kinds.entry, { sequence, value }), ...more] });
      send(nowUs, nowUs + years, "one");
      checkEqual((await nextOwned(other, ownedName)).entry.at(-1), "one", "what is sent on");
      send(nowUs + 10 * hour, nowUs + years + 1, "two");
      checkEqual((await nextOwned(other, ownedName)).entry.at(-1), "two", "what is sent on of an update that is ahead");
      send(nowUs + 11 * hour, nowUs + years + 2, "three", ["plain", 0, 1]);
      await meshFence(peer, node);
      checkEqual(await node.table(), { [ownedName]: "three" }, "the table");
      await other.barrier();
      checkEqual(other.inbox.waiting(isUpdate).length, 0, "further updates");
      await node.call({ do: "set", key: "ours", data: 1 });
      const { stampUs } = await nextUpdateOf(peer, "ours");
      check(stampUs < nowUs + hour, `the next stamp of the node is ${(stampUs - nowUs) / hour} hours ahead`);
    },
  ),
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
    "sync/owned/many",
    "SYNC-119",
    "an update or a turn with more than 2,048 owned records closes the link, also when all of them hold",
    async (stage) => {
      const { node, nowUs } = await openOwnedTable(stage);
      // The same one: signing so many takes long.
      const many = (kind: number, count: number): Packable[] =>
        Array(count).fill(owned(stage, kind, { sequence: nowUs, value: 1 }));
      const [teller, other] = await several(2, (number) => ownedPeer(stage, node, number));
      sendUpdate(teller, { stampUs: nowUs, entries: many(kinds.entry, 2_049) });
      await teller.nextClose(closeCode.protocol);
      await tell(other, many(kinds.record, 2_049));
      await other.nextClose(closeCode.protocol);
      checkEqual(await node.table(), {}, "the table");
      const honest = await ownedPeer(stage, node, 2);
      sendUpdate(honest, { stampUs: nowUs, entries: many(kinds.entry, 2_048) });
      await meshFence(honest, node);
      checkEqual(await node.table(), { [ownedName]: 1 }, "the table in the end");
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
      const { node, nowUs, peer } = await started(stage);
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

/** One record in the place of the second turn of a comparison of its own. */
async function tellTurn(peer: RawPeer, comparison: number, record: Packable): Promise<void> {
  await compare(peer, { comparison, records: 45, root: wrongRoot });
  await nextTurn(peer);
  sendTurn(peer, { comparison, turn: 1, records: [record] });
}

function notation(value: Packable): unknown {
  return typeof value === "object" ? { map: Object.entries(value ?? {}) } : value;
}

/** Records in the form of keys that they are not of. */
function formCases(): readonly NodeCase[] {
  const run = (key: string, nowUs: number): Packable => {
    const bytes = new TextEncoder().encode(key);
    const lengths = Uint8Array.of(bytes.length >> 8, bytes.length & 255);
    return [null, 0, 3_600_000, nowUs, bytes, lengths, [1, 0], Uint8Array.of(1)];
  };
  const wrong: readonly (readonly [
    string,
    string,
    (stage: Stage, peer: RawPeer, nowUs: number) => Promise<void> | void,
  ])[] = [
    [
      "plain-entry",
      "a plain entry of an owned key",
      (_, peer, nowUs) => {
        sendUpdate(peer, { stampUs: nowUs, entries: [[ownedName, 0, "plain"]] });
      },
    ],
    [
      "delta",
      "a delta of an owned key",
      (_, peer, nowUs) => {
        sendUpdate(peer, { stampUs: nowUs, entries: [[ownedName, 2, { a: 1 }, []]] });
      },
    ],
    [
      "owned-entry",
      "an owned entry of a plain key",
      (stage, peer, nowUs) => {
        sendUpdate(peer, { stampUs: nowUs, entries: [owned(stage, kinds.entry, { key: "k", sequence: 5, value: 1 })] });
      },
    ],
    [
      "no-proof",
      "an owned entry without a proof",
      (_, peer, nowUs) => {
        sendUpdate(peer, { stampUs: nowUs, entries: [[ownedName, kinds.entry]] });
      },
    ],
    [
      "plain-record",
      "a plain record of an owned key",
      (_, peer, nowUs) => tell(peer, [fullRecord(ownedName, nowUs, "plain")], [lowId(5)]),
    ],
    [
      "owned-record",
      "an owned record of a plain key",
      (stage, peer) => tell(peer, [owned(stage, kinds.record, { key: "k", sequence: 5, value: 1 })]),
    ],
    ["run", "an owned key in a run", (_, peer, nowUs) => tell(peer, [run(ownedName, nowUs)], [lowId(5)])],
    [
      "contender",
      "an owned record as contender",
      (stage, peer) => {
        peer.whisper(subtype.contender, new Uint8Array(0), owned(stage, kinds.record, { sequence: 5, value: 1 }));
      },
    ],
  ];
  return [
    ...wrong.map(([name, title, play]) =>
      nodeCase(`sync/owned/form-${name}`, "SYNC-110", `${title} closes the link`, async (stage) => {
        const { node, nowUs } = await openOwnedTable(stage);
        const peer = await ownedPeer(stage, node);
        await play(stage, peer, nowUs);
        await peer.nextClose(closeCode.protocol);
        checkEqual(await node.table(), {}, "the table");
      }),
    ),
    nodeCase(
      "sync/owned/form-without-identity",
      "SYNC-110",
      "without identities owned keys are plain, and owned entries close the link",
      async (stage) => {
        const { node, nowUs } = await openTable(stage);
        const peer = await tablePeer(stage, node);
        sendUpdate(peer, { stampUs: nowUs, entries: [[ownedName, 0, "plain"]] });
        await meshFence(peer, node);
        checkEqual(await node.table(), { [ownedName]: "plain" }, "the table");
        sendUpdate(peer, { stampUs: nowUs + 5, entries: [owned(stage, kinds.entry, { sequence: 5, value: 1 })] });
        await peer.nextClose(closeCode.protocol);
      },
    ),
  ];
}
