import { type NodeId, nodeIdFromBytes } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  firstGroup,
  type Holders,
  isQuorum,
  isQuorumPossible,
  isSettled,
  settledGroup,
  stepTowards,
} from "./holders.js";

const ids: readonly NodeId[] = Array.from({ length: 9 }, (_, n) => nodeIdFromBytes(new Uint8Array(48).fill(n)));
const members = fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1, maxLength: 5 });
const subset = (of: readonly NodeId[]) => fc.subarray([...of]);

/** Two sets of nodes, each a quorum of what it is given. */
function quorums(a: Holders, b: Holders): fc.Arbitrary<readonly [readonly NodeId[], readonly NodeId[]]> {
  const quorum = (holders: Holders) => subset(ids).filter((nodes) => isQuorum(holders, (node) => nodes.includes(node)));
  return fc.tuple(quorum(a), quorum(b));
}

const isMeeting = ([a, b]: readonly [readonly NodeId[], readonly NodeId[]]) => a.some((node) => b.includes(node));

test("[CHORD-220] two quorums of the same holders always meet", () => {
  const holders = members.chain((nodes) => fc.constantFrom<Holders>([settledGroup(nodes)], [firstGroup(nodes)]));
  fc.assert(
    fc.property(
      holders.chain((each) => quorums(each, each)),
      (pair) => isMeeting(pair),
    ),
  );
});

test("[CHORD-225] on the way from some holders to others, quorums of each step meet those of the step before", () => {
  const way = fc.tuple(members, members, fc.boolean()).map(([from, to, isFirst]) => {
    const steps: Holders[] = [[isFirst ? firstGroup(from) : settledGroup(from)]];
    while (steps.length < 5 && !isSettled(steps.at(-1) as Holders, to))
      steps.push(stepTowards(steps.at(-1) as Holders, to));
    return { steps, to };
  });
  const pair = way.chain(({ steps, to }) => {
    const at = steps.length > 1 ? fc.integer({ min: 0, max: steps.length - 2 }) : fc.constant(0);
    const both = at.chain((n) => quorums(steps[n] as Holders, (steps[n + 1] ?? steps[n]) as Holders));
    return fc.record({ steps: fc.constant(steps), to: fc.constant(to), both });
  });
  fc.assert(
    fc.property(pair, ({ steps, to, both }) => {
      expect(steps.length).toBeLessThanOrEqual(3);
      expect(isSettled(steps.at(-1) as Holders, to)).toBe(true);
      expect(isMeeting(both)).toBe(true);
    }),
  );
});

test("[CHORD-220] first choices of five that differ in up to two members have no two quorums apart", () => {
  for (const shared of [5, 4, 3]) {
    const other = [...ids.slice(0, shared), ...ids.slice(5, 10 - shared)];
    const pair = quorums([firstGroup(ids.slice(0, 5))], [firstGroup(other)]);
    fc.assert(fc.property(pair, (each) => isMeeting(each)));
  }
});

test("[CHORD-220] a quorum is possible until so many failed that the rest are too few", () => {
  const [a, b, c, d, e] = ids as [NodeId, NodeId, NodeId, NodeId, NodeId];
  const holders: Holders = [settledGroup([a, b, c, d, e])];
  expect(isQuorumPossible(holders, (node) => node === a || node === b)).toBe(true);
  expect(isQuorumPossible(holders, (node) => node === a || node === b || node === c)).toBe(false);
  expect(isQuorumPossible([firstGroup([a, b, c, d, e])], (node) => node === a || node === b)).toBe(false);
});

test("[CHORD-225] a first choice that stays gets by with a majority in one step", () => {
  const five = ids.slice(0, 5);
  expect(stepTowards([firstGroup(five)], [...five].reverse())).toEqual([settledGroup([...five].reverse())]);
});

test("[CHORD-225] a move that is under way is ended before another begins", () => {
  const both: Holders = [settledGroup(ids.slice(0, 5)), settledGroup(ids.slice(1, 6))];
  expect(stepTowards(both, ids.slice(2, 7))).toEqual([settledGroup(ids.slice(1, 6))]);
});
