import { describe, expect, test } from "vitest";
import { FakeRing } from "../testing/fake-ring.js";
import type { DeltaOptions } from "./delta.js";
import type { Dictionary } from "./dictionary.js";
import type { ValueMap } from "./value.js";

async function one(options = {}): Promise<{ ring: FakeRing; dictionary: Dictionary }> {
  const ring = new FakeRing(options);
  await ring.grow(3);
  const [node] = ring.live;
  if (node === undefined) throw new Error("nobody is there");
  return { ring, dictionary: node.value };
}

test("[CHORD-250] keys and values that are too long, and what is none, are refused before anything is sent", async () => {
  const { ring, dictionary } = await one();
  const before = new Map(ring.asked);
  await expect(dictionary.set("k".repeat(1_025), 1)).rejects.toMatchObject({ code: "too-large" });
  await expect(dictionary.set("key", "v".repeat(65_536))).rejects.toMatchObject({ code: "too-large" });
  await expect(dictionary.set("", 1)).rejects.toThrow(RangeError);
  await expect(dictionary.get(5 as never)).rejects.toThrow(TypeError);
  await expect(dictionary.set("key", undefined as never)).rejects.toThrow(TypeError);
  expect(ring.asked).toEqual(before);
  await ring.world.run(dictionary.set("k".repeat(1_024), "v".repeat(65_533)));
  expect(await ring.world.run(dictionary.get("k".repeat(1_024)))).toHaveLength(65_533);
});

test("[CHORD-202] a text is the key of its UTF-8, and bytes that are given stay the caller's", async () => {
  const { ring, dictionary } = await one();
  const bytes = new TextEncoder().encode("é");
  await ring.world.run(dictionary.set(bytes, bytes));
  bytes.fill(0);
  const got = (await ring.world.run(dictionary.get("é"))) as Uint8Array;
  expect(got).toEqual(new TextEncoder().encode("é"));
  got.fill(0);
  expect(await ring.world.run(dictionary.get("é"))).toEqual(new TextEncoder().encode("é"));
});

test("[CHORD-219] what a user's function throws is the caller's, and changes nothing", async () => {
  const { ring, dictionary } = await one();
  await ring.world.run(dictionary.set("key", "text"));
  const failing = dictionary.update("key", () => {
    throw new Error("mine");
  });
  await expect(ring.world.run(failing)).rejects.toThrow("mine");
  await expect(ring.world.run(dictionary.applyDelta("key", { a: 1 }))).rejects.toMatchObject({
    code: "not-a-map",
  });
  const tooLarge = dictionary.update("key", () => "v".repeat(70_000));
  await expect(ring.world.run(tooLarge)).rejects.toMatchObject({ code: "too-large" });
  expect(await ring.world.run(dictionary.get("key"))).toBe("text");
});

test("[CHORD-219] a delta that is none is the caller's mistake, and changes nothing", async () => {
  const { ring, dictionary } = await one();
  await ring.world.run(dictionary.set("key", { a: 1, count: 2 }));
  // A text has every name in it that is a part of it.
  for (const [fields, options] of [
    [undefined],
    [null],
    [5],
    ["text"],
    [[1]],
    [{}, { remove: "count a" }],
    [{}, { remove: [1] }],
    [{}, { removed: ["a"] }],
  ]) {
    const call = dictionary.applyDelta("key", fields as unknown as ValueMap, options as DeltaOptions | undefined);
    await expect(ring.world.run(call)).rejects.toThrow(TypeError);
  }
  for (const timeoutMs of [0, -1, Number.NaN, "5" as unknown as number]) {
    await expect(ring.world.run(dictionary.get("key", { timeoutMs }))).rejects.toThrow(RangeError);
  }
  expect(await ring.world.run(dictionary.get("key"))).toEqual({ a: 1, count: 2 });
});

