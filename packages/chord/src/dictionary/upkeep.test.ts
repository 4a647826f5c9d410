import { describe, expect, test } from "vitest";
import { positionsOf } from "../positions.js";
import { type FakeNode, FakeRing } from "../testing/fake-ring.js";
import type { Dictionary } from "./dictionary.js";
import type { DictionaryOptions } from "./dictionary-options.js";

async function ringOf(count: number, dictionary: DictionaryOptions = {}): Promise<FakeRing> {
  const ring = new FakeRing({ dictionary: { compareMs: 5_000, auditMs: 30_000, ...dictionary } });
  await ring.grow(count);
  return ring;
}

function one(ring: FakeRing, at = 0): Dictionary {
  const node = ring.live[at];
  if (node === undefined) throw new Error("there are not so many");
  return node.value;
}

/** The questions what differs in a range, and whether a node has a write. */
const compare = 4;
const have = 7;

const keys = Array.from({ length: 40 }, (_, n) => `key ${n}`);

async function setAll(ring: FakeRing): Promise<void> {
  await ring.world.run(Promise.all(keys.map((key) => one(ring).set(key, key))));
}

async function isAllThere(ring: FakeRing): Promise<void> {
  const got = await ring.world.run(Promise.all(keys.map((key) => one(ring).get(key))));
  expect(got).toEqual(keys);
}

/** Who is to hold a key: the owners of its positions, and as many after each. */
async function keepersOf(ring: FakeRing, key: string, replicas = 1): Promise<Set<FakeNode>> {
  const member = ring.memberOf(ring.live[0] as FakeNode);
  if (member === undefined) throw new Error("it is no member");
  const places = await ring.world.run(
    Promise.all(positionsOf(new TextEncoder().encode(key)).map((position) => member.lookup(position, 8))),
  );
  const ids = new Set(places.flatMap((nodes) => nodes.slice(0, 1 + replicas)));
  return new Set(ring.live.filter((node) => ids.has(ring.idOf(node))));
}

describe("records in a ring at rest", () => {
  test("[CHORD-212] are at all owners and their successors soon after a write, and nowhere else", async () => {
    const ring = await ringOf(30);
    await ring.world.run(one(ring).set("key", 1));
    await ring.world.runFor(1_000);
    const keepers = await keepersOf(ring, "key");
    for (const node of ring.live) expect(node.value.held.records, node.name).toBe(keepers.has(node) ? 1 : 0);
  });

  test("[CHORD-215] go from those that are no keepers any more, and stay with those that are", async () => {
    const ring = await ringOf(10, { auditMs: 15_000 });
    await setAll(ring);
    await ring.grow(15);
    await ring.world.runFor(120_000);
    let wanted = 0;
    for (const key of keys) wanted += (await keepersOf(ring, key)).size;
    const held = ring.live.reduce((sum, { value }) => sum + value.held.records, 0);
    expect(held).toBe(wanted);
    await isAllThere(ring);
  });
});

test("[CHORD-214] records are looked after in haste only where neighbours change, whatever else the ring tells", async () => {
  const ring = await ringOf(10);
  await setAll(ring);
  await ring.world.runFor(330_000);
  const looks = async (isTold: boolean): Promise<number> => {
    const before = ring.asked.get(have) ?? 0;
    for (let at = 0; at < 24; at += 1) {
      // A finger, or what a walk round the ring found: no neighbour.
      for (const node of isTold ? ring.live : []) ring.tell(node);
      await ring.world.runFor(5_000);
    }
    return (ring.asked.get(have) ?? 0) - before;
  };
  const calm = await looks(false);
  expect(calm).toBeGreaterThan(0);
  expect(await looks(true)).toBeLessThan(1.5 * calm);
});

test("[CHORD-214] in haste the owner of one other position is asked, each time of another", async () => {
  const ring = await ringOf(10, { compareMs: 600_000, auditMs: 240_000 });
  await setAll(ring);
  let owners = 0;
  for (const key of keys) owners += (await keepersOf(ring, key, 0)).size;
  // Who had nothing at first looks again after a minute.
  await ring.world.runFor(70_000);
  const before = ring.asked.get(have) ?? 0;
  // Each record has its turn every 60 s.
  await ring.world.runFor(120_000);
  const rounds = ((ring.asked.get(have) ?? 0) - before) / owners;
  expect(rounds).toBeGreaterThan(1.5);
  expect(rounds).toBeLessThan(3);
});

test("[CHORD-213] ranges are compared at once where neighbours change, and then not soon again", async () => {
  const ring = await ringOf(2, { compareMs: 30_000 });
  const comparisons = async (forMs: number): Promise<number> => {
    const before = ring.asked.get(compare) ?? 0;
    await ring.world.runFor(forMs);
    return (ring.asked.get(compare) ?? 0) - before;
  };
  for (let round = 0; round < 8; round += 1) {
    const added = await ring.add();
    await ring.world.runFor(10_000 + 2_000 * round);
    ring.crash(added);
    // With one successor each, both have another one.
    expect(await comparisons(3_000)).toBeGreaterThanOrEqual(2);
    expect(await comparisons(11_000)).toBe(0);
  }
  expect(await comparisons(300_000)).toBeGreaterThanOrEqual(12);
});

