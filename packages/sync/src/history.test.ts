// Replicas after random histories: equal in the end, and nothing comes back or is lost. [SYNC-020] [SYNC-060 to SYNC-068]
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tableDigest } from "./reconcile/digest.js";
import { origins } from "./testing/arbitrary-records.js";
import { hourMs } from "./testing/comparing.js";
import { History, steps, type Writer } from "./testing/history.js";

const ids = origins;
const skews = fc.array(fc.constantFrom(0, 0, 3, -400, 2_000, -600_000, 600_000), {
  minLength: ids.length,
  maxLength: ids.length,
});

function expectEqual(history: History): void {
  const up = history.writers.filter(({ isDown }) => !isDown);
  const digests = new Set(up.map(({ table }) => Buffer.from(tableDigest(table)).toString("hex")));
  expect(digests.size).toBe(1);
}

describe.each([
  // Nothing has to be waited for.
  ["without leases", false, 1],
  // The longest lease of a history: who missed its release, and hears of a claim by one who knew nothing, waits for its end.
  ["with leases", true, 5_001],
] as const)("%s", (_name, hasLeases, roundMs) => {
  test("[SYNC-020] whatever is lost, doubled or overtaken, all replicas are equal after they were compared", () => {
    fc.assert(
      fc.property(steps(ids.length), (list) => {
        const history = new History(ids, hasLeases, []);
        history.play(list);
        expect(history.heal(roundMs, 3)).toBeDefined();
        expectEqual(history);
      }),
      { numRuns: 400 },
    );
  }, 120_000);

  test("[SYNC-048] with wrong clocks and a replica that is gone for good, the others are equal when its leases have lapsed", () => {
    fc.assert(
      fc.property(steps(ids.length), skews, fc.nat(ids.length - 1), steps(ids.length), (list, skewsMs, dead, more) => {
        const history = new History(ids, hasLeases, skewsMs);
        history.play(list);
        (history.writers[dead] as Writer).isDown = true;
        history.play(more);
        // The longest lease, and the clock that is ahead most against the one that is behind most.
        expect(history.heal(1_300_000, 4)).toBeDefined();
        expectEqual(history);
      }),
      { numRuns: 400 },
    );
  }, 120_000);
});

describe("claims in a partition", () => {
  const secondMs = 1_000;

  /** Ada, and later Bob, claim a key that neither heard of. */
  function claimed(betweenMs: number): { history: History; ada: Writer; bob: Writer; all: readonly Writer[] } {
    const history = new History(ids, true, []);
    const [ada, bob] = history.writers as [Writer, Writer];
    expect(history.set(ada, "k", "ada")).toBe(true);
    history.nowMs += betweenMs;
    expect(history.set(bob, "k", "bob")).toBe(true);
    return { history, ada, bob, all: history.writers };
  }

  test.each([
    ["[SYNC-023] of the same second", 10],
    ["[SYNC-048] of different seconds", 3 * secondMs],
  ])("the first owner keeps a key, everywhere and at once: %s", (_name, betweenMs) => {
    const { history, all } = claimed(betweenMs);
    expect(history.heal(1, 2)).toBeDefined();
    for (const { table } of all) expect(table.get("k")).toMatchObject({ value: "ada", origin: ids[0] });
  });

  test("[SYNC-047] a claim after the lapse wins, though nobody there knew of the one before", () => {
    const { history, all } = claimed(6 * secondMs);
    expect(history.heal(1, 2)).toBeDefined();
    for (const { table } of all) expect(table.get("k")).toMatchObject({ value: "bob", origin: ids[1] });
  });

  test("[SYNC-052] when the first owner is gone, its lease holds where it was known, and then the second one has the key", () => {
    const { history, ada, bob, all } = claimed(3 * secondMs);
    const [, , cleo, dave] = all as [Writer, Writer, Writer, Writer];
    history.compare(ada, cleo);
    ada.isDown = true;
    history.compare(bob, dave);
    history.compare(cleo, dave);
    expect(cleo.table.get("k")?.value).toBe("ada");
    expect(dave.table.get("k")?.value).toBe("bob");
    expect(history.heal(2 * secondMs, 2)).toBeDefined();
    for (const { table } of [bob, cleo, dave]) expect(table.get("k")?.value).toBe("bob");
  });

  test("[SYNC-055] who missed a release takes the claim after it at once", () => {
    const { history, ada, bob, all } = claimed(0);
    const [, , cleo] = all as [Writer, Writer, Writer];
    history.compare(ada, cleo);
    history.compare(ada, bob);
    expect(history.set(ada, "k", undefined)).toBe(true);
    history.compare(ada, bob);
    expect(history.set(bob, "k", "next")).toBe(true);
    ada.isDown = true;
    expect(cleo.table.get("k")?.value).toBe("ada");
    history.compare(bob, cleo);
    expect(cleo.table.get("k")?.value).toBe("next");
  });
});

describe("deleted keys", () => {
  const dayMs = 24 * hourMs;

  /** All but one write and delete keys for days; then the one that was away is back. */
  const away = fc.record({
    before: steps(ids.length),
    during: steps(ids.length - 1),
    days: fc.integer({ min: 2, max: 40 }),
    skewsMs: skews,
  });

  test("[SYNC-066] a replica that was away longer than tombstones last brings no deleted key back, and loses no other", () => {
    fc.assert(
      fc.property(away, fc.boolean(), ({ before, during, days, skewsMs }, hasLeases) => {
        const history = new History(ids, hasLeases, skewsMs);
        const [first, , , absent] = history.writers as [Writer, Writer, Writer, Writer];
        history.play(before);
        for (const kept of ["kept/1", "kept/2"]) history.set(absent, kept, 1);
        for (const gone of ["gone/1", "gone/2"]) history.set(first, gone, 1);
        expect(history.heal(1_300_000, 4)).toBeDefined();
        absent.isDown = true;
        history.nowMs += hourMs;
        for (const gone of ["gone/1", "gone/2"]) expect(history.set(first, gone, undefined)).toBe(true);
        history.play(during);
        // Nobody hears of this before it is old.
        history.set(absent, "unheard", 1);
        for (let day = 0; day < days; day++) {
          history.nowMs += dayMs;
          expect(history.heal(1_300_000, 4)).toBeDefined();
          for (const writer of history.writers) if (!writer.isDown) writer.table.sweep(writer.nowUs);
        }
        expect(first.table.get("gone/1")).toBeUndefined();
        absent.isDown = false;
        expect(history.heal(1_300_000, 4)).toBeDefined();
        expectEqual(history);
        for (const { table } of history.writers) {
          for (const gone of ["gone/1", "gone/2"]) expect(table.get(gone)).toBeUndefined();
          for (const kept of ["kept/1", "kept/2", "unheard"]) expect(table.get(kept)?.value).toBe(1);
        }
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});
