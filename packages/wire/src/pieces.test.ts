import fc from "fast-check";
import { expect, test } from "vitest";
import { Pieces } from "./pieces.js";

const piece = fc.record({
  /** Around the limit from which pieces are kept as they are, too. */
  size: fc.oneof(fc.nat(100), fc.integer({ min: 4_000, max: 4_200 }), fc.nat(20_000)),
  before: fc.oneof(fc.constant(0), fc.nat(10_000)),
  after: fc.oneof(fc.constant(0), fc.nat(10_000)),
});

test("[WIRE-005] [WIRE-006] pieces of any size are the bytes that were added, and hold little more memory", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.boolean(), (parts, isTold) => {
      const total = parts.reduce((sum, { size }) => sum + size, 0);
      const pieces = new Pieces();
      const expected = new Uint8Array(total);
      for (const { size, before, after } of parts) {
        const chunk = new Uint8Array(before + size + after).fill(0xff);
        for (let at = 0; at < size; at++) chunk[before + at] = (pieces.length + at) * 7;
        expected.set(chunk.subarray(before, before + size), pieces.length);
        pieces.add(chunk, before, before + size, isTold ? total : undefined);
        if (pieces.length > 0) expect(pieces.head[0]).toBe(expected[0]);
      }
      expect(pieces.length).toBe(total);
      const all = pieces.whole();
      expect(Buffer.compare(all, expected)).toBe(0);
      expect(all.buffer.byteLength).toBeLessThanOrEqual(2 * total + 64);
    }),
  );
});

/** Bytes that are copied meanwhile. */
function copiedBy(run: () => void): number {
  const set = Uint8Array.prototype.set;
  let copied = 0;
  Uint8Array.prototype.set = function (source: ArrayLike<number>, offset?: number): void {
    copied += source.length;
    set.call(this, source, offset);
  };
  try {
    run();
  } finally {
    Uint8Array.prototype.set = set;
  }
  return copied;
}

test("[WIRE-007] large pieces are copied once, and one alone not at all", () => {
  const chunks = Array.from({ length: 4 }, (_, index) => new Uint8Array(65_536).fill(index));
  const pieces = new Pieces();
  const adding = copiedBy(() => {
    for (const chunk of chunks) {
      pieces.add(chunk, 0, chunk.length);
      if (chunk === chunks[0]) expect(pieces.whole().buffer).toBe(chunk.buffer);
    }
  });
  expect(adding).toBe(0);
  expect(copiedBy(() => expect(pieces.whole().length).toBe(4 * 65_536))).toBe(4 * 65_536);
});

test("[WIRE-007] what is cut once is copied once, however short its end is", () => {
  const pieces = new Pieces();
  const total = 65_536;
  const copied = copiedBy(() => {
    pieces.add(new Uint8Array(65_536), 20_000, 65_536);
    pieces.add(new Uint8Array(65_536), 0, 20_000, total);
    expect(pieces.whole().length).toBe(total);
  });
  expect(copied).toBe(total);
});
