// Faults that were written by hand: mistakes in them are told before the run.
import { expect, test } from "vitest";
import { type Fault, type NodeSeams, play, type Scenario, scheduleFaults, World } from "./index.js";

const quiet: Scenario = {
  name: "quiet",
  nodes: ["a", "b"],
  faults: { count: 0, durationMs: 1 },
  async run(world, begin, nodes) {
    for (const name of nodes) await world.start(name, (seams: NodeSeams) => seams);
    begin();
    await world.runFor(100);
  },
};

const times = { atMs: 1, forMs: 1 };

/** What JSON can hold, and types would have refused. */
function written(fault: unknown): readonly Fault[] {
  return [fault as Fault];
}

test.each([
  null,
  { kind: "crush", ...times, node: "a" },
  { kind: "partition", ...times },
  { kind: "partition", ...times, from: "a", to: ["b"] },
  { kind: "crash", ...times, disk: "kept", isPowerLost: false },
  { kind: "crash", ...times, node: "a", disk: "gone", isPowerLost: false },
  { kind: "reset", atMs: 1, node: "a" },
  { kind: "pause", ...times },
  { kind: "latency", ...times },
  { kind: "latency", ...times, latency: { minMs: 1, maxMs: 2, spikes: 3 } },
])("what is no fault is a TypeError: %j", async (fault) => {
  await expect(play(quiet, 1, { faults: written(fault) })).rejects.toThrow(TypeError);
  const world = new World({ seed: 1 });
  expect(() => scheduleFaults(world, [...written({ kind: "loss", ...times, lossRate: 0 }), ...written(fault)])).toThrow(
    TypeError,
  );
  // Not even those before it are scheduled.
  await world.runFor(10);
  expect(world.steps).toBe(0);
});

test.each([
  { kind: "crash", atMs: 1, node: "a", disk: "kept", isPowerLost: false },
  { kind: "loss", atMs: Number.NaN, forMs: 1, lossRate: 0.1 },
  { kind: "loss", atMs: 1, forMs: -1, lossRate: 0.1 },
  { kind: "loss", ...times, lossRate: 7 },
  { kind: "bandwidth", ...times, bytesPerSecond: 0 },
  { kind: "slow", ...times, node: "a", bytesPerSecond: Number.NaN },
  { kind: "clock-jump", atMs: 1, node: "a", byMs: Number.POSITIVE_INFINITY },
  { kind: "clock-drift", ...times, node: "a", ppm: -2_000_000 },
  { kind: "latency", ...times, latency: { minMs: 0, maxMs: Number.POSITIVE_INFINITY } },
])("a number that cannot be is a RangeError: %j", async (fault) => {
  await expect(play(quiet, 1, { faults: written(fault) })).rejects.toThrow(RangeError);
});

test("a fault of a node that is not there is skipped, and the trace says so", async () => {
  const faults: Fault[] = [
    { kind: "pause", ...times, node: "typo" },
    { kind: "reset", atMs: 2, node: "a", peer: "typo" },
    { kind: "crash", atMs: 3, forMs: 50, node: "b", disk: "kept", isPowerLost: false },
    { kind: "clock-jump", atMs: 4, node: "b", byMs: 1 },
  ];
  const { failure, world } = await play(quiet, 1, { faults });
  expect(failure).toBeUndefined();
  const skipped = world.trace.entries.filter(({ kind }) => kind === "skipped");
  expect(skipped.map(({ node, detail }) => [node, detail.fault])).toEqual([
    ["typo", "pause"],
    ["typo", "reset"],
    ["b", "clock-jump"],
  ]);
});

test("a scenario may have one node, whose faults are those that take no other", async () => {
  const alone = { ...quiet, nodes: ["a"] };
  expect((await play(alone, 1)).failure).toBeUndefined();
  const { failure, faults } = await play({ ...alone, faults: { count: 50, durationMs: 50 } }, 1);
  expect(failure).toBeUndefined();
  expect(faults).toHaveLength(50);
  expect(faults.map(({ kind }) => kind)).not.toContain("partition");
});
