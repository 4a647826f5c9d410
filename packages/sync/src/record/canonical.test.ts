// Canonical bytes: equal for equal content, and for nothing else. [SYNC-025] [SYNC-070]
import { canonicalBytes, compareTexts } from "@p2p/base";
import { encodeValue, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareBytes, compareContent } from "./canonical.js";

const hex = (value: WireValue): string => Buffer.from(canonicalBytes(value)).toString("hex");

test("the order in which a map was filled does not count", () => {
  expect(hex({ b: 1, a: { y: 1, x: 2 } })).toBe(hex({ a: { x: 2, y: 1 }, b: 1 }));
});

test("keys are in the order of their UTF-8, also those that engines put first", () => {
  const inOrder = encodeValue([true, "10", 1, "9", 2, "a", 3]);
  expect(canonicalBytes({ a: 3, 9: 2, 10: 1 })).toEqual(inOrder);
});

test("maps, arrays, texts and bytes are told apart", () => {
  const values: WireValue[] = [
    [],
    {},
    [null],
    [true],
    "",
    new Uint8Array(0),
    null,
    false,
    0,
    -0,
    ["a", 1],
    { a: 1 },
    [["a", 1]],
  ];
  expect(new Set(values.map(hex)).size).toBe(values.length);
});

test("numbers are told by their value", () => {
  expect(hex(1)).toBe(hex(1.0));
  expect(hex(5n)).toBe(hex(5));
  expect(hex(1.5)).not.toBe(hex(1));
});

test("texts compare as their UTF-8 does", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "é", "\uffff", "\u{1f600}", "\ue000", "z") });
  const utf8 = new TextEncoder();
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareTexts(a, b))).toBe(Math.sign(compareBytes(utf8.encode(a), utf8.encode(b))));
    }),
  );
});

test("[SYNC-025] nothing is lower than anything", () => {
  expect(compareContent(undefined, null)).toBeLessThan(0);
  expect(compareContent(undefined, undefined)).toBe(0);
  expect(compareContent({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(0);
  expect(compareContent(0, -0)).toBe(-compareContent(-0, 0));
  expect(compareContent(0, -0)).not.toBe(0);
  expect(compareContent(Number.NaN, Number.NaN)).toBe(0);
});
