// Both implementations of #hash against the vectors of FIPS 180-4 and against each other.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as portable from "./hash.js";
import * as native from "./hash-node.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe.each([
  ["node:crypto", native],
  ["noble", portable],
])("%s", (_, implementation) => {
  test("[WIRE-050] the examples of FIPS 180-4", () => {
    const abc = new TextEncoder().encode("abc");
    expect(hex(implementation.sha256(abc))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(hex(implementation.sha384(abc))).toBe(
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    );
    expect(hex(implementation.sha1(abc))).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
    expect(hex(implementation.sha224(abc))).toBe("23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
    expect(hex(implementation.sha512(abc))).toBe(
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    );
    expect(hex(implementation.sha256(new Uint8Array(0)))).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    expect(Object.getPrototypeOf(implementation.sha256(abc))).toBe(Uint8Array.prototype);
  });
});

test("[WIRE-050] both implementations agree at every length", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(native.sha256(bytes)).toEqual(portable.sha256(bytes));
      expect(native.sha384(bytes)).toEqual(portable.sha384(bytes));
      expect(native.sha1(bytes)).toEqual(portable.sha1(bytes));
      expect(native.sha224(bytes)).toEqual(portable.sha224(bytes));
      expect(native.sha512(bytes)).toEqual(portable.sha512(bytes));
      expect(native.sha256Text(bytes)).toBe(portable.sha256Text(bytes));
      expect(Buffer.from(native.sha256Text(bytes), "latin1")).toEqual(Buffer.from(native.sha256(bytes)));
    }),
  );
});
