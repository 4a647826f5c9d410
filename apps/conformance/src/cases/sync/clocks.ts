// Tables on machines whose clocks are wrong (spec/sync.md, section 1).
import type { NodeCase } from "../../runner/case.js";
import { check } from "../../runner/expect.js";
import { several } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { lowId, nextUpdateOf, openTable, second, tablePeer } from "./tables.js";

const minute = 60 * second;

interface Row {
  readonly name: string;
  readonly title: string;
  /** How far the node's clock is behind those of its neighbours. */
  readonly behindMinutes: number;
  readonly neighbours: 1 | 2 | 3;
  /** How far its stamps are behind them, in the end. */
  readonly stampsBehindMinutes: number;
}

const rows: readonly Row[] = [
  {
    name: "behind",
    title: "who is 20 minutes behind most of its neighbours writes with their time",
    behindMinutes: 20,
    neighbours: 3,
    stampsBehindMinutes: 0,
  },
  {
    name: "ahead",
    title: "who is 40 minutes ahead of most of its neighbours writes with their time",
    behindMinutes: -40,
    neighbours: 2,
    stampsBehindMinutes: 0,
  },
  {
    name: "little",
    title: "who is 10 minutes behind its neighbours keeps its time",
    behindMinutes: 10,
    neighbours: 3,
    stampsBehindMinutes: 10,
  },
  {
    name: "two",
    title: "of two nodes, none takes the other's time",
    behindMinutes: 20,
    neighbours: 1,
    stampsBehindMinutes: 20,
  },
];

export const clockCases: readonly NodeCase[] = rows.map((row) =>
  nodeCase(`sync/clocks/${row.name}`, "SYNC-015", row.title, async (stage) => {
    const { node, nowUs } = await openTable(stage);
    await node.call({ do: "set-wall", ms: nowUs / 1_000 - row.behindMinutes * 60_000 });
    const peers = await several(row.neighbours, (index) => tablePeer(stage, node, { id: lowId(1 + index) }));
    for (let round = 0; round < 6; round++) {
      await node.advance(10_000);
      for (const each of peers) await each.barrier();
    }
    await node.call({ do: "set", key: "k", data: 1 });
    const [peer] = peers;
    const { stampUs } = await nextUpdateOf(peer, "k");
    // The node's clock has gone on by a minute, those of the neighbours have not.
    const behindMinutes = (nowUs + minute - stampUs) / minute;
    check(
      Math.abs(behindMinutes - row.stampsBehindMinutes) < 2,
      `the stamp is ${behindMinutes.toFixed(1)} minutes behind the neighbours, not ${row.stampsBehindMinutes}`,
    );
  }),
);
