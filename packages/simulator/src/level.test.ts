// The store of a simulated node: as memory-level while it runs; what is there after a crash, and what is lost.
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { type NodeSeams, type SimulatedNode, World } from "./index.js";
import { type SimulatedLevelOptions, simulatedLevel } from "./level.js";

/** The types of abstract-level know no `sync`, as not every store does; with an option that they know it passes. */
const synced = { sync: true, keyEncoding: "utf8" };

interface Keeper {
  readonly level: MemoryLevel;
  readonly seams: NodeSeams;
}

function keeper(options: SimulatedLevelOptions<string, string> = {}) {
  return async (seams: NodeSeams): Promise<Keeper> => ({ level: simulatedLevel(seams, options), seams });
}

async function start(seed: number, options: SimulatedLevelOptions<string, string> = {}) {
  const world = new World({ seed });
  return { world, node: await world.start("a", keeper(options)) };
}

async function entries({ value: { level } }: SimulatedNode<Keeper>): Promise<[string, string][]> {
  return level.iterator().all();
}

const name = fc.constantFrom("a", "b", "c", "d", "e");
const range = fc.record({ gte: name, lt: name, limit: fc.integer({ min: -1, max: 3 }), reverse: fc.boolean() });
const operation = fc.oneof(
  fc.tuple(fc.constant("put" as const), name, fc.string()),
  fc.tuple(fc.constant("del" as const), name),
  fc.tuple(fc.constant("clear" as const), fc.record({ gte: name, lt: name }, { requiredKeys: [] })),
  fc.tuple(fc.constant("read" as const), name),
  fc.tuple(fc.constant("list" as const), range),
  fc.tuple(fc.constant("batch" as const), name, name),
  fc.constant(["restart" as const] as const),
);

/** Does one operation. @returns what a reader saw of it */
async function perform(
  level: MemoryLevel,
  [kind, ...args]: Exclude<Operation, readonly ["restart"]>,
): Promise<unknown> {
  const [key, value] = args;
  // In a sublevel, so that ranges and prefixes are tried together.
  const sub = level.sublevel("sub");
  switch (kind) {
    case "put":
      return sub.put(String(key), String(value));
    case "del":
      return sub.del(String(key));
    case "clear":
      return sub.clear(typeof key === "object" ? key : {});
    case "read":
      return [await sub.get(String(key)), await sub.has(String(key)), await level.getMany([String(key), "x"])];
    case "list":
      return level.iterator(typeof key === "object" ? key : {}).all();
    default:
      return level.batch([
        { type: "put", key: String(key), value: "batched" },
        { type: "del", key: String(value) },
      ]);
  }
}

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

test("it answers as memory-level does, and goes on after crashes as if there had been none", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 30 }), async (operations) => {
      const { world, node } = await start(1);
      const model = new MemoryLevel();
      for (const each of operations) {
        if (each[0] === "restart") {
          node.crash();
          await world.restart(node);
        } else expect(await world.run(perform(node.value.level, each))).toEqual(await perform(model, each));
      }
      expect(await world.run(entries(node))).toEqual(await model.iterator().all());
    }),
    { numRuns: 100 },
  );
});

test("without power a prefix of what was not synced survives; what was synced always does", async () => {
  const survivors = new Set<number>();
  for (let seed = 1; seed <= 40; seed++) {
    const { world, node } = await start(seed);
    const write = async (): Promise<void> => {
      const { level } = node.value;
      for (let number = 0; number < 10; number++) await level.put(`${number}`, "written", number === 3 ? synced : {});
    };
    await world.run(write());
    node.crash({ isPowerLost: true });
    await world.restart(node);
    const keys = (await world.run(entries(node))).map(([key]) => key);
    expect(keys).toEqual(Array.from(keys, (_, index) => `${index}`));
    survivors.add(keys.length);
  }
  expect([...survivors].toSorted((a, b) => a - b)).toEqual([4, 5, 6, 7, 8, 9, 10]);
});

