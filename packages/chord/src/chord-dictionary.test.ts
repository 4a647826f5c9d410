import { afterEach, expect, test } from "vitest";
import type { Chord } from "./chord.js";
import { type Member, Rings } from "./testing/rings.js";

let rings = new Rings();

afterEach(() => {
  expect(rings.errors).toEqual([]);
  rings = new Rings();
});

async function grown(count: number, options: Partial<ConstructorParameters<typeof Chord>[0]> = {}): Promise<Rings> {
  rings = new Rings({ chord: options });
  await rings.grow(count);
  await rings.world.runFor(10_000);
  return rings;
}

const keysUpTo = (count: number) => Array.from({ length: count }, (_, n) => `key ${n}`);

async function setAll({ world, live }: Rings, keys: readonly string[]): Promise<void> {
  await world.run(Promise.all(keys.map((key, n) => (live[n % live.length] as Chord).set(key, `value of ${key}`))));
}

/** Keys that somebody alive does not get. */
async function lost({ world, live }: Rings, keys: readonly string[]): Promise<string[]> {
  const got = await world.run(Promise.all(keys.map((key, n) => (live[n % live.length] as Chord).get(key))));
  return keys.filter((key, n) => got[n] !== `value of ${key}`);
}

test("[CHORD-202] what one member sets, all get, and a client, too", async () => {
  const { world, live } = await grown(12);
  const [first, second] = live as [Chord, Chord];
  expect((await world.run(first.set("name", { a: 1 }))).positions).toBeGreaterThanOrEqual(3);
  for (const chord of live) expect(await world.run(chord.get("name"))).toEqual({ a: 1 });
  const client = await rings.add(rings.nodes.slice(0, 1), { serve: false });
  await world.run(client.value.ready());
  expect(await world.run(client.value.get("name"))).toEqual({ a: 1 });
  await world.run(client.value.set("other", 2));
  expect(await world.run(second.pop("other"))).toBe(2);
  expect(client.value.held.records).toBe(0);
});

test("[CHORD-212] [CHORD-213] a fifth of 25 members dies at once: no value is lost", async () => {
  await grown(25);
  const keys = keysUpTo(150);
  await setAll(rings, keys);
  await rings.world.runFor(1_000);
  for (const node of rings.world.random.shuffle([...rings.nodes]).slice(0, 5)) node.crash({ isPowerLost: true });
  await rings.world.runFor(15_000);
  expect(await lost(rings, keys)).toEqual([]);
});

test("[CHORD-211] [CHORD-216] all who held it leave one after the other: others hold it", async () => {
  await grown(8);
  const keys = keysUpTo(60);
  await setAll(rings, keys);
  const old: readonly Member[] = [...rings.nodes];
  await rings.grow(8);
  await rings.world.runFor(5_000);
  for (const node of old) {
    await rings.world.run(node.value.close());
    node.crash();
    await rings.world.runFor(3_000);
  }
  expect(rings.live).toHaveLength(8);
  expect(await lost(rings, keys)).toEqual([]);
});

test("[CHORD-217] a walk meets every key once", async () => {
  await grown(10);
  const keys = keysUpTo(200);
  await setAll(rings, keys);
  const met: unknown[] = [];
  const walk = async () => {
    for await (const key of (rings.live[3] as Chord).keys()) met.push(key);
  };
  await rings.world.run(walk());
  expect(met.sort()).toEqual([...keys].sort());
});
