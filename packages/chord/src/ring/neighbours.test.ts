import { expect, test } from "vitest";
import { contactAt } from "../testing/ring-steps.js";
import { Neighbours } from "./neighbours.js";

/** A list of successors at places, as a head and what it tells. */
function adopt(neighbours: Neighbours, places: readonly number[]): void {
  const [head, ...successors] = places.map(contactAt);
  if (head === undefined) throw new Error("no head");
  neighbours.adopt(head, { isMember: true, isWhole: false, predecessor: undefined, successors }, 0);
}

const places = (count: number): number[] => Array.from({ length: count }, (_, index) => 10 + 5 * index);

test("[CHORD-039] the first 12 of a longer list are linked; deaths take links from others only when 8 are left", () => {
  const neighbours = new Neighbours(contactAt(0), 20);
  const linked = (): number => neighbours.linked.length;
  adopt(neighbours, places(20));
  expect(linked()).toBe(12);
  const counts = places(7).map((place) => {
    neighbours.drop(contactAt(place).id, 0);
    return linked();
  });
  expect(counts).toEqual([11, 10, 9, 8, 8, 8, 8]);
  expect(neighbours.linked).toEqual(neighbours.successors.slice(0, 8));
});

test("[CHORD-039] who joins among the linked ones is linked, and what is beyond 12 no more", () => {
  const neighbours = new Neighbours(contactAt(0), 20);
  adopt(neighbours, places(20));
  for (const place of [10, 15]) neighbours.drop(contactAt(place).id, 0);
  const [, , ...rest] = places(20);
  const last = neighbours.linked.at(-1);
  adopt(neighbours, [12, ...rest]);
  expect([neighbours.linked.length, neighbours.linked.at(-1)]).toEqual([11, last]);
  adopt(neighbours, [11, 12, 13, 14, ...rest]);
  expect(neighbours.linked).toEqual(neighbours.successors.slice(0, 12));
});
