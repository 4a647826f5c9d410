// Fingerprints depend on the content alone, and are computed when they are asked for. [SYNC-070] [SYNC-071]
import type { NodeId } from "@p2p/wire";
import { sha256 } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalRecord } from "../record/canonical.js";
import { wholeRecord } from "../record/write.js";
import { origins } from "../testing/arbitrary-records.js";
import { testReplica } from "../testing/comparing.js";
import { tableDigest } from "./digest.js";
import { positionOf } from "./fingerprints.js";
import { isPath, rangeOf } from "./range-path.js";
import type { TrieNode } from "./trie-parts.js";

const [ada] = origins as [NodeId];

function record(version: number): ReturnType<typeof wholeRecord> {
  return wholeRecord({ timeUs: version, origin: ada }, version, undefined);
}

/** Checks counts, parents and fingerprints from below; returns the number of entries. */
function checkNode(node: TrieNode, depth: number): number {
  if (node.kind === "leaf") {
    for (const entry of node.entries) expect(entry.leaf).toBe(node);
    expect(node.entries.length).toBeLessThanOrEqual(32);
    return node.entries.length;
  }
  let count = 0;
  for (const child of node.children) {
    if (child === undefined) continue;
    expect(child.parent).toBe(node);
    if (child.print === undefined) expect(node.print).toBeUndefined();
    count += checkNode(child, depth + 1);
  }
  expect(node.count).toBe(count);
  expect(count).toBeGreaterThan(32);
  return count;
}

describe("fingerprints", () => {
  type Change = readonly [key: number, kind: "put" | "drop" | "root"];
  const change: fc.Arbitrary<Change> = fc.tuple(fc.nat(150), fc.constantFrom("put", "put", "drop", "root"));

  test("[SYNC-071] are those of a table that was filled at once, whatever came before", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
        const { table } = testReplica(ada);
        let version = 0;
        for (const [key, kind] of changes) {
          if (kind === "put") table.merge(`k${key}`, record(++version), 0);
          else if (kind === "drop") table.drop(`k${key}`);
          else table.fingerprints.advance(key);
          checkNode(table.fingerprints.trie.root, 0);
        }
        const { table: other } = testReplica(ada);
        for (const { key, record: own } of [...table.entries()].reverse()) if (own) other.merge(key, own, 0);
        expect(table.fingerprints.root()).toEqual(other.fingerprints.root());
        expect(tableDigest(table)).toEqual(tableDigest(other));
        expect(checkNode(table.fingerprints.trie.root, 0)).toBe(table.recordCount);
      }),
      { numRuns: 60 },
    );
  });

  test("are computed bit by bit", () => {
    const { table } = testReplica(ada);
    for (let index = 0; index < 1_000; index++) table.merge(`k${index}`, record(1), 0);
    let calls = 0;
    while (!table.fingerprints.advance(100)) calls++;
    expect(calls).toBeGreaterThan(10);
    expect(table.fingerprints.isReady).toBe(true);
    table.merge("k1", record(2), 0);
    expect(table.fingerprints.isReady).toBe(false);
  });

  test("[SYNC-071] of nothing, and of one record, are as written", () => {
    const { table } = testReplica(ada);
    expect(table.fingerprints.root()).toEqual(new Uint8Array(16));
    table.merge("k", record(5), 0);
    const digest = sha256(canonicalRecord("k", record(5))).slice(0, 16);
    expect(table.fingerprints.root()).toEqual(sha256(Uint8Array.of(0, ...digest)).slice(0, 16));
    expect(tableDigest(table)).toEqual(sha256(digest));
  });

  test("[SYNC-070] tombstones are in the fingerprint, and not in the digest", () => {
    const [{ table }, { table: empty }] = [testReplica(ada), testReplica(ada)];
    table.merge("k", wholeRecord({ timeUs: 1, origin: ada }, undefined, undefined), 0);
    expect(tableDigest(table)).toEqual(tableDigest(empty));
    expect(table.fingerprints.root()).not.toEqual(empty.fingerprints.root());
  });
});

describe("ranges", () => {
  test("[SYNC-071] paths are prefixes of positions", () => {
    expect(positionOf("k") >>> 0).toBe(new DataView(sha256(new TextEncoder().encode("k")).buffer).getUint32(0));
    expect(rangeOf(1)).toEqual({ depth: 0, from: 0, to: 0x1_0000_0000 });
    expect(rangeOf(0x1f)).toEqual({ depth: 1, from: 0xf000_0000, to: 0x1_0000_0000 });
    expect(rangeOf(0x1_2345_6789)).toEqual({ depth: 8, from: 0x2345_6789, to: 0x2345_678a });
    const paths = [0, 1, 2, 15, 16, 31, 32, 0x1ff, 0x200, 0x1_ffff_ffff, 0x2_0000_0000];
    expect(paths.filter(isPath)).toEqual([1, 16, 31, 0x1ff, 0x1_ffff_ffff]);
  });
});
