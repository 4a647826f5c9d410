import { expect, test } from "vitest";
import { linearize, type Operation } from "./linearizability.js";

const write = (value: number, invokedAt: number, returnedAt: number | undefined): Operation<number> => ({
  name: `write ${value}`,
  invokedAt,
  returnedAt,
  step: () => value,
});
const read = (value: number, invokedAt: number, returnedAt: number): Operation<number> => ({
  name: `read ${value}`,
  invokedAt,
  returnedAt,
  step: (state) => (state === value ? state : undefined),
});

test("operations one after the other, and overlapping ones that saw one order", () => {
  expect(linearize([write(1, 0, 1), read(1, 2, 3), write(2, 4, 5), read(2, 6, 7)], 0)).toBeDefined();
  expect(linearize([write(1, 0, 10), write(2, 0, 10), read(2, 1, 2), read(1, 3, 4)], 0)).toEqual([
    "write 2",
    "read 2",
    "write 1",
    "read 1",
  ]);
});

test("a read of what was overwritten before it began is found", () => {
  expect(linearize([write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)], 0)).toBeUndefined();
});

test("two readers that saw two orders are found", () => {
  const writes = [write(1, 0, 10), write(2, 0, 10)];
  expect(linearize([...writes, read(1, 1, 2), read(2, 3, 4), read(1, 5, 6)], 0)).toBeUndefined();
});

test("a new value that was seen and then not seen any more is found", () => {
  expect(linearize([write(1, 0, 100), read(1, 1, 2), read(0, 3, 4)], 0)).toBeUndefined();
});

test("what never returned may have happened late, or not at all", () => {
  expect(linearize([write(1, 0, undefined), read(0, 1, 2), read(1, 50, 60)], 0)).toBeDefined();
  expect(linearize([write(1, 0, undefined), read(0, 1, 2)], 0)).toBeDefined();
  expect(linearize([write(1, 0, undefined), read(1, 1, 2), read(0, 3, 4)], 0)).toBeUndefined();
});

test("of two that both claim to have swapped the same value one is wrong", () => {
  const swap = (from: number, to: number, invokedAt: number, returnedAt: number): Operation<number> => ({
    name: `swap ${from} ${to}`,
    invokedAt,
    returnedAt,
    step: (state) => (state === from ? to : undefined),
  });
  expect(linearize([swap(0, 1, 0, 10), swap(1, 2, 0, 10)], 0)).toBeDefined();
  expect(linearize([swap(0, 1, 0, 10), swap(0, 2, 0, 10)], 0)).toBeUndefined();
});
