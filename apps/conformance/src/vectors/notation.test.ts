import { expect, test } from "vitest";
import { show } from "../runner/expect.js";
import { chunkings } from "./chunkings.js";
import { readBytes, readValue, writeValue } from "./notation.js";

test("values go through the notation and back", () => {
  const notation = {
    map: [
      ["__proto__", [1, -1, { int: "18446744073709551615" }, { float: "NaN" }, { float: "-0" }, 1.5]],
      ["b", { bin: "00ff" }],
      ["n", null],
      ["t", true],
    ],
  };
  expect(writeValue(readValue(notation))).toEqual(notation);
  expect(readValue({ items: 3, of: "x" })).toEqual(["x", "x", "x"]);
  expect(show(readValue({ text: "c3a9" }))).toBe('"é"');
});

test("long inputs are written as parts", () => {
  expect(readBytes(["01", { hex: "0203", repeat: 2 }, "04"])).toEqual(Uint8Array.of(1, 2, 3, 2, 3, 4));
});

test("every chunking holds all bytes", () => {
  const bytes = Uint8Array.from({ length: 9 }, (_, index) => index);
  const all = [...chunkings(bytes)];
  expect(all.length).toBe(2 + 8);
  for (const { chunks } of all) expect(Buffer.concat(chunks)).toEqual(Buffer.from(bytes));
});