test("[CHORD-213] [CHORD-214] members crash one after the other until none of the first is left: all values are there", async () => {
  const ring = await ringOf(10);
  await setAll(ring);
  const old = [...ring.nodes];
  for (const node of old) {
    await ring.add();
    await ring.world.runFor(8_000);
    ring.crash(node);
    await ring.world.runFor(8_000);
  }
  await isAllThere(ring);
});

test("[CHORD-216] members leave one after the other at once with their copies: all values are there", async () => {
  const ring = await ringOf(12, { compareMs: 600_000, auditMs: 6_000_000 });
  await setAll(ring);
  for (const node of ring.nodes.slice(0, 9)) await ring.world.run(ring.leave(node));
  await isAllThere(ring);
});

describe("keys that are used atomically", () => {
  test("[CHORD-228] [CHORD-225] get other holders when theirs crash one by one", async () => {
    const ring = await ringOf(8);
    for (const key of keys.slice(0, 3)) await ring.world.run(one(ring).update(key, () => 1));
    const old = [...ring.nodes];
    for (const node of old) {
      await ring.add();
      await ring.world.runFor(8_000);
      ring.crash(node);
      await ring.world.runFor(8_000);
    }
    for (const key of keys.slice(0, 3)) {
      expect(await ring.world.run(one(ring).update(key, (value) => Number(value) + 1)), key).toBe(2);
    }
  });

  test("[CHORD-216] without a majority of their holders do not keep who leaves", async () => {
    const ring = await ringOf(5);
    const many = Array.from({ length: 200 }, (_, at) => `atomic ${at}`);
    await ring.world.run(Promise.all(many.map((key) => one(ring).update(key, () => 1))));
    const [leaving, ...others] = [...ring.live];
    for (const node of others) ring.crash(node);
    const beganMs = ring.world.nowMs;
    await ring.world.run(ring.leave(leaving as FakeNode));
    expect(ring.world.nowMs - beganMs).toBeLessThan(20_000);
  });

  test("[CHORD-229] without a majority of their holders wait, and then go on with what is left", async () => {
    const ring = await ringOf(30, { abandonMs: 120_000 });
    // Where five different members own the positions, they are the holders.
    let [key, holders]: [string, FakeNode[]] = ["", []];
    for (let n = 0; holders.length < 5; n += 1) {
      key = `key ${n}`;
      holders = [...(await keepersOf(ring, key, 0))];
    }
    await ring.world.run(one(ring).update(key, () => 1));
    await ring.world.runFor(3_000);
    for (const node of holders.slice(0, 3)) ring.crash(node);
    const reader = ring.live.find((node) => !holders.includes(node)) as FakeNode;
    const isRefused = ring.world.run(reader.value.update(key, () => 2, { timeoutMs: 5_000 }));
    await expect(isRefused).rejects.toMatchObject({ code: "no-majority" });
    await ring.world.runFor(60_000);
    const isStillRefused = ring.world.run(reader.value.get(key, { timeoutMs: 5_000 }));
    await expect(isStillRefused).rejects.toMatchObject({ code: "no-majority" });
    await ring.world.runFor(180_000);
    expect(await ring.world.run(reader.value.update(key, (value) => Number(value) + 10))).toBe(11);
  });
});

describe("a walk", () => {
  async function collect(ring: FakeRing, signal?: AbortSignal): Promise<unknown[]> {
    const met: unknown[] = [];
    for await (const entry of one(ring).entries(signal === undefined ? {} : { signal })) met.push(entry);
    return met;
  }

  test.each([1, 2, 7, 30])("[CHORD-217] of a ring of %i meets all keys once, and no deleted one", async (count) => {
    const ring = await ringOf(count);
    await setAll(ring);
    await ring.world.run(one(ring).delete("key 5"));
    const met = await ring.world.run(collect(ring));
    expect(met.sort()).toEqual(
      keys
        .filter((key) => key !== "key 5")
        .map((key) => [key, key])
        .sort(),
    );
  });

  test("[CHORD-217] goes on behind a member that has just died", async () => {
    const ring = await ringOf(20);
    await setAll(ring);
    await ring.world.runFor(1_000);
    ring.isCut = (_from, to) => to === ring.idOf(ring.nodes[7] as FakeNode);
    expect(await ring.world.run(collect(ring))).toHaveLength(keys.length);
  });

  test("[CHORD-217] asks nothing while its reader does not, and ends with the signal", async () => {
    const ring = await ringOf(20);
    await setAll(ring);
    const walk = one(ring).keys();
    await ring.world.run(walk.next());
    const asked = ring.asked.get(6) ?? 0;
    await ring.world.runFor(60_000);
    expect(ring.asked.get(6)).toBe(asked);
    await walk.return();
    const stop = new AbortController();
    const all = collect(ring, stop.signal);
    stop.abort(new Error("enough"));
    await expect(ring.world.run(all)).rejects.toThrow("enough");
  });
});
