// Scenarios are played, replayed and shrunk; one with a planted bug is caught, so the harness proves itself.
import { expect, test } from "vitest";
import { drawFaults, type NodeSeams, play, type Scenario, SeededRandom, type SimulatedNode, shrink } from "./index.js";
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
  expect(shrunk.failure?.cause).toMatchObject({ message: expect.stringContaining("went back") });
  const fine = outcomes.find(({ failure }) => failure === undefined) ?? (await play(planted, 1, []));
  await expect(shrink(planted, fine)).rejects.toThrow(TypeError);
});

test.each([1, 2, 3, 4, 5])("[MESH-002] the real mesh heals from drawn faults, seed %i", async (seed) => {
  const outcome = await play(healing, seed);
  expect(outcome.failure).toBeUndefined();
  expect(outcome.faults).toHaveLength(8);
});

test("faults follow from the seed, lie within their time, and are of the kinds asked for", () => {
  const draw = (seed: number) => drawFaults(new SeededRandom(seed), names, { count: 300, durationMs: 1_000 });
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  expect(new Set(draw(1).map(({ kind }) => kind)).size).toBe(6);
  for (const fault of draw(1)) {
    expect(fault.atMs + ("forMs" in fault ? fault.forMs : 0)).toBeLessThanOrEqual(1_000);
    if (fault.kind === "partition") expect([...fault.from, ...fault.to].toSorted()).toEqual(names);
  }
  const crashes = drawFaults(new SeededRandom(1), names, { count: 20, durationMs: 1_000, kinds: ["crash"] });
  expect(new Set(crashes.map(({ kind }) => kind))).toEqual(new Set(["crash"]));
  expect(() => drawFaults(new SeededRandom(1), ["n0"], { count: 1, durationMs: 1 })).toThrow(RangeError);
});
