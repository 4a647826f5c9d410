import { expect, test } from "vitest";
import { FakeRing } from "../testing/fake-ring.js";
import { KeptRecords } from "../testing/kept-records.js";

async function ringOf(count: number, options = {}): Promise<FakeRing> {
  const ring = new FakeRing(options);
  await ring.grow(count);
  return ring;
}

test.each([1, 2, 3, 5, 20])("[CHORD-202] in a ring of %i what one node sets, every node gets", async (count) => {
  const ring = await ringOf(count);
  const first = ring.live[0]?.value;
  if (first === undefined) throw new Error("nobody is there");
  const held = await ring.world.run(first.set("key", { n: 1 }));
  expect(held.positions).toBeGreaterThanOrEqual(3);
  for (const { value } of ring.live) expect(await ring.world.run(value.get("key"))).toEqual({ n: 1 });
  await ring.world.run(first.delete("key"));
  for (const { value } of ring.live) expect(await ring.world.run(value.has("key"))).toBe(false);
});

test.each([1, 2, 3, 5, 20])("[CHORD-219] in a ring of %i atomic operations see each other", async (count) => {
  const ring = await ringOf(count);
  const { world } = ring;
  const at = (n: number) => {
    const node = ring.live[n % ring.live.length];
    if (node === undefined) throw new Error("nobody is there");
    return node.value;
  };
  expect(await world.run(at(0).compareAndSet("key", undefined, 1))).toEqual({ isSwapped: true, value: undefined });
  expect(await world.run(at(1).compareAndSet("key", undefined, 2))).toEqual({ isSwapped: false, value: 1 });
  expect(await world.run(at(2).update("key", (value) => Number(value) + 1))).toBe(2);
  expect(await world.run(at(3).get("key"))).toBe(2);
  await world.run(at(4).set("key", { a: 1, b: 2 }));
  expect(await world.run(at(5).applyDelta("key", { c: 3 }, { remove: ["a"] }))).toEqual({ b: 2, c: 3 });
  expect(await world.run(at(6).pop("key"))).toEqual({ b: 2, c: 3 });
  expect(await world.run(at(7).pop("key"))).toBeUndefined();
  expect(await world.run(at(8).get("key"))).toBeUndefined();
  const sums = await world.run(
    Promise.all(ring.live.map(({ value }) => value.update("sum", (sum) => Number(sum ?? 0) + 1))),
  );
  expect(Math.max(...sums.map(Number))).toBe(ring.live.length);
  expect(await world.run(at(0).get("sum"))).toBe(ring.live.length);
});

test("[CHORD-235] [CHORD-237] a store is in use from the start, so that what is taken at once outlives a crash", async () => {
  const store = new KeptRecords();
  const ring = new FakeRing({ storeOf: async () => store });
  await ring.add();
  expect(store.reservedUs).toBeGreaterThan(0);
});
