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
  expect(Buffer.compare(sorted, Buffer.concat([...digests].sort(compareBytes)))).toBe(0);
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

test.each([0, 1, 2, 3, 40_000])("[SYNC-070] %i digests of all kinds are sorted", (count) => {
  const bytesAt = (index: number): number => Math.imul(index + 1, 0x9e37_79b1) >>> 0;
  check(
    Array.from({ length: count }, (_, index) =>
      Uint8Array.from({ length: 16 }, (_, at) => bytesAt(index) >>> (8 * (at % 4))),
    ),
  );
});
