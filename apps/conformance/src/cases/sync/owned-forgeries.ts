// Keys of identities in a table that somebody else writes, or that many send at once (spec/sync.md, section 11).
import type { Packable } from "../../reference/msgpack.js";
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { closeCode } from "../../stage/messages.js";
import { several } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import {
  forgeries,
  kinds,
  openOwnedTable,
  openWrittenTable,
  owned,
  ownedName,
  ownedPeer,
  tellRecords,
} from "./owned-tables.js";
import { isUpdate, sendUpdate } from "./tables.js";

export const ownedForgeryCases: readonly NodeCase[] = [
  nodeCase(
    "sync/owned/forged-update",
    "SYNC-111 SYNC-112",
    "an update with what the owner did not write is not taken, nor sent on, and its bringer loses the link",
    async (stage) => {
      const { node, nowUs, peer } = await openWrittenTable(stage);
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
      const { node, nowUs } = await openWrittenTable(stage);
      let number = 0;
      for (const [what, record] of forgeries(stage, kinds.record, nowUs + 5)) {
        number += 1;
        const forger = await ownedPeer(stage, node, number);
        await tellRecords(forger, [record]);
        await forger.nextClose(closeCode.protocol);
        checkEqual(await node.table(), { [ownedName]: "mine" }, `the table after ${what}`);
      }
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
      await tellRecords(other, many(kinds.record, 2_049));
      await other.nextClose(closeCode.protocol);
      checkEqual(await node.table(), {}, "the table");
      const honest = await ownedPeer(stage, node, 2);
      sendUpdate(honest, { stampUs: nowUs, entries: many(kinds.entry, 2_048) });
      await meshFence(honest, node);
      checkEqual(await node.table(), { [ownedName]: 1 }, "the table in the end");
    },
  ),
];
