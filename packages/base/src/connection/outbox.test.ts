// The queue of bytes of one connection.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Outbox } from "./outbox.js";

test("[BASE-070] adjacent frames of one buffer leave as one chunk", () => {
  const slab = Uint8Array.from({ length: 100 }, (_, n) => n);
  const outbox = new Outbox();
  outbox.push(slab.subarray(0, 10));
  outbox.push(slab.subarray(10, 30));
  outbox.push(slab.subarray(40, 50));
  expect(outbox.queuedBytes).toBe(40);
  const chunks = outbox.take(1_000);
  expect(chunks.map((chunk) => chunk.length)).toEqual([30, 10]);
  expect(outbox.queuedBytes).toBe(0);
});

test("[BASE-070] whatever is pushed and taken, the bytes leave in their order", () => {
  const step = fc.oneof(
    fc.record({ at: fc.nat(900), length: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 200 }) }),
  );
  const slab = Uint8Array.from({ length: 1_000 }, (_, n) => n % 251);
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const outbox = new Outbox();
      const pushed: number[] = [];
      const taken: number[] = [];
      for (const one of steps) {
        if ("take" in one) for (const chunk of outbox.take(one.take)) taken.push(...chunk);
        else {
          const frame = slab.subarray(one.at, one.at + one.length);
          outbox.push(frame);
          pushed.push(...frame);
        }
        expect(outbox.queuedBytes).toBe(pushed.length - taken.length);
      }
      for (const chunk of outbox.take(Number.POSITIVE_INFINITY)) taken.push(...chunk);
      expect(taken).toEqual(pushed);
    }),
  );
});
