// How many fields one key may remember (spec/sync.md, section 8).
import type { Packable } from "../../reference/msgpack.js";
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import { openTable, sendUpdate, tablePeer } from "./tables.js";

const most = 100;

/** Fields of these numbers, set to their numbers. */
function fields(from: number, count: number): { [name: string]: Packable } {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`field ${from + at}`, from + at]));
}

export const fieldCases: readonly NodeCase[] = [
  nodeCase(
    "sync/fields/limit",
    "SYNC-102",
    "a key remembers no more fields than the limit, removed ones among them, whoever writes; a whole value forgets them",
    async (stage) => {
      const { node, nowUs } = await openTable(stage, { leases: false, limits: { maxFields: most } });
      const peer = await tablePeer(stage, node, { leases: false });
      const count = async (): Promise<number> => {
        await meshFence(peer, node);
        const { wide } = (await node.table()) as { readonly wide?: { readonly map?: readonly unknown[] } };
        return wide?.map?.length ?? 0;
      };
      sendUpdate(peer, { stampUs: nowUs, entries: [["wide", 2, fields(0, 60), []]] });
      checkEqual(await count(), 60, "fields");
      sendUpdate(peer, { stampUs: nowUs + 1, beforeUs: nowUs, entries: [["wide", 2, fields(60, 41), []]] });
      checkEqual(await count(), 60, "fields after more than there is room for");
      const removed = Object.keys(fields(200, 41));
      sendUpdate(peer, { stampUs: nowUs + 2, entries: [["wide", 2, {}, removed]] });
      sendUpdate(peer, { stampUs: nowUs + 3, entries: [["wide", 2, fields(60, 40), []]] });
      checkEqual(await count(), most, "fields in the end");
      await node.refused({ do: "delta", key: "wide", fields: { map: [["own", 1]] } });
      await node.call({ do: "set", key: "wide", data: { map: [] } });
      await node.call({ do: "delta", key: "wide", fields: { map: [["own", 1]] } });
      checkEqual(await count(), 1, "fields after a whole value");
    },
  ),
];
