// Keys of identities in a table: who writes them, what is taken, and what of it lasts (spec/sync.md, section 11).
import type { Packable } from "../../reference/msgpack.js";
import { ownedKeyOf } from "../../reference/secure/owned.js";
import { isProven } from "../../reference/secure/owned-check.js";
import type { Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, handshakeMap } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { secureNetworkId } from "../../stage/secure/shake.js";
import { several } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import { compare, nextTurn, sendTurn, wrongRoot } from "./comparing.js";
import {
  kinds,
  nextOwned,
  nodeSeed,
  openOwnedTable,
  openWrittenTable,
  owned,
  ownedFeatures,
  ownedName,
  ownedPeer,
  tellRecords,
} from "./owned-tables.js";
import { isUpdate, nextUpdateOf, openTable, second, sendUpdate } from "./tables.js";

const hour = 3_600 * second;

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
      const { node, peer } = await openWrittenTable(stage);
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
    "sync/owned/known",
    "SEC-095",
    "what is lower than what is there is not taken again, and its bringer keeps the link; in a comparison whatever its proof",
    async (stage) => {
      const { node, nowUs, peer } = await openWrittenTable(stage);
      const old = { sequence: nowUs - 1, value: "old" };
      sendUpdate(peer, { stampUs: nowUs + 10, entries: [owned(stage, kinds.entry, old)] });
      // In a comparison, from which nothing is sent on.
      await tellRecords(peer, [owned(stage, kinds.record, { ...old, proof: new Uint8Array(96) })]);
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
