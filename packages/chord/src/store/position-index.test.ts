import fc from "fast-check";
import { expect, test } from "vitest";
import { comparePositions, isOnArc } from "../ring/arc.js";
import { PositionIndex } from "./position-index.js";

/** Positions that fall into few buckets, so that ends of ranges meet them. */
const position = fc
  .tuple(fc.constantFrom(0, 1, 128, 255), fc.constantFrom(0, 15, 16, 255), fc.integer({ min: 0, max: 3 }))
  .map((bytes) => {
    const whole = new Uint8Array(48);
    whole.set(bytes);
    return whole;
  });

test("[CHORD-230] a range gives what stands in it, once, clockwise from its beginning", () => {
  const choice = fc.record({ positions: fc.array(position, { maxLength: 30 }), after: position, upTo: position });
  fc.assert(
    fc.property(choice, fc.infiniteStream(fc.boolean()), ({ positions, after, upTo }, keep) => {
      const index = new PositionIndex<number>();
      for (const [item, each] of positions.entries()) index.add({ position: each, table: 0, item });
      const left = positions.map((each, item) => ({ each, item })).filter(() => keep.next().value);
      const kept = new Set(left.map(({ item }) => item));
      for (const [item, each] of positions.entries()) if (!kept.has(item)) index.delete(each, item);
      const found = [...index.inRange({ after, upTo })];
      const wanted = left.filter(({ each }) => isOnArc(after, each, upTo)).map(({ item }) => item);
      expect(found.map(({ item }) => item).sort()).toEqual(wanted.sort());
      const turns = found.map((each) => ({ isLater: comparePositions(each.position, after) <= 0, each }));
      for (const [at, { isLater, each }] of turns.entries()) {
        const before = turns[at - 1];
        if (before === undefined) continue;
        const isInOrder =
          before.isLater === isLater ? comparePositions(before.each.position, each.position) <= 0 : isLater;
        expect(isInOrder).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
