// What newcomers get wrong: told at once, or by the world, and never swallowed.
import { expect, test } from "vitest";
import {
  type NodeSeams,
  play,
  type Scenario,
  SeededRandom,
  SimulatorError,
  scheduleFaults,
  World,
  type WorldOptions,
} from "./index.js";

const same = (seams: NodeSeams): NodeSeams => seams;

/** What JavaScript lets through. */
function made(options: object): World {
  return new World(options as WorldOptions);
}

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

test.each([
  {},
  { seed: Number.NaN },
  { seed: null },
  { seed: 1, latency: 5 },
  { seed: 1, conditions: { loss: 0.5 } },
  { seed: 1, conditions: { latency: undefined } },
  { seed: 1, conditions: { latency: { minMs: 1, maxMs: 2, spikes: 3 } } },
  { seed: 1, streams: { buffer: 5 } },
])("options that a world does not have are a TypeError: %j", (options) => {
  expect(() => made(options)).toThrow(TypeError);
});

test.each([
  { trace: "everything" },
  { traceCapacity: 0 },
  { maxEventsPerInstant: 0.5 },
  { conditions: { latency: { minMs: Number.NaN, maxMs: 1 } } },
  { conditions: { latency: { minMs: 0, maxMs: Number.POSITIVE_INFINITY } } },
  { conditions: { latency: { minMs: 0, maxMs: 1, spikeChance: 1, spikeMs: Number.POSITIVE_INFINITY } } },
  { streams: { retransmitMs: 0 } },
  { streams: { windowBytes: Number.POSITIVE_INFINITY } },
])("values that cannot be are a RangeError: %j", (options) => {
  expect(() => made({ seed: 1, ...options })).toThrow(RangeError);
});

test("times that are none are a RangeError, and stop nothing", async () => {
  const world = new World({ seed: 1 });
  const node = await world.start("a", same);
  for (const time of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
    await expect(world.runFor(time)).rejects.toThrow(RangeError);
    await expect(world.runUntil(() => true, { withinMs: time })).rejects.toThrow(RangeError);
    expect(() => world.after(time, "never", () => {})).toThrow(RangeError);
  }
  expect(() => node.jumpClock(Number.NaN)).toThrow(RangeError);
  expect(() => node.driftClock(-1_000_000)).toThrow(RangeError);
  expect(() => node.limitReading(0)).toThrow(RangeError);
  expect(world.trace.text()).not.toContain("clock-");
  await expect(world.start("b", same, { clock: { skewMs: Number.NaN } })).rejects.toThrow(RangeError);
  await expect(world.start("b", same, { clock: { driftPpm: -2_000_000 } })).rejects.toThrow(RangeError);
  // Nothing is left of the node that could not be.
  await world.start("b", same);
});

test("promises where an answer is due would count as true: they are a TypeError", async () => {
  const later = async (): Promise<boolean> => false;
  // A condition that is asynchronous passes for one that is not, in JavaScript.
  const asked = new World({ seed: 1 }).runUntil(later as unknown as () => boolean);
  await expect(asked).rejects.toThrow(TypeError);
  const world = new World({ seed: 1 });
  world.invariant("asynchronous", later);
  expect(await reasonOf(world.runFor(1))).toMatchObject({ code: "invariant-failed", cause: expect.any(TypeError) });
  // Those of other libraries too, and what they reject with is no other failure of the test.
  const foreign = new World({ seed: 1 });
  // biome-ignore lint/suspicious/noThenProperty: a promise of another library has one.
  const thenable = { then: (_: unknown, reject: (reason: Error) => void) => reject(new Error("no")) };
  foreign.invariant("foreign", () => thenable);
  expect(await reasonOf(foreign.runFor(1))).toMatchObject({ code: "invariant-failed", cause: expect.any(TypeError) });
});

test("a step of a script that rejects stops the world, as one that throws", async () => {
  const world = new World({ seed: 1 });
  const cause = new Error("later");
  world.after(5, "asynchronous", async () => {
    await undefined;
    throw cause;
  });
  world.after(10, "not reached", () => expect.fail("the world goes on"));
  expect(await reasonOf(world.runFor(100))).toMatchObject({ code: "callback-failed", cause });
  expect(world.nowMs).toBe(5);
});

test("two invariants of one name both hold, and each is removed by itself", async () => {
  const world = new World({ seed: 1 });
  let isBroken = false;
  world.invariant("twin", () => !isBroken);
  world.invariant("twin", () => true)();
  await world.runFor(1);
  isBroken = true;
  expect(await reasonOf(world.runFor(1))).toMatchObject({ code: "invariant-failed" });
});

test("a node of another world, and a text for a list of names, are told", async () => {
  const world = new World({ seed: 1 });
  const node = await new World({ seed: 2 }).start("a", same);
  node.crash();
  await expect(world.restart(node)).rejects.toThrow(SimulatorError);
  expect(() => world.network.partition("ada", ["bob"])).toThrow(TypeError);
});

