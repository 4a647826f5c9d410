// Scenarios are played, replayed and shrunk; one with a planted bug is caught, so the harness proves itself.
import { expect, test } from "vitest";
import {
  drawFaults,
  type NodeSeams,
  play,
  type Scenario,
  SeededRandom,
  type SimulatedNode,
  scheduleFaults,
  shrink,
  World,
} from "./index.js";
import { type MeshMember, openMember } from "./testing/mesh-partition.js";

const names = ["n0", "n1", "n2", "n3"];

/** A toy counter that trusts its wall clock: the planted bug. Its time goes back when the clock is set back. */
const planted: Scenario = {
  name: "a counter that trusts its wall clock",
  nodes: names,
  faults: { count: 12, durationMs: 60_000 },
  async run(world, begin) {
    const stamps = new Map<string, number>();
    const open = ({ name, clock }: NodeSeams): NodeSeams["clock"] => {
      const tick = (): void => {
        const last = stamps.get(name) ?? 0;
        stamps.set(name, clock.now());
        if (clock.now() < last) throw new Error(`the time of ${name} went back`);
        clock.setTimeout(tick, 100);
      };
      tick();
      return clock;
    };
    for (const name of names) await world.start(name, open);
    begin();
    await world.runFor(70_000);
  },
};

/** The real mesh: once all is mended, everybody gets the next broadcast, once. */
const healing: Scenario = {
  name: "a mesh heals",
  nodes: names,
  faults: { count: 8, durationMs: 60_000 },
  world: { conditions: { latency: { minMs: 5, maxMs: 60 } }, trace: "faults" },
  async run(world, begin) {
    const nodes: SimulatedNode<MeshMember>[] = [];
    for (const name of names) nodes.push(await world.start(name, openMember));
    world.invariant("nobody gets a message twice", () =>
      nodes.every((node) => !node.isReady || new Set(node.value.inbox).size === node.value.inbox.length),
    );
    begin();
    await world.runFor(60_001);
    await world.runUntil(() =>
      nodes.every((node) => node.isReady && node.value.mesh.peers.length === names.length - 1),
    );
    nodes[0]?.value.mesh.broadcast("healed");
    await world.runUntil(() => nodes.slice(1).every((node) => node.value.inbox.includes("healed")));
  },
};

test("a planted bug is found, replayed by its seed, and shrunk to the one fault that shows it", async () => {
  const outcomes = [];
  for (let seed = 1; seed <= 10; seed++) outcomes.push(await play(planted, seed));
  const found = outcomes.find(({ failure, faults }) => failure !== undefined && faults.length === 12);
  if (found === undefined) throw new Error("no seed shows the planted bug");
  const again = await play(planted, found.seed);
  expect(again.failure?.message).toBe(found.failure?.message);
  expect(again.world.trace.jsonl()).toBe(found.world.trace.jsonl());
  const shrunk = await shrink(planted, found);
  expect(shrunk.faults).toHaveLength(1);
  expect(shrunk.faults[0]).toMatchObject({ kind: "clock-jump" });
  expect(shrunk.nodes).toEqual(names);
  expect(shrunk.failure?.cause).toMatchObject({ message: expect.stringContaining("went back") });
  const fine = outcomes.find(({ failure }) => failure === undefined) ?? (await play(planted, 1, { faults: [] }));
  await expect(shrink(planted, fine)).rejects.toThrow(TypeError);
});

/** Fails when a partition between two certain nodes lasts for 5 s or more; a loss is a failure of another kind. */
const parted: Scenario = {
  name: "a partition of 5 s",
  nodes: names,
  minNodes: 2,
  faults: { count: 20, durationMs: 60_000 },
  async run(world, begin, nodes) {
    for (const name of nodes) await world.start(name, (seams) => seams);
    let sinceMs: number | undefined;
    world.invariant("n1 is not cut off from n2 for 5 s", () => {
      const isCut = world.network.isCut("n1", "n2");
      sinceMs = isCut ? (sinceMs ?? world.nowMs) : undefined;
      return sinceMs === undefined || world.nowMs - sinceMs < 5_000;
    });
    begin();
    for (let second = 0; second < 60; second++) await world.runFor(1_000);
    if (!["n1", "n2"].every((name) => nodes.includes(name))) throw new TypeError("another failure, not to be taken");
  },
};