test("a batch is lost as a whole, and what it overwrote is there again", async () => {
  const found = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const { world, node } = await start(seed);
    const { level } = node.value;
    const write = async (): Promise<void> => {
      await level.batch(
        ["a", "b"].map((key) => ({ type: "put", key, value: "old" })),
        synced,
      );
      await level.batch([
        { type: "put", key: "a", value: "new" },
        { type: "del", key: "b" },
      ]);
    };
    await world.run(write());
    node.crash({ isPowerLost: true });
    await world.restart(node);
    found.add(JSON.stringify(await world.run(entries(node))));
  }
  expect(found).toEqual(new Set(['[["a","old"],["b","old"]]', '[["a","new"]]']));
});

test("a crash of the process loses nothing that was written, and a lost disk everything", async () => {
  const { world, node } = await start(1);
  await world.run(node.value.level.put("key", "value"));
  node.value.seams.disk.set("file", Uint8Array.of(1));
  node.crash();
  await world.restart(node);
  expect([await world.run(entries(node)), node.value.seams.disk.get("file")]).toEqual([
    [["key", "value"]],
    Uint8Array.of(1),
  ]);
  node.crash({ disk: "lost" });
  await world.restart(node);
  expect([await world.run(entries(node)), node.value.seams.disk.get("file")]).toEqual([[], undefined]);
});

test("what was being written when the node crashed is not there, and never ends", async () => {
  const { world, node } = await start(1, { latency: { minMs: 10, maxMs: 10 } });
  await world.run(node.value.level.open());
  let outcome = "none";
  node.value.level.put("key", "value").finally(() => {
    outcome = "some";
  });
  await world.runFor(9);
  node.crash();
  await world.runFor(1_000);
  await world.restart(node);
  expect([await world.run(entries(node)), outcome]).toEqual([[], "none"]);
});

test("operations take the time they are given, and those not awaited overtake one another, alike for a seed", async () => {
  const order = async (seed: number): Promise<string> => {
    const { world, node } = await start(seed, { latency: { minMs: 5, maxMs: 9 } });
    await world.run(node.value.level.open());
    const beganMs = world.nowMs;
    const ended: number[] = [];
    const puts = Array.from({ length: 8 }, (_, number) =>
      node.value.level.put("key", `${number}`).then(() => ended.push(number)),
    );
    await world.run(Promise.all(puts));
    expect(world.nowMs - beganMs).toBeGreaterThanOrEqual(5);
    expect(world.nowMs - beganMs).toBeLessThanOrEqual(9);
    expect((await world.run(entries(node)))[0]?.[1]).toBe(`${ended.at(-1)}`);
    return ended.join();
  };
  expect(await order(1)).toBe(await order(1));
  expect(new Set([await order(1), await order(2), await order(3)]).size).toBeGreaterThan(1);
});

test("stores of other names are apart", async () => {
  const world = new World({ seed: 1 });
  const node = await world.start("a", (seams) => seams);
  const [one, two] = ["one", "two"].map((each) => simulatedLevel(node.value, { name: each }));
  if (one === undefined || two === undefined) throw new Error("two stores");
  await world.run(one.put("key", "value"));
  expect([await world.run(one.get("key")), await world.run(two.get("key"))]).toEqual(["value", undefined]);
});

test("memory-level itself settles within the event that asks it", async () => {
  const world = new World({ seed: 1 });
  const { clock } = (await world.start("a", (seams) => seams)).value;
  const order: string[] = [];
  clock.queue(() => {
    void (async () => {
      const level = new MemoryLevel();
      await level.batch([{ type: "put", key: "a", value: "1" }]);
      await level.put("b", "2");
      for await (const [key] of level.iterator()) order.push(key);
      await level.clear();
      await level.close();
      order.push("closed");
    })();
  });
  clock.queue(() => order.push("next event"));
  await world.runFor(1);
  expect(order).toEqual(["a", "b", "closed", "next event"]);
});
