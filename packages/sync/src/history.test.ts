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
          for (const kept of ["kept/1", "kept/2"]) expect(table.get(kept)?.value).toBe(1);
        }
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});
