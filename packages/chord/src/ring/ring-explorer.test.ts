// Every order in which a few things can happen to small rings, and long random orders: the invariants hold after each step.
import { seededRandom } from "@p2p/base/testing";
import type { NodeId } from "@p2p/wire";
import { describe, expect, test, vi } from "vitest";
import { brokenRing, disorderedLists, type MemberView, principals, unlikeIdeal } from "../testing/ring-invariants.js";
import { contactAt, RingSteps } from "../testing/ring-steps.js";

// All states there are take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const listLength = 2;

/** A stable ring of nodes at these places. */
function ringOf(places: readonly number[]): RingSteps {
  const steps = new RingSteps(listLength);
  for (const [index, place] of places.entries()) {
    steps.join(place, index === 0 ? undefined : places[0]);
    steps.settle(3);
  }
  steps.settle(2);
  return steps;
}

function problems(members: readonly MemberView[]): string[] {
  return [...disorderedLists(members), ...brokenRing(members)];
}

/**
 * Whether a ring can bear the death of this node: the assumption under which the protocol is proven. No list loses all
 * its live members, whether a member has it or will have it by an answer that is on its way.
 */
function mayDie(steps: RingSteps, id: NodeId): boolean {
  const rest = steps.members.filter(({ self }) => self.id !== id);
  const isLive = (each: { readonly id: NodeId }) => rest.some(({ self }) => self.id === each.id);
  const lists = [
    ...rest.map(({ successors }) => successors),
    ...steps.inFlight.flatMap(({ list }) => (list ? [list] : [])),
  ];
  return principals(rest).length > listLength && lists.every((list) => list.some(isLive));
}

type Choice =
  | { readonly kind: "deliver"; readonly index: number }
  | { readonly kind: "tick" | "crash"; readonly id: NodeId }
  | { readonly kind: "join"; readonly place: number };

function apply(steps: RingSteps, choice: Choice, first: number): void {
  switch (choice.kind) {
    case "deliver":
      steps.deliver(choice.index);
      return;
    case "tick":
      steps.tick(choice.id);
      return;
    case "crash":
      steps.crash(choice.id);
      return;
    case "join":
      steps.join(choice.place, first);
      return;
    default:
      choice satisfies never;
  }
}

interface Exploration {
  readonly places: readonly number[];
  readonly joiners: readonly number[];
  readonly ticks: number;
  readonly crashes: readonly number[];
}

/** All states that some order of the given events leads to. @returns how many there are */
function explore({ places, joiners, ticks, crashes }: Exploration): number {
  const seen = new Set<string>();
  const first = places[0] ?? 0;
  const paths: { readonly path: readonly Choice[]; readonly ticks: number }[] = [{ path: [], ticks }];
  for (let next = paths.pop(); next !== undefined; next = paths.pop()) {
    const { path } = next;
    const steps = ringOf(places);
    for (const choice of path) apply(steps, choice, first);
    const spent = path.filter(({ kind }) => kind !== "deliver" && kind !== "tick");
    const fingerprint = `${next.ticks} ${spent.length} ${steps.fingerprint}`;
    if (seen.has(fingerprint)) continue;
    seen.add(fingerprint);
    const found = problems(steps.members);
    if (found.length > 0) throw new Error(`${found}\n${path.map((each) => JSON.stringify(each)).join("\n")}`);
    const add = (choice: Choice, left: number) => paths.push({ path: [...path, choice], ticks: left });
    for (let index = 0; index < steps.inFlight.length; index += 1) add({ kind: "deliver", index }, next.ticks);
    if (next.ticks > 0) for (const id of steps.live.keys()) add({ kind: "tick", id }, next.ticks - 1);
    for (const place of joiners) {
      if (!path.some((choice) => choice.kind === "join" && choice.place === place)) {
        add({ kind: "join", place }, next.ticks);
      }
    }
    for (const place of crashes) {
      const { id } = contactAt(place);
      if (steps.live.has(id) && mayDie(steps, id)) add({ kind: "crash", id }, next.ticks);
    }
  }
  return seen.size;
}

describe("[CHORD-010] every order of a few events keeps one ordered ring", () => {
  test.each<[string, number, Exploration]>([
    ["two join one that is alone", 4_591, { places: [80], joiners: [10, 160], ticks: 2, crashes: [] }],
    ["two join at one place", 3_422, { places: [10, 80, 160], joiners: [100, 110], ticks: 2, crashes: [] }],
    ["one joins while another dies", 1_043, { places: [10, 60, 120, 200], joiners: [90], ticks: 1, crashes: [120] }],
    ["one joins before one that dies", 723, { places: [10, 60, 120, 200], joiners: [90], ticks: 1, crashes: [60] }],
    ["two die", 1_036, { places: [10, 60, 120, 160, 200], joiners: [], ticks: 1, crashes: [60, 120] }],
  ])("%s: all %i states", (_name, states, exploration) => {
    // Another number tells that the rules are others: that none of its states breaks the ring is checked above.
    expect(explore(exploration)).toBe(states);
  });
});

describe("[CHORD-010] long random orders keep one ordered ring, and it becomes ideal when nothing more happens", () => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed))("seed %i", (seed) => {
    const random = seededRandom(seed);
    const draw = (below: number): number => Math.floor(random.float() * below);
    const steps = ringOf([20, 90, 150, 220]);
    for (let step = 0; step < 600; step += 1) {
      const ids = [...steps.live.keys()];
      const id = ids[draw(ids.length)];
      const chance = random.float();
      if (chance < 0.04) {
        const place = draw(256);
        const via = steps.members[draw(steps.members.length)]?.self.position[0];
        if (!steps.live.has(contactAt(place).id) && ids.length < 7 && via !== undefined) steps.join(place, via);
      } else if (chance < 0.08 && id !== undefined) {
        if (steps.members.some(({ self }) => self.id === id) && mayDie(steps, id)) steps.crash(id);
      } else if (chance < 0.3 && id !== undefined) steps.tick(id);
      else if (steps.inFlight.length > 0) steps.deliver(draw(steps.inFlight.length));
      expect(problems(steps.members)).toEqual([]);
    }
    steps.settle(60);
    expect(unlikeIdeal(steps.members, () => listLength)).toEqual([]);
    expect(steps.members.length).toBe(steps.live.size);
  });
});
