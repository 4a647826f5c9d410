// Leases: who may write what and when, what is let in, and what an owner does about it (spec/sync.md, section 3).
import type { Packable } from "../../reference/msgpack.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import type { Stage } from "../../stage/stage.js";
import { plainNotation } from "../../vectors/legacy-notation.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import {
  isUpdate,
  lowId,
  nextUpdateOf,
  openTable,
  readUpdate,
  type StagedTable,
  second,
  sendUpdate,
  tablePeer,
} from "./tables.js";

interface Scene extends StagedTable {
  readonly peer: RawPeer;
  /** A write of "k" by origin 2 or 3, so many µs from now; the items after the key. The node has dealt with it. */
  write(origin: number, fromNowUs: number, ...items: readonly Packable[]): Promise<void>;
  value(): Promise<unknown>;
}

async function openScene(stage: Stage): Promise<Scene> {
  const table = await openTable(stage);
  const { node, nowUs } = table;
  const peer = await tablePeer(stage, node);
  return {
    ...table,
    peer,
    async write(origin, fromNowUs, ...items) {
      sendUpdate(peer, { origin: lowId(origin), stampUs: nowUs + fromNowUs, entries: [["k", ...items]] });
      await meshFence(peer, node);
    },
    value: async () => (await node.table()).k,
  };
}

