import { encodeValue, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkKey, copyOf, measure } from "./value.js";

const values: fc.Arbitrary<WireValue> = fc.letrec<{ value: WireValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<WireValue>(null, true, 0, -1.5, "", "é", 2n ** 63n),
    fc.string({ unit: "binary" }),
    fc.uint8Array({ maxLength: 9 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: "binary", maxLength: 9 }), tie("value"), { maxKeys: 4 }),
  ),
})).value;

test("a copy is equal, and shares nothing", () => {
  fc.assert(
    fc.property(values, (value) => {
      const before = encodeValue(value).slice();
      const copy = copyOf(value);
      expect(encodeValue(copy)).toEqual(before);
      if (typeof value !== "object" || value === null) return;
      expect(copy).not.toBe(value);
      if (copy instanceof Uint8Array) copy.fill(0xff);
      else if (Array.isArray(copy)) copy.length = 0;
      expect(encodeValue(value)).toEqual(before);
    }),
  );
  let deep: WireValue = 1;
  for (let level = 0; level < 24; level += 1) deep = level % 2 === 0 ? [deep] : { deep };
  expect(copyOf(deep)).toEqual(deep);
  expect(() => copyOf([deep])).toThrow(RangeError);
  const tricky = JSON.parse('{"__proto__": {"a": 1}}');
  expect(Object.keys(copyOf(tricky) as object)).toEqual(["__proto__"]);
});

test("a value is measured at least as long as it is encoded, and refused above the limit", () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(measure("key", value, 65_536)).toBeGreaterThanOrEqual(encodeValue(value).length);
    }),
  );
  expect(measure("key", "x".repeat(65_533), 65_536)).toBe(65_536);
  const tooLarge = expect.objectContaining({ code: "too-large", key: "key" });
  expect(() => measure("key", "x".repeat(65_534), 65_536)).toThrow(tooLarge);
  expect(() => measure("key", new Uint8Array(65_536), 65_536)).toThrow(tooLarge);
});

test("what cannot be encoded is refused", () => {
  for (const value of [undefined, new Date(), () => 1, "\ud800", { a: undefined }, 2n ** 64n]) {
    expect(() => measure("key", value as never, 65_536)).toThrow(expect.objectContaining({ code: "bad-value" }));
  }
});

test("a key is a text of 1 to 1,024 bytes in UTF-8", () => {
  for (const key of ["a", "é".repeat(512), "x".repeat(1_024), "\ud83d\ude00"]) checkKey(key, 1_024);
  for (const key of ["", "é".repeat(513), "x".repeat(1_025)]) expect(() => checkKey(key, 1_024)).toThrow(RangeError);
  expect(() => checkKey(1 as never, 1_024)).toThrow(TypeError);
  expect(() => checkKey("\udc00", 1_024)).toThrow(expect.objectContaining({ code: "bad-value" }));
});
