import fc from "fast-check";
import { expect, test } from "vitest";
import { compareBytes } from "../record/canonical.js";
import { sortDigests } from "./sort-digests.js";

function check(digests: readonly Uint8Array[]): void {
  const bytes = new Uint8Array(digests.length * 16);
  digests.forEach((digest, index) => {
    bytes.set(digest, index * 16);
  });
  const sorted = sortDigests(bytes);
  const expected = [...digests].sort(compareBytes).flatMap((digest) => [...digest]);
  expect(Buffer.compare(sorted, Uint8Array.from(expected))).toBe(0);
}

test("[SYNC-070] digests are sorted by their bytes, also when many begin alike or are equal", () => {
  const digest = fc.oneof(
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.array(fc.nat(1), { minLength: 16, maxLength: 16 }).map((bytes) => Uint8Array.from(bytes)),
  );
  fc.assert(
    fc.property(fc.array(digest, { maxLength: 300 }), (digests) => {
      check(digests);
    }),
  );
});

test("[SYNC-070] more digests than are sorted in place may share their first bytes", () => {
  check(
    Array.from({ length: 1_000 }, (_, index) =>
      Uint8Array.from({ length: 16 }, (_, at) => (index * (at + 7) * 2_654_435_761) >>> 24).fill(9, 0, 2),
    ),
  );
});