export const leaseCases: readonly NodeCase[] = [
  nodeCase(
    "sync/leases/refused-until-lapse",
    "SYNC-040 SYNC-041",
    "a leased key is not written until the lease has lapsed by the wall clock, whatever stamps were seen",
    async (stage) => {
      const { node, peer, nowUs, write, value } = await openScene(stage);
      await write(2, 0, 0, "theirs", 0, 0, 10_000);
      sendUpdate(peer, { origin: lowId(3), stampUs: nowUs + 1_200 * second, entries: [["other", 0, 1]] });
      await meshFence(peer, node);
      for (const ms of [0, 9_000]) {
        await node.advance(ms);
        const error = await node.refused({ do: "set", key: "k", data: "ours" });
        checkEqual(error.code, "leased", "the error");
        checkEqual(await value(), "theirs", "the value");
      }
      await node.advance(1_001);
      await node.call({ do: "set", key: "k", data: "ours" });
      checkEqual(await value(), "ours", "the value after the lease");
    },
  ),
  nodeCase(
    "sync/leases/claim",
    "SYNC-042",
    "a write of a free key is a claim of an epoch above the one before",
    async (stage) => {
      const { node, peer, nowUs, write } = await openScene(stage);
      await node.call({ do: "set", key: "fresh", data: 1 });
      const fresh = await nextUpdateOf(peer, "fresh");
      checkEqual(
        [fresh.entry.epoch, fresh.entry.claimUs],
        [Math.floor(fresh.stampUs / second), fresh.stampUs],
        "a first claim",
      );
      await write(2, -10 * second, 0, "before", 100, 0, 1);
      await node.call({ do: "set", key: "k", data: "after" });
      const { entry, stampUs } = await nextUpdateOf(peer, "k");
      checkEqual([entry.epoch, entry.claimUs], [nowUs / second - 10 + 101, stampUs], "a claim after another");
    },
  ),
  nodeCase(
    "sync/leases/renewal",
    "SYNC-043",
    "a write of the owner keeps the claim, and renews the lease",
    async (stage) => {
      const { node, peer } = await openScene(stage);
      await node.call({ do: "set", key: "k", data: 1 });
      const first = await nextUpdateOf(peer, "k");
      const before = await node.lease("k");
      await node.advance(5_000);
      await node.call({ do: "set", key: "k", data: 2 });
      const { entry } = await nextUpdateOf(peer, "k");
      checkEqual([entry.epoch, entry.claimUs], [first.entry.epoch, first.entry.claimUs], "epoch and claim");
      checkEqual((await node.lease("k"))?.expiresAtMs, (before?.expiresAtMs ?? 0) + 5_000, "the end of the lease");
    },
  ),
  nodeCase("sync/leases/bad-epochs", "SYNC-044", "an epoch out of its bounds closes the link", async (stage) => {
    const { node, nowUs } = await openTable(stage);
    for (const rise of [-1, nowUs]) {
      const peer = await tablePeer(stage, node);
      sendUpdate(peer, { stampUs: nowUs, entries: [["k", 0, 1, rise]] });
      await peer.nextClose(1);
    }
    checkEqual(await node.table(), {}, "the table");
  }),
  nodeCase(
    "sync/leases/claims-are-whole",
    "SYNC-050",
    "a claim carries the whole value, also where only the lease or a field is wanted",
    async (stage) => {
      const { node, peer, write } = await openScene(stage);
      await write(2, -10 * second, 0, { a: 1 }, 0, 0, 1);
      await node.call({ do: "acquire", key: "k" });
      const acquired = await nextUpdateOf(peer, "k");
      checkEqual([acquired.entry.kind, acquired.entry.value], [0, { a: 1 }], "a claim of the lease");
      await write(2, -9 * second, 0, 1, 0, 0, 1);
      sendUpdate(peer, {
        origin: lowId(2),
        stampUs: acquired.stampUs - 5 * second,
        entries: [["map", 0, { a: 1 }, 0, 0, 1]],
      });
      await meshFence(peer, node);
      await node.call({ do: "delta", key: "map", fields: { map: [["b", 2]] } });
      const { entry } = await nextUpdateOf(peer, "map");
      checkEqual(
        [entry.kind, plainNotation({ map: Object.entries(entry.value ?? {}) })],
        [
          0,
          plainNotation({
            map: [
              ["a", 1],
              ["b", 2],
            ],
          }),
        ],
        "a claim by a field",
      );
    },
  ),
  nodeCase("sync/leases/knows-releases", "SYNC-055", "a claim tells of the release before it", async (stage) => {
    const { node, peer, nowUs, write } = await openScene(stage);
    await write(2, -10 * second, 0, "theirs");
    await write(2, -9 * second, 3, 0, second, 0);
    await node.call({ do: "set", key: "k", data: "ours" });
    const { entry } = await nextUpdateOf(peer, "k");
    checkEqual(entry.freedUs, nowUs - 9 * second, "the time of the release");
  }),
  nodeCase("sync/leases/delete-releases", "SYNC-051", "a delete releases the key", async (stage) => {
    const { node, peer, write, value } = await openScene(stage);
    await node.call({ do: "set", key: "k", data: 1 });
    await nextUpdateOf(peer, "k");
    await node.call({ do: "delete", key: "k" });
    const { entry } = await nextUpdateOf(peer, "k");
    checkEqual([entry.kind, entry.leaseMs], [1, 0], "kind and lease of the delete");
    await write(2, 2 * second, 0, "theirs");
    checkEqual(await value(), "theirs", "the value");
  }),
  nodeCase("sync/leases/lower-epoch", "SYNC-045", "a record of a lower epoch is dropped", async (stage) => {
    const { write, value } = await openScene(stage);
    await write(2, -5 * second, 0, "new");
    await write(3, -60 * second, 0, "old");
    checkEqual(await value(), "new", "the value");
  }),
  nodeCase("sync/leases/held", "SYNC-046", "a claim of a key that was leased then is not let in", async (stage) => {
    const { write, value } = await openScene(stage);
    await write(2, -10 * second, 0, "owner");
    await write(3, -5 * second, 0, "rude");
    checkEqual(await value(), "owner", "the value");
  }),
  ...letIn(),
  nodeCase("sync/leases/contender", "SYNC-052", "the contender is let in when the lease ends", async (stage) => {
    const { node, write, value } = await openScene(stage);
    await write(2, 0, 0, "owner", 0, 0, 10_000);
    await write(3, 5 * second, 0, "contender");
    await node.advance(9_000);
    checkEqual(await value(), "owner", "the value while the lease holds");
    await node.advance(3_000);
    await stage.eventually(async () => checkEqual(await value(), "contender", "the value after the lease"));
  }),
  nodeCase(
    "sync/leases/contender-after-release",
    "SYNC-052",
    "the contender is let in when the owner releases the key",
    async (stage) => {
      const { node, write, value } = await openScene(stage);
      await write(2, 0, 0, "owner");
      await write(3, 5 * second, 0, "contender");
      await write(2, 6 * second, 3, 0, 6 * second, 0);
      await node.advance(2_000);
      await stage.eventually(async () => checkEqual(await value(), "contender", "the value after the release"));
    },
  ),
  nodeCase(
    "sync/leases/refused-stays",
    "SYNC-053",
    "an update of which every record was refused is not sent on",
    async (stage) => {
      const { node, write } = await openScene(stage);
      const other = await tablePeer(stage, node, { id: lowId(9) });
      await write(2, -10 * second, 0, "owner");
      await nextUpdateOf(other, "k");
      await write(3, -5 * second, 0, "rude");
      await other.barrier();
      checkEqual(other.inbox.waiting(isUpdate).length, 0, "further updates");
    },
  ),
  nodeCase(
    "sync/leases/reasserts",
    "SYNC-048",
    "an owner writes a contended key again, above the contender, with its own claim",
    async (stage) => {
      const { node, peer } = await openScene(stage);
      await node.call({ do: "set", key: "k", data: "ours" });
      const own = await nextUpdateOf(peer, "k");
      const claimUs = own.stampUs + 5 * second;
      sendUpdate(peer, { origin: lowId(3), stampUs: claimUs, entries: [["k", 0, "rude", 7]] });
      await meshFence(peer, node);
      const { entry } = await nextUpdateOf(peer, "k");
      checkEqual([entry.epoch, entry.claimUs], [Math.floor(claimUs / second) + 8, own.stampUs], "epoch and claim");
      checkEqual((await node.table()).k, "ours", "the value");
    },
  ),
];

