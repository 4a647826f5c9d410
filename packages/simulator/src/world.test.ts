// The world: how it runs, what stops it, and what outlives a crash.
import { expect, test } from "vitest";
import { type NodeSeams, SimulatorError, World } from "./index.js";

const same = (seams: NodeSeams): NodeSeams => seams;

async function failure(promise: Promise<unknown>): Promise<SimulatorError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SimulatorError) return error;
  throw new Error(`no SimulatorError: ${String(error)}`);
}

test("all that an event causes settles before the next event, promises in chains included", async () => {
  const world = new World({ seed: 1 });
  const order: string[] = [];
  const { clock } = (await world.start("a", same)).value;
  clock.setTimeout(() => order.push("next"), 1);
  clock.setTimeout(() => order.push("last"), 1);
  clock.queue(() => {
    order.push("first");
    void (async () => {
      for (let depth = 0; depth < 1_000; depth++) await undefined;
      order.push("promise");
      clock.queue(() => order.push("job"));
      clock.setTimeout(() => order.push("same instant"), 1);
    })();
  });
  await world.runFor(1);
  expect(order).toEqual(["first", "promise", "job", "next", "last", "same instant"]);
  expect(world.nowMs).toBe(1);
});

test("time passes exactly, also when nothing happens", async () => {
  const world = new World({ seed: 1 });
  await world.runFor(86_400_000);
  expect([world.nowMs, world.steps]).toEqual([86_400_000, 0]);
  await expect(world.runFor(-1)).rejects.toThrow(RangeError);
});

test("an invariant is looked at after every event, and stops the world for good", async () => {
  const world = new World({ seed: "broken" });
  const { clock } = (await world.start("a", same)).value;
  let count = 0;
  const tick = (): void => {
    count++;
    clock.setTimeout(tick, 10);
  };
  tick();
  const remove = world.invariant("removed", () => false);
  remove();
  world.invariant("below three", () => count < 3);
  const error = await failure(world.runFor(1_000));
  expect([error.code, count, world.nowMs]).toEqual(["invariant-failed", 3, 20]);
  for (const part of ["below three", "20 ms", "seed broken"]) expect(error.message).toContain(part);
  expect(world.trace.entries.at(-1)?.kind).toBe("violated");
  const again = await failure(world.runFor(1));
  expect([again.code, again.cause]).toEqual(["not-runnable", error]);
});

test("an invariant that throws, and a callback that does, are the cause", async () => {
  const cause = new Error("bad");
  const fail = (): never => {
    throw cause;
  };
  const world = new World({ seed: 1 });
  world.invariant("throws", fail);
  expect(await failure(world.runFor(1))).toMatchObject({ code: "invariant-failed", cause });
  const other = new World({ seed: 1 });
  other.after(1, "fails", fail);
  expect(await failure(other.runFor(1))).toMatchObject({ code: "callback-failed", cause });
});

test("waits end: by a deadline, when nothing is left, when no time passes, and not by two at once", async () => {
  const world = new World({ seed: 1, maxEventsPerInstant: 100 });
  expect((await failure(world.runUntil(() => false))).code).toBe("stuck");
  world.after(10_000, "later", () => {});
  expect((await failure(world.runUntil(() => false, { withinMs: 5 }))).code).toBe("deadline");
  expect((await failure(world.run(new Promise(() => {}), { withinMs: 5 }))).code).toBe("deadline");
  await expect(world.run(Promise.reject(new Error("its own")))).rejects.toThrow("its own");
  const running = world.runFor(1);
  expect((await failure(world.runFor(1))).code).toBe("not-runnable");
  await running;
  const { clock } = (await world.start("a", same)).value;
  const spin = (): void => clock.queue(spin);
  spin();
  expect((await failure(world.runFor(1))).code).toBe("livelock");
});

