// The rule for two connections between the same nodes: both sides come to the same answer.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Contender, isReplacedBy } from "./duplicates.js";

const small = new Uint8Array(48).fill(1);
const large = new Uint8Array(48).fill(2);
const boot = "boot 1";

const contender = (isDialledByUs: boolean, diallerTime: number, bytes = boot): Contender => ({
  isDialledByUs,
  boot: bytes,
  diallerTime,
});

test("[BASE-061] a peer that has started anew replaces its old connection", () => {
  const old = contender(true, 9);
  const fresh = contender(false, 1, "boot 2");
  expect(isReplacedBy(old, fresh, large, small)).toBe(true);
});

test("[BASE-062] of dials from both sides that of the larger id stays, in both orders", () => {
  const ours = contender(true, 1);
  const theirs = contender(false, 2);
  expect(isReplacedBy(ours, theirs, large, small)).toBe(false);
  expect(isReplacedBy(theirs, ours, large, small)).toBe(true);
  expect(isReplacedBy(ours, theirs, small, large)).toBe(true);
  expect(isReplacedBy(theirs, ours, small, large)).toBe(false);
});

test("[BASE-063] of two dials from one side the later stays, in both orders", () => {
  expect(isReplacedBy(contender(true, 1), contender(true, 2), small, large)).toBe(true);
  expect(isReplacedBy(contender(true, 2), contender(true, 1), small, large)).toBe(false);
});

test("[BASE-060] both sides keep the same one of any number of connections, in whatever order each sees them", () => {
  interface Dial {
    readonly byA: boolean;
    readonly time: number;
  }
  const dials = fc.uniqueArray(fc.record({ byA: fc.boolean(), time: fc.nat() }), {
    minLength: 2,
    maxLength: 6,
    selector: (dial) => dial.time,
  });
  const id = fc.uint8Array({ minLength: 48, maxLength: 48 });
  fc.assert(
    fc.property(dials, id, id, fc.infiniteStream(fc.nat()), (all, a, b, choices) => {
      fc.pre(a.some((byte, index) => byte !== b[index]));
      const survivor = (isA: boolean): Dial | undefined => {
        const left = [...all];
        let kept: Dial | undefined;
        while (left.length > 0) {
          const [next] = left.splice(choices.next().value % left.length, 1);
          if (next === undefined) break;
          const view = (dial: Dial): Contender => contender(dial.byA === isA, dial.time);
          if (kept === undefined || isReplacedBy(view(kept), view(next), isA ? a : b, isA ? b : a)) kept = next;
        }
        return kept;
      };
      expect(survivor(true)).toBe(survivor(false));
    }),
  );
});
