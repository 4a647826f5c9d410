import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEntry, encodeEntry } from "./stored-entry.js";

const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 });

test("an entry is read again, and not under another key", () => {
  fc.assert(
    fc.property(bytes, bytes, fc.string(), (key, other, value) => {
      const entry = encodeEntry(key, ["value", value]);
      expect(decodeEntry(key, entry)).toEqual(["value", value]);
      if (Buffer.compare(key, other) !== 0) expect(() => decodeEntry(other, entry)).toThrow(RangeError);
    }),
  );
});

test("a changed byte is noticed", () => {
  const key = Uint8Array.of(1);
  const entry = encodeEntry(key, "some value");
  for (const at of entry.keys()) {
    const damaged = entry.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    expect(() => decodeEntry(key, damaged)).toThrow(RangeError);
  }
  expect(() => decodeEntry(key, entry.subarray(0, 3))).toThrow(RangeError);
});
