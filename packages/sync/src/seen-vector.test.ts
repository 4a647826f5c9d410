// The seen vector. [SYNC-060 to SYNC-064]
import type { NodeId } from "@p2p/wire";
import { nodeIdFromBytes } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entriesFor, summarize } from "./messages/seen-summary.js";
import { SeenVector } from "./seen-vector.js";
import { origins } from "./testing/arbitrary-records.js";

const [ada, bob] = origins as [NodeId, NodeId];

describe("updates", () => {
  test("[SYNC-060] the first, the next, an old one", () => {
    const seen = new SeenVector();
    expect([seen.note(ada, 0, 5), seen.note(ada, 5, 9), seen.note(ada, 0, 5), seen.note(ada, 5, 9)]).toEqual([
      "next",
      "next",
      "old",
      "old",
    ]);
    expect(seen.get(ada)).toBe(9);
    expect(seen.get(bob)).toBe(0);
  });

  test("[SYNC-061] after one that is missing, all are gaps until a comparison fills it", () => {
    const seen = new SeenVector();
    seen.note(ada, 0, 5);
    expect([seen.note(ada, 7, 9), seen.note(ada, 9, 12)]).toEqual(["gap", "gap"]);
    expect(seen.get(ada)).toBe(5);
    seen.merge([[ada, 7]]);
    expect(seen.get(ada)).toBe(12);
    expect(seen.note(ada, 12, 13)).toBe("next");
  });

  test("[SYNC-061] an origin that is heard of late is a gap", () => {
    const seen = new SeenVector();
    expect(seen.note(ada, 3, 5)).toBe("gap");
    expect(seen.entries()).toEqual([]);
    seen.merge([[ada, 3]]);
    expect(seen.entries()).toEqual([[ada, 5]]);
  });

  test("[SYNC-062] whatever comes in whatever order, no more is seen than came", () => {
    const arrivals = fc.array(fc.nat(9), { maxLength: 40 });
    fc.assert(
      fc.property(arrivals, fc.nat(9), fc.nat(40), (order, merged, when) => {
        const seen = new SeenVector();
        const came = new Set<number>();
        for (const [turn, index] of order.entries()) {
          if (turn === when) {
            seen.merge([[ada, merged]]);
            for (let before = 0; before <= merged; before++) came.add(before);
          }
          seen.note(ada, index, index + 1);
          came.add(index + 1);
          for (let before = 1; before <= seen.get(ada); before++) expect(came.has(before)).toBe(true);
        }
      }),
    );
  });

  test("[SYNC-064] origins are bounded", () => {
    const seen = new SeenVector(1);
    seen.note(ada, 0, 5);
    expect([seen.note(bob, 0, 5), seen.note(bob, 5, 6)]).toEqual(["full", "full"]);
    seen.merge([[bob, 9]]);
    expect(seen.size).toBe(1);
    seen.forget(ada);
    expect(seen.note(bob, 0, 5)).toBe("next");
  });
});

describe("[SYNC-086] summaries", () => {
  const many = Array.from(
    { length: 500 },
    (_, index) => [nodeIdFromBytes(new Uint8Array(48).fill(index % 251).fill(index >> 3, 1)), index + 1] as const,
  );

  test("of few origins all is told at once", () => {
    expect(summarize(many.slice(0, 64))).toHaveLength(64);
    expect(entriesFor(many.slice(0, 64), summarize(many.slice(0, 64)), summarize(many))).toEqual([]);
  });

  test("of many only what differs", () => {
    const own = summarize(many);
    expect(entriesFor(many, own, own)).toEqual([]);
    const others = many.map(([origin, time], index) => [origin, index === 77 ? time + 1 : time] as const);
    const told = entriesFor(many, own, summarize(others));
    expect(told).toContainEqual(many[77]);
    expect(told.length).toBeLessThan(5);
    expect(entriesFor(many, own, [])).toHaveLength(500);
  });
});