test("shrinking takes nodes away and shortens faults, alike each time, within its runs", async () => {
  const found = await play(parted, 3);
  expect(found.failure).toMatchObject({ code: "invariant-failed" });
  const shrunk = await shrink(parted, found);
  expect(shrunk.nodes).toEqual(["n1", "n2"]);
  expect(shrunk.faults).toMatchObject([{ kind: "partition" }]);
  const [fault] = shrunk.faults;
  if (fault?.kind !== "partition") throw new Error("one partition");
  expect([...fault.from, ...fault.to].toSorted()).toEqual(["n1", "n2"]);
  expect(fault.forMs).toBeGreaterThanOrEqual(5_000);
  expect(fault.forMs).toBeLessThan(12_000);
  expect(shrunk.failure).toMatchObject({ code: "invariant-failed" });
  const again = await shrink(parted, found);
  expect([again.nodes, again.faults]).toEqual([shrunk.nodes, shrunk.faults]);
  const given = { faults: shrunk.faults, nodes: shrunk.nodes };
  expect((await play(parted, found.seed, given)).world.trace.fingerprint).toBe(shrunk.world.trace.fingerprint);
  expect((await shrink(parted, found, { maxRuns: 0 })).faults).toBe(found.faults);
  await expect(shrink(parted, found, { maxRuns: -1 })).rejects.toThrow(RangeError);
});

test("a scenario whose nodes are all needed keeps them", async () => {
  const { minNodes: _, ...all } = parted;
  expect((await shrink(all, await play(all, 3))).nodes).toEqual(names);
});

test.each([1, 2, 3, 4, 5])("[MESH-002] the real mesh heals from drawn faults, seed %i", async (seed) => {
  const outcome = await play(healing, seed);
  expect(outcome.failure).toBeUndefined();
  expect(outcome.faults).toHaveLength(8);
});

test("faults that overlap end each at its time, and when all are mended the network is as it was", async () => {
  const world = new World({ seed: 1, conditions: { lossRate: 0.01, latency: { minMs: 3, maxMs: 4 } } });
  const before = world.network.conditions;
  const latency = { minMs: 100, maxMs: 200 };
  scheduleFaults(world, [
    { kind: "loss", atMs: 10, forMs: 20, lossRate: 0.5 },
    { kind: "loss", atMs: 20, forMs: 20, lossRate: 0.2 },
    { kind: "latency", atMs: 25, forMs: 10, latency },
    { kind: "bandwidth", atMs: 32, forMs: 1, bytesPerSecond: 7 },
  ]);
  const seen: unknown[] = [];
  for (let step = 0; step < 8; step++) {
    await world.runFor(step === 0 ? 15 : 5);
    const { lossRate, latency: now, bytesPerSecond } = world.network.conditions;
    seen.push([world.nowMs, lossRate, now.minMs, bytesPerSecond]);
  }
  const unbounded = Number.POSITIVE_INFINITY;
  expect(seen).toEqual([
    [15, 0.5, 3, unbounded],
    [20, 0.2, 3, unbounded],
    [25, 0.2, 100, unbounded],
    [30, 0.2, 100, unbounded],
    [35, 0.2, 3, unbounded],
    [40, 0.01, 3, unbounded],
    [45, 0.01, 3, unbounded],
    [50, 0.01, 3, unbounded],
  ]);
  expect(world.network.conditions).toEqual(before);
});

test("faults of one node that overlap end each at its time too", async () => {
  const world = new World({ seed: 1 });
  const node = await world.start("a", (seams) => seams);
  const drift = { kind: "clock-drift", node: "a" } as const;
  scheduleFaults(world, [
    { ...drift, atMs: 0, forMs: 2_000, ppm: 500_000 },
    { ...drift, atMs: 1_000, forMs: 2_000, ppm: 100_000 },
    { kind: "pause", atMs: 0, forMs: 2_000, node: "a" },
    { kind: "pause", atMs: 1_000, forMs: 2_000, node: "a" },
  ]);
  const seen: unknown[] = [];
  for (let second = 0; second < 4; second++) {
    const beganMs = node.clock.monotonic();
    await world.runFor(1_000);
    seen.push([Math.round(node.clock.monotonic() - beganMs), node.isReady]);
  }
  expect(seen).toEqual([
    [1_500, false],
    [1_100, false],
    [1_100, true],
    [1_000, true],
  ]);
});

