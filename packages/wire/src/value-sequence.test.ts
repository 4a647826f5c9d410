import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeValue, encodeValue } from "./encoding.js";
import { WireError } from "./errors.js";
import { defaultLimits } from "./limits.js";
import { valueLikeBytes, wireValue } from "./testing/arbitraries.js";
import type { WireValue } from "./value.js";
import { checkValues, encodeValues } from "./value-sequence.js";

function check(bytes: Uint8Array, count: number): { ends: Int32Array; others: WireValue[] } {
  const ends = new Int32Array(count);
  const others: WireValue[] = [];
  checkValues(bytes, ends, (value, length) => {
    expect(length).toBeGreaterThan(0);
    others.push(value);
  });
  return { ends, others };
}

function codeOf(run: () => unknown): string {
  try {
    run();
    return "none";
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return error.code;
  }
}

describe("a sequence of values", () => {
  test("[WIRE-020] is the encodings of its values, and each is found by where it ends", () => {
    fc.assert(
      fc.property(fc.array(wireValue), (values) => {
        const bytes = encodeValues(values);
        expect(bytes).toEqual(Uint8Array.from(values.flatMap((value) => [...encodeValue(value)])));
        const { ends, others } = check(bytes, values.length);
        const read = values.map((_, index) => decodeValue(bytes.subarray(ends[index - 1] ?? 0, ends[index])));
        expect(read).toEqual(values);
        const isScalar = (value: WireValue): boolean =>
          value === null || ["number", "bigint", "boolean"].includes(typeof value);
        expect(others).toEqual(values.filter((value) => !isScalar(value)));
      }),
    );
  });

  test("[WIRE-030] of any bytes is refused just where a value of it would be, and never later", () => {
    fc.assert(
      fc.property(fc.array(valueLikeBytes, { minLength: 1, maxLength: 4 }), (parts) => {
        const codes = parts.map((part) => codeOf(() => decodeValue(part)));
        const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
        const code = codeOf(() => check(bytes, parts.length));
        if (codes.every((each) => each === "none")) expect(code).toBe("none");
        else if (code === "none") {
          // The parts were cut elsewhere; what was found can be read all the same.
          const { ends } = check(bytes, parts.length);
          for (let index = 0; index < parts.length; index++) {
            expect(codeOf(() => decodeValue(bytes.subarray(ends[index - 1] ?? 0, ends[index])))).toBe("none");
          }
        }
      }),
    );
  });

  test("[WIRE-038] [WIRE-039] is refused when it is longer or shorter than told, and cut inside a number", () => {
    const bytes = encodeValues([1, 70_000, "two"]);
    expect(codeOf(() => check(bytes, 3))).toBe("none");
    expect(codeOf(() => check(bytes, 2))).toBe("trailing-bytes");
    expect(codeOf(() => check(bytes, 4))).toBe("truncated");
    for (let end = 0; end < bytes.length; end++)
      expect(codeOf(() => check(bytes.subarray(0, end), 3))).toBe("truncated");
  });

  test("[WIRE-036] is held to the limits, value by value", () => {
    const deep = encodeValues([[[1]], 2]);
    const limits = { ...defaultLimits, maxDepth: 1 };
    expect(codeOf(() => checkValues(deep, new Int32Array(2), () => {}, limits))).toBe("too-deep");
    expect(codeOf(() => encodeValues([[[1]]], limits))).toBe("too-deep");
    expect(codeOf(() => encodeValues(["x".repeat(100)], { ...defaultLimits, maxFrameBytes: 50 }))).toBe(
      "frame-too-large",
    );
  });
});

test("[WIRE-021] integers around each length, and around the end of what memory there is, are in their shortest form", () => {
  const edges = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0xffff_ffff, 0x1_0000_0000, -1, -0, 0.5];
  for (let count = 1; count < 400; count++) {
    const values = Array.from({ length: count }, (_, index) => edges[index % edges.length] as number);
    expect(encodeValues(values)).toEqual(Uint8Array.from(values.flatMap((value) => [...encodeValue(value)])));
  }
});