/** What is let in although the epoch is higher: section 3.1. */
function letIn(): NodeCase[] {
  const ways: readonly [
    string,
    ownersLeaseMs: number,
    origin: number,
    fromNowUs: number,
    terms: readonly Packable[],
  ][] = [
    ["the same owner", 3_600_000, 2, -5 * second, []],
    ["a claim after the lapse", 1_000, 3, -5 * second, []],
    ["an earlier claim", 3_600_000, 3, -5 * second, [1_000, 15 * second]],
    ["a release that was missed", 3_600_000, 3, -5 * second, [0, 0, 3_600_000, "freed"]],
  ];
  return ways.map(([what, leaseMs, origin, fromNowUs, terms]) =>
    nodeCase(
      `sync/leases/lets-in/${what.replaceAll(" ", "-")}`,
      "SYNC-047",
      `a higher epoch is let in: ${what}`,
      async (stage) => {
        const { nowUs, write, value } = await openScene(stage);
        await write(2, -10 * second, 0, "before", 0, 0, leaseMs);
        const items = terms.map((item) => (item === "freed" ? nowUs - 6 * second : item));
        await write(origin, fromNowUs, 0, "after", ...items);
        checkEqual(await value(), "after", "the value");
      },
    ),
  );
}

/** A lost lease is told, and a table without leases has none. */
export const leaseReportCases: readonly NodeCase[] = [
  nodeCase(
    "sync/leases/lost",
    "SYNC-022 SYNC-023",
    "an owner whose claim was not the first loses the key, and is told",
    async (stage) => {
      const { node, peer } = await openScene(stage);
      await node.call({ do: "set", key: "k", data: "ours" });
      const own = await nextUpdateOf(peer, "k");
      sendUpdate(peer, { origin: lowId(3), stampUs: own.stampUs - 10 * second, entries: [["k", 0, "first", 100]] });
      const lost = await node.next("lease-lost");
      check(lost.key === "k", `the key is ${lost.key}`);
      checkEqual((await node.table()).k, "first", "the value");
      checkEqual(
        peer.inbox.waiting(isUpdate).map((one) => readUpdate(one).entries.length),
        [],
        "further updates",
      );
    },
  ),
];
