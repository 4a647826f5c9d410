// Histories of atomic operations under loss, delay, crashes and changing membership, each to be explained by one order.
// `SEEDS=200` plays more of them.
import type { Level } from "@p2p/base";
import { simulatedLevel } from "@p2p/simulator/level";
import { describe, expect, test } from "vitest";
import { openStore } from "../store/chord-store.js";
import { type FakeNode, FakeRing, type FakeRingOptions } from "../testing/fake-ring.js";
import { History } from "../testing/histories.js";
import { KeptRecords } from "../testing/kept-records.js";
import { linearize } from "../testing/linearizability.js";

const seeds = Array.from({ length: Number(process.env.SEEDS ?? 8) }, (_, n) => n + 1);

interface Trouble {
  readonly name: string;
  readonly options: Partial<FakeRingOptions>;
  /** What happens between two operations. */
  readonly trouble: (ring: FakeRing, down: Set<FakeNode>) => Promise<void> | void;
}

const restartMs = 3_000;

/** At most two are down at once, of five holders a minority; what they stored is there again. */
function crashAndRestart(ring: FakeRing, down: Set<FakeNode>, isPowerLost = false): void {
  const { world } = ring;
  if (down.size >= 2 || !world.random.chance(0.1)) return;
  const node = world.random.pick(ring.live);
  ring.crash(node, isPowerLost);
  down.add(node);
  world.after(restartMs * world.random.float(), "restart", () => {
    void ring.restart(node).then(() => down.delete(node));
  });
}

function changeMembers(ring: FakeRing, leaving: Set<FakeNode>): void {
  const { world } = ring;
  if (!world.random.chance(0.08)) return;
  const staying = ring.live.filter((node) => !leaving.has(node));
  if (staying.length < 9) {
    void ring.add();
    return;
  }
  const node = world.random.pick(staying);
  leaving.add(node);
  void ring.leave(node);
}

const calm: Trouble = { name: "without trouble", options: {}, trouble: () => undefined };
const lossy: Trouble = {
  name: "with a tenth of the messages lost",
  options: { lossRate: 0.1 },
  trouble: () => undefined,
};
const crashes: Trouble = { name: "with crashes and restarts", options: { lossRate: 0.03 }, trouble: crashAndRestart };
const powerLoss: Trouble = {
  name: "with power lost and databases on disk",
  options: {
    lossRate: 0.03,
    async storeOf(seams, self) {
      const store = await openStore(simulatedLevel(seams) as unknown as Level);
      store.bind(self, () => undefined);
      return store;
    },
  },
  trouble: (ring, down) => crashAndRestart(ring, down, true),
};
const lagging: Trouble = {
  name: "with members that come and go, of which others hear up to 3 s later",
  options: { lossRate: 0.03, lagMs: [0, 3_000] },
  trouble: changeMembers,
};

/** Plays one history and says what became of it. */
async function play({ options, trouble }: Trouble, seed: number) {
  const kept = new Map<string, KeptRecords>();
  const storeOf: NonNullable<FakeRingOptions["storeOf"]> = async ({ name }) => {
    const store = kept.get(name) ?? new KeptRecords();
    kept.set(name, store);
    return store;
  };
  const ring = new FakeRing({
    seed,
    latencyMs: [1, 60],
    storeOf,
    dictionary: { compareMs: 3_000, auditMs: 20_000 },
    ...options,
  });
  await ring.grow(7);
  // Until all have their ranges: messages are lost from the beginning.
  await ring.world.runFor(4_000);
  const history = new History(ring, "key");
  const down = new Set<FakeNode>();
  for (let turn = 0; turn < 30; turn += 1) {
    history.begin();
    // From within: what begins meanwhile goes on with the world.
    ring.world.after(0, "trouble", () => void trouble(ring, down));
    await ring.world.runFor(150 * ring.world.random.float());
  }
  await ring.world.runFor(8_000);
  return history;
}

describe.each([calm, lossy, crashes, powerLoss, lagging])("$name", (trouble) => {
  test.each(seeds)("[CHORD-219] one order explains history %i", async (seed) => {
    const { operations, ends } = await play(trouble, seed);
    const order = linearize(operations, null as number | null);
    if (order === undefined)
      expect(operations.map(({ name, invokedAt, returnedAt }) => ({ name, invokedAt, returnedAt }))).toEqual(
        "in one order",
      );
    expect(ends.get("ok") ?? 0).toBeGreaterThan(10);
  });
});
