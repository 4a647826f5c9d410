import { sha256 } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashBytes, LeafTree, leafHash, maxPathHashes, rootOf } from "./leaf-tree.js";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const leavesOf = (count: number): Uint8Array[] => Array.from({ length: count }, (_, n) => leafHash(text(`leaf ${n}`)));
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const branch = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(joined(text("p2p/1 branch\0"), left, right));

/** As RFC 9162 tells it: the left half is the largest power of two below the size. */
function rootByHalves(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  const half = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return branch(rootByHalves(leaves.slice(0, half)), rootByHalves(leaves.slice(half)));
}

describe("the tree under a signature", () => {
  test("[SEC-084] a leaf is tagged, whatever its length", () => {
    for (const length of [0, 1, 100, 4_083, 4_084, 4_085, 100_000]) {
      const bytes = new Uint8Array(length).fill(length);
      expect(leafHash(bytes)).toEqual(sha256(joined(text("p2p/1 leaf\0"), bytes)));
    }
    expect(leafHash(text("a"))).toEqual(sha256(text("p2p/1 leaf\0a")));
  });

  test("[SEC-085] of every size it is that of RFC 9162, and every leaf leads to the root", () => {
    const sizes = [...Array.from({ length: 33 }, (_, index) => index + 1), 63, 64, 65, 127, 200, 255, 256];
    for (const count of sizes) {
      const leaves = leavesOf(count);
      const tree = new LeafTree(leaves);
      expect(tree.root).toEqual(rootByHalves(leaves));
      for (const [index, leaf] of leaves.entries()) {
        const path = tree.path(index);
        expect(path.hashes.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)));
        expect(path.sides >>> path.hashes.length).toBe(0);
        expect(Buffer.compare(rootOf(leaf, path), tree.root)).toBe(0);
      }
    }
    expect(() => new LeafTree([])).toThrow(RangeError);
    expect(() => new LeafTree(leavesOf(257))).toThrow(RangeError);
    expect(2 ** maxPathHashes).toBe(256);
  });

  test("[SEC-085] a leaf leads to the root by its own path alone, unaltered", () => {
    const sizes = fc.integer({ min: 2, max: 40 });
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), (count, one, other, bit) => {
        const leaves = leavesOf(count);
        const tree = new LeafTree(leaves);
        const [index, stranger] = [one % count, other % count];
        const leaf = leaves[index] as Uint8Array;
        const path = tree.path(index);
        if (stranger !== index) expect(rootOf(leaf, tree.path(stranger))).not.toEqual(tree.root);
        const hashes = path.hashes.map((hash) => hash.slice());
        const at = bit % (8 * hashBytes * hashes.length);
        const hash = hashes[Math.floor(at / (8 * hashBytes))] as Uint8Array;
        hash[(at >> 3) % hashBytes] = (hash[(at >> 3) % hashBytes] as number) ^ (1 << (at & 7));
        expect(rootOf(leaf, { ...path, hashes })).not.toEqual(tree.root);
        const sides = path.sides ^ (1 << (bit % path.hashes.length));
        expect(rootOf(leaf, { ...path, sides })).not.toEqual(tree.root);
        expect(rootOf(leaf, { sides: path.sides >>> 1, hashes: path.hashes.slice(1) })).not.toEqual(tree.root);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("[SEC-084] [SEC-085] a branch is no leaf: what both hash begins differently", () => {
    const [left, right] = leavesOf(2) as [Uint8Array, Uint8Array];
    const { root } = new LeafTree([left, right]);
    expect(leafHash(joined(left, right))).not.toEqual(root);
    expect(leafHash(joined(text("p2p/1 branch\0"), left, right))).not.toEqual(root);
  });
});
