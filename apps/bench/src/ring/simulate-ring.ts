// A ring of whole nodes in virtual time: they join, rest and look up; how long the ways are, and what it took.
import { Chord } from "@p2p/chord";
import { brokenRing, disorderedLists, viewOf } from "@p2p/chord/testing";
import { type SimulatedNode, World } from "@p2p/simulator";
import { heldBytes, measure } from "../sim/phase.js";
import type { RingReport } from "./report.js";

type Member = SimulatedNode<Chord>;

/** One way of a message, in ms. */
const latency = { minMs: 20, maxMs: 80 } as const;
/** Virtual time from one that joins to the next, in ms: less in larger rings, so that joining ends. */
const apartMs = { few: 40, many: 10 } as const;
const few = 1_000;
/** The ring is looked at so often until every member knows its place, in ms. */
const lookMs = 1_000;
const mostLooks = 120;
/** Then the last ones to join still look up their fingers: all within some seconds [CHORD-030]. */
const fingersMs = 15_000;
/** Less in larger rings, where there are as many nodes to measure. */
const restMs = { few: 60_000, many: 10_000 } as const;
/** Between two lookups, in ms. */
const everyMs = 2;
const positionBytes = 48;

async function join(world: World, number: number, via: Member | undefined): Promise<Member> {
  return world.start(`n${number}`, async ({ address, clock, random, transports }) => {
    const bootstrap = via === undefined ? [] : [via.address];
    const chord = new Chord({ network: "ring", listen: [address], bootstrap, clock, random, transports });
    await chord.open();
    return chord;
  });
}

/** Whether each knows who stands next to it, on either side. */
function isInOrder(sorted: readonly Chord[]): boolean {
  return sorted.every(({ id, predecessor, successors }, index) => {
    const [before, after] = [sorted.at(index - 1)?.id, sorted[(index + 1) % sorted.length]?.id];
    return before === id || (predecessor === before && successors[0] === after);
  });
}

/** Without garbage collection on demand (`--expose-gc`), the memory of a node includes garbage. */
export async function simulateRing(
  count: number,
  lookups: number,
  progress: (line: string) => void,
): Promise<RingReport> {
  const atFirst = heldBytes();
  const world = new World({ seed: 1, conditions: { latency }, trace: "off" });
  const members: Member[] = [];
  const joining = await measure(world, async () => {
    for (let number = 0; number < count; number++) {
      members.push(await join(world, number, number === 0 ? undefined : world.random.pick(members)));
      await world.runFor(count > few ? apartMs.many : apartMs.few);
      if (number % few === few - 1) progress(`${number + 1} have joined`);
    }
    // Asked after every event: those that have their place are not looked at again.
    let placed = 0;
    await world.runUntil(() => {
      while (members[placed]?.value.role === "member") placed++;
      return placed === count;
    });
  });
  const sorted = members.map(({ value }) => value).sort((a, b) => Buffer.compare(a.node.idBytes, b.node.idBytes));
  const settling = await measure(world, async () => {
    for (let look = 0; look < mostLooks && !isInOrder(sorted); look++) await world.runFor(lookMs);
    await world.runFor(fingersMs);
  });
  progress("the ring has settled");
  const views = sorted.map(viewOf);
  const bytesPerNode = (heldBytes() - atFirst) / count;
  const sent = (): number => sorted.reduce((sum, { node }) => sum + node.counters.bytesOut, 0);
  const before = sent();
  const resting = await measure(world, () => world.runFor(count > few ? restMs.many : restMs.few));
  const upkeep = (sent() - before) / count / (resting.virtualMs / 1_000);
  const hops: number[] = [];
  let right = 0;
  const lookingUp = await measure(world, async () => {
    const asked: Promise<void>[] = [];
    for (let number = 0; number < lookups; number++) {
      const position = Uint8Array.from({ length: positionBytes }, () => world.random.integer(256));
      const owner = sorted.find(({ node }) => Buffer.compare(node.idBytes, position) >= 0) ?? sorted[0];
      const found = world.random.pick(sorted).lookup(position);
      asked.push(
        found.then((each) => {
          hops.push(each.hops);
          if (each.id === owner?.id) right++;
        }),
      );
      await world.runFor(everyMs);
    }
    await world.run(Promise.all(asked));
  });
  hops.sort((a, b) => a - b);
  const mean = hops.reduce((sum, each) => sum + each, 0) / Math.max(1, hops.length);
  return {
    joining,
    settling,
    resting,
    lookingUp,
    broken: [...disorderedLists(views), ...brokenRing(views)],
    lookups,
    right,
    hops: { mean, p99: hops[Math.floor(0.99 * hops.length)] ?? 0, most: hops.at(-1) ?? 0 },
    links: sorted.reduce((sum, { node }) => sum + node.connections.length, 0) / count,
    upkeep,
    bytesPerNode,
    peakBytes: process.resourceUsage().maxRSS * 1_024,
  };
}