test("[CHORD-219] values are compared by what they are, whatever the order of their fields", async () => {
  const { ring, dictionary } = await one();
  await ring.world.run(dictionary.set("key", { a: [1, new Uint8Array(2)], b: null }));
  const swap = dictionary.compareAndSet("key", { b: null, a: [1, new Uint8Array(2)] }, undefined);
  expect(await ring.world.run(swap)).toMatchObject({ isSwapped: true });
  expect(await ring.world.run(dictionary.has("key"))).toBe(false);
});

test("operations end with the signal, with the time, and with the dictionary", async () => {
  const { ring, dictionary } = await one();
  ring.isCut = () => true;
  const stop = new AbortController();
  const stopped = dictionary.get("key", { signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(ring.world.run(stopped)).rejects.toThrow("enough");
  await expect(ring.world.run(dictionary.set("key", 1, { timeoutMs: 3_000 }))).rejects.toMatchObject({
    code: "no-majority",
  });
  await expect(ring.world.run(dictionary.update("key", () => 1, { timeoutMs: 3_000 }))).rejects.toMatchObject({
    code: "no-majority",
  });
  const open = dictionary.get("key");
  const told = expect(open).rejects.toMatchObject({ code: "closed" });
  await ring.world.run(dictionary.close());
  await told;
  await expect(dictionary.get("key")).rejects.toMatchObject({ code: "closed" });
});

describe("the time of an operation bounds all of it", () => {
  const timeoutMs = 150;

  async function slow(): Promise<{ ring: FakeRing; dictionary: Dictionary }> {
    const made = await one({ latencyMs: [200, 200] });
    await made.ring.world.run(made.dictionary.set("key", 1));
    await made.ring.world.run(made.dictionary.update("atomic", () => 1));
    return made;
  }

  test.each<[string, string, (dictionary: Dictionary) => Promise<unknown>]>([
    ["get", "no-majority", (dictionary) => dictionary.get("key", { timeoutMs })],
    ["get of an atomic key", "no-majority", (dictionary) => dictionary.get("atomic", { timeoutMs })],
    ["set", "no-majority", (dictionary) => dictionary.set("key", 2, { timeoutMs })],
    ["update", "no-majority", (dictionary) => dictionary.update("key", () => 2, { timeoutMs })],
  ])("[CHORD-260] %s, though no attempt has come to its end", async (_name, code, call) => {
    const { ring, dictionary } = await slow();
    const beganMs = ring.world.nowMs;
    await expect(ring.world.run(call(dictionary))).rejects.toMatchObject({ code });
    expect(ring.world.nowMs - beganMs).toBeLessThanOrEqual(timeoutMs + 1);
  });

  test("[CHORD-260] an atomic operation whose write is on its way ends with an unknown outcome", async () => {
    const { ring, dictionary } = await slow();
    const call = dictionary.update("atomic", () => 2, { timeoutMs: 700 });
    await expect(ring.world.run(call)).rejects.toMatchObject({ code: "outcome-unknown" });
    expect(await ring.world.run(dictionary.get("atomic"))).toBe(2);
  });

  test("[CHORD-260] the wait for operations on the same key before it counts", async () => {
    const { ring, dictionary } = await slow();
    const first = dictionary.update("atomic", (value) => Number(value) + 1);
    const beganMs = ring.world.nowMs;
    const second = dictionary.update("atomic", (value) => Number(value) + 10, { timeoutMs });
    await expect(ring.world.run(second)).rejects.toMatchObject({ code: "no-majority" });
    expect(ring.world.nowMs - beganMs).toBeLessThanOrEqual(timeoutMs + 1);
    expect(await ring.world.run(first)).toBe(2);
    expect(await ring.world.run(dictionary.update("atomic", (value) => value))).toBe(2);
  });

  test("[CHORD-260] a time without end is none", async () => {
    const { ring, dictionary } = await slow();
    expect(await ring.world.run(dictionary.get("key", { timeoutMs: Number.POSITIVE_INFINITY }))).toBe(1);
  });
});
