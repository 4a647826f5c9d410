// Rings that are two, or wind more than once, become one by looks through members that are known.
import { describe, expect, test } from "vitest";
import { brokenRing, ringsOf, unlikeIdeal } from "../testing/ring-invariants.js";
import { contactAt, RingSteps } from "../testing/ring-steps.js";

const listLength = 3;

describe("[CHORD-034] [CHORD-038] one ring again", () => {
  test("two rings of which one node of each meets the other", () => {
    const steps = new RingSteps(listLength);
    for (const [index, place] of [10, 50, 90, 130, 170].entries()) {
      steps.join(place, index === 0 ? undefined : 10);
      steps.settle(3);
    }
    for (const [index, place] of [20, 60, 70, 80, 200, 240].entries()) {
      steps.join(place, index === 0 ? undefined : 20);
      steps.settle(3);
    }
    steps.settle(5);
    expect(ringsOf(steps.members).length).toBe(2);
    steps.seekThrough(90, 200);
    // 2 log2 n rounds.
    steps.settle(7);
    expect(brokenRing(steps.members)).toEqual([]);
    steps.settle(10);
    expect(unlikeIdeal(steps.members, () => listLength)).toEqual([]);
  });

  test("a ring that winds twice", () => {
    const places = [10, 30, 50, 70, 20, 40, 60, 80];
    const steps = new RingSteps(listLength);
    for (const place of places) steps.join(place);
    for (const [index, place] of places.entries()) {
      const ring = steps.live.get(contactAt(place).id);
      if (ring === undefined) throw new Error("no such node");
      const at = (step: number) => contactAt(places[(index + step + places.length) % places.length] ?? 0);
      ring.neighbours.successors = [at(1)];
      ring.neighbours.isWhole = false;
      ring.neighbours.predecessor = at(-1);
    }
    expect(brokenRing(steps.members)).toContain("the ring of n010 winds more than once");
    for (let round = 0; round < 6; round += 1) {
      for (const place of places) steps.seekThrough(place, places[(places.indexOf(place) + 3 + round) % 8] ?? 0);
      steps.settle(1);
    }
    expect(brokenRing(steps.members)).toEqual([]);
    steps.settle(10);
    expect(unlikeIdeal(steps.members, () => listLength)).toEqual([]);
  });
});
