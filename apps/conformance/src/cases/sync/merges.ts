// The merge: whatever the order in which updates come, the table ends as the chapter says (spec/sync.md, section 2).
import type { Packable } from "../../reference/msgpack.js";
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { plainNotation } from "../../vectors/legacy-notation.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import { lowId, openTable, second, sendUpdate, tablePeer } from "./tables.js";

/** One write of a key, by origin 2 or 3, so many µs before now; the items after the key. */
type Write = readonly [origin: number, beforeUs: number, ...items: readonly Packable[]];

interface Row {
  readonly name: string;
  readonly requirements: string;
  readonly title: string;
  readonly writes: readonly Write[];
  /** In notation; undefined where the lease is what matters. */
  readonly value?: unknown;
  /** When the lease ends, in µs from now. */
  readonly lapsesUs?: number;
}

const rows: readonly Row[] = [
  {
    name: "higher-epoch",
    requirements: "SYNC-020 SYNC-022",
    title: "the record of the higher epoch is kept, and late writes of the earlier claim change nothing",
    writes: [
      [2, 60 * second, 0, "old", 0, 0, 1_000],
      [2, 59.5 * second, 0, "older", 0, second / 2, 1_000],
      [3, 30 * second, 0, "new"],
    ],
    value: "new",
  },
  {
    name: "first-claim",
    requirements: "SYNC-020 SYNC-023",
    title: "of two claims of one epoch the earlier is kept",
    writes: [
      [2, 10 * second, 0, "first"],
      [3, 10 * second - 100, 0, "second"],
    ],
    value: "first",
  },
  {
    name: "later-value",
    requirements: "SYNC-020 SYNC-024",
    title: "of two whole values of one claim the later is kept",
    writes: [
      [2, 10 * second, 0, "a"],
      [2, 9 * second, 0, "b", 0, second],
      [2, 8 * second, 1, 0, 2 * second],
      [2, 7 * second, 0, "d", 0, 3 * second],
    ],
    value: "d",
  },
  {
    name: "one-stamp",
    requirements: "SYNC-020 SYNC-025",
    title: "of two values of one stamp the higher in canonical form is kept",
    writes: [
      [2, 10 * second, 0, "a"],
      [2, 10 * second, 0, "b"],
      [2, 10 * second, 1],
    ],
    value: "b",
  },
  {
    name: "fields",
    requirements: "SYNC-020 SYNC-026",
    title: "of each field the later value is kept",
    writes: [
      [2, 10 * second, 0, { base: 1 }],
      [2, 8 * second, 2, { x: 2 }, ["y"], 0, 2 * second],
      [2, 9 * second, 2, { x: 1, y: 1, z: 1 }, [], 0, second],
    ],
    value: {
      map: [
        ["base", 1],
        ["x", 2],
        ["z", 1],
      ],
    },
  },
  {
    name: "fields-and-whole",
    requirements: "SYNC-020 SYNC-026",
    title: "a field that is earlier than the whole value is dropped",
    writes: [
      [2, 10 * second, 0, { a: 1 }],
      [2, 9 * second, 2, { b: 2 }, [], 0, second],
      [2, 8 * second, 0, { c: 3 }, 0, 2 * second],
    ],
    value: { map: [["c", 3]] },
  },
  {
    name: "fields-of-text",
    requirements: "SYNC-020 SYNC-027",
    title: "fields of what is no map are void",
    writes: [
      [2, 10 * second, 0, "text"],
      [2, 9 * second, 2, { x: 1 }, [], 0, second],
    ],
    value: "text",
  },
  {
    name: "fields-of-nothing",
    requirements: "SYNC-020 SYNC-027",
    title: "fields of a key without a whole value are its value",
    writes: [
      [2, 10 * second, 1],
      [2, 9 * second, 2, { x: 1, y: 2 }, [], 0, second],
      [2, 8 * second, 2, { z: 3 }, ["y"], 0, 2 * second],
    ],
    value: {
      map: [
        ["x", 1],
        ["z", 3],
      ],
    },
  },
  {
    name: "renewals",
    requirements: "SYNC-020 SYNC-028",
    title: "the lease lasts as the latest renewal says",
    writes: [
      [2, 10 * second, 0, "v"],
      [2, 9 * second, 3, 0, second, 7_200_000],
      [2, 8 * second, 3, 0, 2 * second, 60_000],
    ],
    lapsesUs: 52 * second,
  },
];

export const mergeCases: readonly NodeCase[] = rows.map(({ name, requirements, title, writes, value, lapsesUs }) =>
  nodeCase(`sync/merge/${name}`, requirements, title, async (stage) => {
    const { node, nowUs } = await openTable(stage);
    const peer = await tablePeer(stage, node);
    const orders = permutations(writes);
    for (const [number, order] of orders.entries()) {
      for (const [origin, beforeUs, ...items] of order) {
        sendUpdate(peer, { origin: lowId(origin), stampUs: nowUs - beforeUs, entries: [[`key ${number}`, ...items]] });
      }
    }
    await meshFence(peer, node);
    const table = await node.table();
    for (const number of orders.keys()) {
      const key = `key ${number}`;
      if (value !== undefined) checkEqual(plainNotation(table[key]), plainNotation(value), `order ${number}`);
      if (lapsesUs === undefined) continue;
      checkEqual((await node.lease(key))?.expiresAtMs, (nowUs + lapsesUs) / 1_000, `the lease after order ${number}`);
    }
  }),
);

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, at) => permutations(items.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}
