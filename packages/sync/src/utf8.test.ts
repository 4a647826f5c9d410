import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as portable from "./utf8.js";
import * as native from "./utf8-node.js";

describe.each([
  ["portable", portable],
  ["of Node", native],
])("the length of a text, %s", (_name, { unitsOf }) => {
  test("is that of what was encoded", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const wellFormed = new TextDecoder().decode(new TextEncoder().encode(text));
        expect(unitsOf(new TextEncoder().encode(text))).toBe(wellFormed.length);
      }),
    );
  });

  test("counts a mark of byte order, and is none of what is no UTF-8", () => {
    expect(unitsOf(new Uint8Array([0xef, 0xbb, 0xbf, 97]))).toBe(2);
    expect(unitsOf(new Uint8Array(0))).toBe(0);
    for (const bytes of [[0xff], [0xc3], [97, 0xc3, 0x28], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      expect(unitsOf(new Uint8Array(bytes))).toBeUndefined();
    }
  });
});