test("a crash stops timers and jobs at once; the disk outlives it unless it is lost", async () => {
  const world = new World({ seed: 1 });
  const seen: string[] = [];
  const node = await world.start("a", (seams) => {
    seams.clock.setTimeout(() => seen.push(`run ${seams.run}`), 100);
    const before = seams.disk.get("state");
    seams.disk.set("state", Uint8Array.of(seams.run));
    return { before, random: seams.random.bytes(8) };
  });
  const { random } = node.value;
  node.crash();
  expect([node.isUp, () => node.value]).toEqual([false, expect.any(Function)]);
  expect(() => node.value).toThrow(SimulatorError);
  expect(() => node.crash()).toThrow(SimulatorError);
  await world.runFor(1_000);
  await world.restart(node);
  expect(node.value.before).toEqual(Uint8Array.of(1));
  expect(node.value.random).not.toEqual(random);
  expect((await failure(world.restart(node))).code).toBe("name-taken");
  node.crash({ disk: "lost" });
  await world.restart(node);
  expect(node.value.before).toBeUndefined();
  await world.runFor(1_000);
  expect(seen).toEqual(["run 3"]);
  expect((await failure(world.start("a", same))).code).toBe("name-taken");
  await expect(world.start("No Name", same)).rejects.toThrow(RangeError);
});

test("nodes start and restart within a script, while the world runs", async () => {
  const world = new World({ seed: 1 });
  const names: string[] = [];
  world.after(10, "a node joins", () => {
    void world.start("late", same).then((node) => names.push(`${node.name} ${world.nowMs}`));
  });
  await world.runFor(20);
  expect(names).toEqual(["late 10"]);
});

test("several nodes start at once, and one that cannot keeps no other from it", async () => {
  const world = new World({ seed: 1 });
  const slow = async ({ name, clock }: NodeSeams): Promise<string> => {
    await new Promise<void>((resolve) => clock.setTimeout(resolve, name === "a" ? 10 : 20));
    if (name === "b") throw new Error("cannot open");
    return name;
  };
  const [a, b, c] = await Promise.allSettled(["a", "b", "c"].map((name) => world.start(name, slow)));
  expect([a?.status, b?.status, c?.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect([world.nowMs, world.nodes.map(({ isReady }) => isReady)]).toEqual([20, [true, false, true]]);
});

test("a node that crashes before its factory is done is not waited for", async () => {
  const world = new World({ seed: 1 });
  world.after(5, "crash", () => world.nodes[0]?.crash());
  const never = (): Promise<never> => new Promise(() => {});
  expect((await failure(world.start("a", never))).code).toBe("crashed");
  expect(world.nowMs).toBe(5);
  await world.start("b", same);
});

test("what a factory throws is thrown by start", async () => {
  const world = new World({ seed: 1 });
  const start = world.start("a", ({ run }) => (run === 1 ? Promise.reject(new Error("cannot open")) : run));
  await expect(start).rejects.toThrow("cannot open");
  const [node] = world.nodes;
  if (node === undefined) throw new Error("one node");
  expect(node.isUp).toBe(false);
  await world.restart(node);
  expect(node.value).toBe(2);
});

test("a clock that jumps is told by its node, and in the trace", async () => {
  const world = new World({ seed: 1 });
  const node = await world.start("a", same, { clock: { skewMs: 600_000 } });
  const other = await world.start("b", same);
  expect(node.clock.now() - other.clock.now()).toBe(600_000);
  node.jumpClock(-1_200_000);
  expect(node.clock.now() - other.clock.now()).toBe(-600_000);
  expect(world.trace.text()).toContain("clock-jump byMs=-1200000");
  expect(world.nodes.map(({ name }) => name)).toEqual(["a", "b"]);
});

test("the trace keeps the latest entries, and a fingerprint of all", async () => {
  const run = async (traceCapacity: number, seed = 1): Promise<World> => {
    const world = new World({ seed, traceCapacity });
    for (let number = 0; number < 100; number++) world.after(world.random.integer(100), `${number}`, () => {});
    await world.runFor(1_000);
    return world;
  };
  const small = await run(10);
  const large = await run(1_000);
  expect(small.trace.entries.length + small.trace.dropped).toBe(100);
  expect(small.trace.entries.length).toBeLessThanOrEqual(10);
  expect(large.trace.jsonl().endsWith(small.trace.jsonl())).toBe(true);
  expect(small.trace.fingerprint).toBe(large.trace.fingerprint);
  expect((await run(10, 2)).trace.fingerprint).not.toBe(small.trace.fingerprint);
  for (const line of large.trace.jsonl().trimEnd().split("\n"))
    expect(JSON.parse(line)).toMatchObject({ kind: "script" });
});
