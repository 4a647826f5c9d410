import { expect, test } from "vitest";
import { WriteHistory } from "./write-history.js";

const fail = (): Promise<never> => Promise.reject(new Error("gone"));

test("what was acknowledged, and what may have been written after it, is right; less and more is stale", async () => {
  let nowMs = 100;
  const history = new WriteHistory(() => nowMs);
  await history.write("a", async () => undefined);
  await history.write("a", fail);
  await history.read("a", async () => 1);
  await history.read("a", async () => 2);
  expect(history.stale).toEqual([]);
  nowMs = 350;
  await history.read("a", async () => null);
  await history.read("a", async () => 3);
  expect(history.stale).toEqual([
    "a: nothing was read 250 ms after 1 was acknowledged",
    "a: 3 was read 250 ms after 1 was acknowledged",
  ]);
  expect(history.counts).toEqual({ acknowledged: 1, right: 2, failed: 1 });
});

test("a read need not find what was acknowledged after it began", async () => {
  const history = new WriteHistory(() => 0);
  await history.write("a", async () => undefined);
  const { promise, resolve } = withResolvers<number>();
  const reading = history.read("a", () => promise);
  await history.write("a", async () => undefined);
  resolve(1);
  await reading;
  expect(history.stale).toEqual([]);
  await history.read("a", async () => 1);
  expect(history.stale).toHaveLength(1);
});

test("keys are those with an acknowledged value, and a read without an answer says so", async () => {
  const history = new WriteHistory(() => 0);
  await history.write("a", fail);
  expect(history.keys).toEqual([]);
  expect(await history.read("a", fail)).toBe("failed");
  const more = history.more(2);
  for (const key of ["a", "b"]) await history.write(key, async () => undefined);
  await more;
  expect(history.keys).toEqual(["a", "b"]);
});

function withResolvers<Value>(): { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
