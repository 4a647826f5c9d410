// Random values for property tests.
import fc from "fast-check";
import type { WireValue } from "../value.js";

/** Text without lone surrogates, of lengths that reach all header forms. */
export const wireText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "x".repeat(31),
    "é".repeat(16),
    "x".repeat(255),
    "x".repeat(256),
    "€".repeat(22_000),
    "__proto__",
    "constructor",
  ),
);

export const wireInteger: fc.Arbitrary<number> = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(
    0,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    2 ** 32 - 1,
    2 ** 32,
    -32,
    -33,
    -128,
    -129,
    -32_768,
    -32_769,
    -(2 ** 31),
    -(2 ** 31) - 1,
  ),
);

/** 64-bit integers outside the safe range of numbers. */
export const wireBigint: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
);

export const wireBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(new Uint8Array(255), new Uint8Array(256), new Uint8Array(65_536)),
);

/** Any value that is the same after encoding and decoding. */
export const wireValue: fc.Arbitrary<WireValue> = fc.letrec<{ value: WireValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    wireInteger,
    fc.double(),
    wireBigint,
    wireText,
    wireBytes,
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(wireText, tie("value"), { maxKeys: 20, noNullPrototype: true }),
  ),
})).value;

/** Bytes that often begin like values, so that random inputs get past the first byte. */
export const valueLikeBytes: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      fc
        .constantFrom(0x90, 0x91, 0x92, 0x93, 0x80, 0x81, 0xa0, 0xa1, 0xc0, 0xc4, 0xd9, 0xdc, 0xdd, 0xde, 0xdf)
        .map((byte) => Uint8Array.of(byte)),
      fc
        .constantFrom([0xdc, 0, 2], [0xdd, 0, 0, 0, 1], [0xde, 0, 1], [0xc4, 1], [0xd9, 1], [0xcf, 0, 0])
        .map((bytes) => Uint8Array.from(bytes)),
    ),
    { maxLength: 40 },
  )
  .map((parts) => new Uint8Array(parts.flatMap((part) => [...part])));
