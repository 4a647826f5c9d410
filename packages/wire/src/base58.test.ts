import fc from "fast-check";
import { expect, test } from "vitest";
import { base58 } from "./base58.js";
import { WireError } from "./errors.js";

test("[WIRE-051] integers round-trip, and leading zeros leave no trace", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 64 }), (bytes) => {
      const text = base58.encode(bytes);
      expect(base58.decode(text, bytes.length || 1)).toEqual(bytes.length ? bytes : new Uint8Array(1));
      expect(base58.encode(new Uint8Array([0, ...bytes]))).toBe(text);
    }),
  );
});

test("[WIRE-053] what is not the one text of an integer that fits is refused", () => {
  for (const text of ["", "11", "12", "0", "O", "I", "l", " 2", "2é", "zzzz", "2".repeat(1_000_000)]) {
    expect(() => base58.decode(text, 2), text.slice(0, 8)).toThrow(WireError);
  }
  expect(base58.decode("1", 2)).toEqual(new Uint8Array(2));
});
