// Figures of a ring of the pure logic: how it grows, how long its paths are, what becomes of it when it winds twice, and when half
// of it dies.
import { defaultChordLimits } from "@p2p/chord";
import { brokenRing, RingWorld, unlikeIdeal } from "@p2p/chord/testing";
import { SeededRandom } from "@p2p/simulator";
import { mean, roundMs } from "./ring-watch.js";

type Place = ReturnType<RingWorld["join"]>;

/** Nodes join so many a second, by one that is there. */
const joinsPerSecond = 50;
const settleMs = 180_000;
/** Successors that all lists have at least. */
const shortestList = 8;

export function logicFigures(count: number, lookups: number, print: (line: string) => void): void {
  const world = new RingWorld({ seed: 1, times: defaultChordLimits, latency: { minMs: 20, maxMs: 80 } });
  const random = new SeededRandom("logic figures");
  const all: Place[] = [];
  for (let index = 0; index < count; index++) {
    all.push(world.join(index === 0 ? undefined : random.pick(all)));
    world.run(1_000 / joinsPerSecond);
  }
  world.run(settleMs);
  const problems = brokenRing(world.members);
  print(
    `${world.members.length} of ${count} are members, ${world.links.toFixed(0)} links each; ${problems.join("; ") || "one ring"}`,
  );
  const before = world.messages;
  world.run(60_000);
  print(`upkeep: ${((world.messages - before) / 60 / count).toFixed(2)} messages a second a node`);
  print(`before: ${look(world, random, lookups)}`);
  unwind(world, print);
  world.crash(
    random
      .shuffle([...all])
      .slice(0, count / 2)
      .map(({ id }) => id),
  );
  for (let round = 1; round <= 3; round++) {
    world.run(roundMs);
    print(`half died, end of round ${round}: ${look(world, random, lookups)}`);
  }
  print(`${brokenRing(world.members).join("; ") || "one ring"}`);
}

/** Lets the ring wind twice, and tells how many rounds it takes to be in order. */
function unwind(world: RingWorld, print: (line: string) => void): void {
  const allowed = 2 * Math.log2(world.members.length);
  world.windTwice();
  print(`made wrong: ${brokenRing(world.members).join("; ")}`);
  const wrong = (): readonly string[] => [
    ...brokenRing(world.members),
    ...unlikeIdeal(world.members, () => shortestList),
  ];
  let rounds = 0;
  for (; rounds < allowed && wrong().length > 0; rounds++) world.run(roundMs);
  const found = wrong().slice(0, 3).join("; ") || "one ring, in which all know their neighbours";
  print(`${found}, after ${rounds} rounds (allowed ${allowed.toFixed(1)})`);
  world.run(settleMs);
}

function look(world: RingWorld, random: SeededRandom, lookups: number): string {
  const { sorted } = world;
  const hops: number[] = [];
  let right = 0;
  for (let index = 0; index < lookups; index++) {
    const position = random.bytes(48);
    const owner = world.ownerOf(sorted, position);
    world.lookUp(random.pick(sorted), position, (result) => {
      hops.push(result.hops);
      if (result.owner === owner) right++;
    });
  }
  // Lookups that are lost wait for their timeouts; rounds go on meanwhile.
  world.run(15_000);
  hops.sort((a, b) => a - b);
  const allowed = (Math.log2(sorted.length) / 2 + 1).toFixed(2);
  return `${right} of ${lookups} right, mean path ${mean(hops).toFixed(2)} (allowed ${allowed}), p99 ${hops[Math.floor(0.99 * hops.length)]}`;
}