test("faults of all links go over links that have conditions of their own, and leave later settings alone", async () => {
  const world = new World({ seed: 1 });
  const node = await world.start("a", (seams) => seams);
  await world.start("b", async ({ transports, address }) => transports[0]?.listen(address, () => {}));
  world.network.setLink("a", "b", { latency: { minMs: 1, maxMs: 1 } });
  scheduleFaults(world, [{ kind: "latency", atMs: 0, forMs: 5_000, latency: { minMs: 1_000, maxMs: 1_000 } }]);
  await world.runFor(1);
  const dialled = node.value.transports[0]?.dial("sim://b:1", { signal: new AbortController().signal });
  const beganMs = world.nowMs;
  await world.run(dialled ?? Promise.reject(new Error("a node has a transport")));
  expect(world.nowMs - beganMs).toBe(2_000);
  world.network.setConditions({ lossRate: 0.5 });
  await world.runFor(5_000);
  expect(world.network.conditions).toMatchObject({ lossRate: 0.5, latency: { minMs: 1, maxMs: 10 } });
  expect(() => world.network.disturb({ lossRate: 2 })).toThrow(RangeError);
});

test("clocks drift as long as they are told to, and nodes that are not there have no faults", async () => {
  const world = new World({ seed: 1 });
  const node = await world.start("a", (seams) => seams, { clock: { driftPpm: 1_000 } });
  scheduleFaults(world, [
    { kind: "clock-drift", atMs: 0, forMs: 1_000, node: "a", ppm: 500_000 },
    { kind: "reset", atMs: 1, node: "a", peer: "nobody" },
    { kind: "half-open", atMs: 1, node: "nobody", peer: "a" },
    { kind: "clock-drift", atMs: 1, forMs: 1, node: "nobody", ppm: 1 },
  ]);
  const ran = async (durationMs: number): Promise<number> => {
    const beganMs = node.clock.monotonic();
    await world.runFor(durationMs);
    return node.clock.monotonic() - beganMs;
  };
  expect(await ran(1_000)).toBeCloseTo(1_500);
  expect(await ran(1_000)).toBeCloseTo(1_001);
});

test("faults follow from the seed, lie within their time, and are of the kinds asked for", () => {
  const draw = (seed: number) => drawFaults(new SeededRandom(seed), names, { count: 300, durationMs: 1_000 });
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  expect(new Set(draw(1).map(({ kind }) => kind)).size).toBe(11);
  for (const fault of draw(1)) {
    expect(fault.atMs + ("forMs" in fault ? fault.forMs : 0)).toBeLessThanOrEqual(1_000);
    if (fault.kind === "partition") expect([...fault.from, ...fault.to].toSorted()).toEqual(names);
  }
  const crashes = drawFaults(new SeededRandom(1), names, { count: 20, durationMs: 1_000, kinds: ["crash"] });
  expect(new Set(crashes.map(({ kind }) => kind))).toEqual(new Set(["crash"]));
  for (const [nodes, mix] of [
    [[], { count: 1, durationMs: 1 }],
    [["n0"], { count: 1, durationMs: 1, kinds: ["partition"] }],
    [["n0", "n0"], { count: 1, durationMs: 1, kinds: ["crash", "reset"] }],
    [names, { count: -1, durationMs: 1 }],
    [names, { count: Number.NaN, durationMs: 1 }],
    [names, { count: 1, durationMs: 0 }],
    [names, { count: 1, durationMs: Number.POSITIVE_INFINITY }],
    [names, { count: 1, durationMs: 1, kinds: [] }],
  ] as const) {
    expect(() => drawFaults(new SeededRandom(1), nodes, mix)).toThrow(RangeError);
  }
});