test("a scenario that forgets begin, or calls it twice, fails; without faults it needs none", async () => {
  const scenario = (begins: number, count: number): Scenario => ({
    name: "forgetful",
    nodes: ["a", "b"],
    faults: { count, durationMs: 10 },
    run: async (_world, begin) => {
      for (let call = 0; call < begins; call++) begin();
    },
  });
  expect((await play(scenario(0, 1), 1)).failure).toBeInstanceOf(TypeError);
  expect((await play(scenario(2, 1), 1)).failure).toBeInstanceOf(TypeError);
  expect((await play(scenario(1, 1), 1)).failure).toBeUndefined();
  expect((await play(scenario(0, 0), 1)).failure).toBeUndefined();
});

test("a node that crashes in its own callbacks runs no further timer, writes no more, and its promises never settle", async () => {
  const world = new World({ seed: 1 });
  const seen: string[] = [];
  const node = await world.start("a", same);
  const { clock, transports, address, disk } = node.value;
  await transports[0]?.listen(address, () => seen.push("accepted"));
  clock.setTimeout(() => {
    disk.set("before", Uint8Array.of(1));
    node.crash();
    disk.set("after", Uint8Array.of(1));
    disk.delete("before");
    clock.setTimeout(() => seen.push("timer"), 1);
    clock.queue(() => seen.push("job"));
    const dialled = transports[0]?.dial("sim://b:1", { signal: new AbortController().signal });
    dialled?.finally(() => seen.push("dial"));
    transports[0]?.listen("sim://a:2", () => {}).finally(() => seen.push("listen"));
  }, 5);
  const other = await world.start("b", same);
  await world.runFor(100);
  const [transport] = other.value.transports;
  if (transport === undefined) throw new Error("a node has a transport");
  const refused = transport.dial(address, { signal: new AbortController().signal });
  await expect(world.run(refused)).rejects.toMatchObject({ code: "dial-refused" });
  expect([seen, node.isUp]).toEqual([[], false]);
  await world.restart(node);
  expect([node.value.disk.get("before"), node.value.disk.get("after")]).toEqual([Uint8Array.of(1), undefined]);
});

test("what is asked of chance and cannot be is a mistake, not a number", () => {
  const random = new SeededRandom(1);
  for (const below of [Number.NaN, 0, -1, Number.POSITIVE_INFINITY, 2 ** 60])
    expect(() => random.integer(below)).toThrow(RangeError);
  for (const probability of [Number.NaN, -1, 2]) expect(() => random.chance(probability)).toThrow(RangeError);
  for (const length of [Number.NaN, -1, 1.5]) expect(() => random.bytes(length)).toThrow(RangeError);
  expect(() => new SeededRandom(Number.NaN)).toThrow(TypeError);
  expect([random.integer(0.5), random.chance(0), random.chance(1), random.bytes(0).length]).toEqual([
    0,
    false,
    true,
    0,
  ]);
});

test("what is asked of a node that is down, or with a word that there is not, leaves no trace", async () => {
  const world = new World({ seed: 1 });
  const node = await world.start("a", same);
  const gone = { disk: "gone" } as unknown as { readonly disk: "lost" }; // as from JavaScript
  expect(() => node.crash(gone)).toThrow(TypeError);
  node.crash();
  expect(() => node.jumpClock(5)).toThrow(SimulatorError);
  expect(world.trace.text()).not.toMatch(/gone|clock-jump/);
});

test("a label with line breaks is one line of the trace, and what is unbounded is called so", async () => {
  const world = new World({ seed: 1 });
  world.after(1, "two\nlines", () => world.network.setConditions({ bytesPerSecond: Number.POSITIVE_INFINITY }));
  await world.runFor(2);
  expect(world.trace.text().trimEnd().split("\n")).toHaveLength(2);
  expect(world.trace.text()).toContain("unbounded");
});

test("a start is waited for alone: not a restart that never comes, nor one that failed before", async () => {
  const world = new World({ seed: 1 });
  const never = (): Promise<never> => new Promise(() => {});
  await world.start("a", ({ run }) => (run === 1 ? run : never()));
  scheduleFaults(world, [{ kind: "crash", atMs: 1, forMs: 1, node: "a", disk: "kept", isPowerLost: false }]);
  await world.runFor(10);
  await world.start("late", same);
  const stuck = await Promise.allSettled(["b", "c"].map((name) => world.start(name, never)));
  expect(stuck.map((each) => each.status === "rejected" && each.reason.code)).toEqual(["stuck", "stuck"]);
  await world.start("later", same);
  expect(world.nowMs).toBe(10);
});

test("what stops a world tells by its stack which call ran it", async () => {
  const world = new World({ seed: 1 });
  world.invariant("broken", () => false);
  const thisCall = async (): Promise<void> => {
    await world.runFor(1);
  };
  expect(await reasonOf(thisCall())).toMatchObject({ stack: expect.stringContaining("thisCall") });
});
