import { decodeValue, encodeValue } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { decodeProof, encodeProof, headerBytesOf, proofBytes } from "./proof.js";

const signature = new Uint8Array(64).map((_, at) => at);
const hashesOf = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, n) => new Uint8Array(32).fill(n + 1));

describe("the proof of a message", () => {
  test("[SEC-070] [SEC-086] what is encoded is a byte string of the shortest form, and is decoded", () => {
    for (let count = 0; count <= 8; count++) {
      const proof = { sides: 2 ** count - 1, hashes: hashesOf(count), signature };
      const length = proofBytes(count);
      const bytes = new Uint8Array(headerBytesOf(length) + length);
      encodeProof(proof, bytes);
      const value = decodeValue(bytes) as Uint8Array;
      expect(value.length).toBe(length);
      expect(encodeValue(value)).toEqual(bytes);
      expect(decodeProof(value)).toEqual(proof);
      expect(value.subarray(-64)).toEqual(signature);
    }
  });

  test("[SEC-086] other lengths, and sides without hashes, are none", () => {
    const lengths = Array.from({ length: 9 }, (_, count) => proofBytes(count));
    for (let length = 0; length <= 400; length++) {
      expect(decodeProof(new Uint8Array(length)) !== undefined).toBe(lengths.includes(length));
    }
    for (let count = 1; count <= 7; count++) {
      const bytes = new Uint8Array(proofBytes(count));
      for (let bit = 0; bit < 8; bit++) {
        bytes[0] = 1 << bit;
        expect(decodeProof(bytes) !== undefined).toBe(bit < count);
      }
    }
  });
});
