// 80 % of all nodes crash at the same instant, those that others joined by perhaps among them. The survivors find one
// another: broadcasts sent from the end of the fifth round of peer exchange on reach at least 99 % of them.
//
// How it is counted: a round is 10 s, the shortest time between two peers messages over one link [MESH-031]. At the end of
// each round a survivor that is drawn broadcasts; the broadcast has reached whoever has it 5 s later. Rounds begin when the
// crash can be noticed: at once where processes crash, as their peers see resets; after 90 s where machines lose their
// power, as base gives silent peers up only then.
import type { Mesh } from "@p2p/mesh";
import type { NodeSeams, Scenario, SimulatedNode, World } from "@p2p/simulator";
import { isConnected, type Member, MeshWatch } from "../mesh/mesh-watch.js";

const roundMs = 10_000;
const roundsAllowed = 5;
/** Rounds that are looked at besides. */
const roundsAfter = 3;
/** Until a silent peer is given up: `deadAfterMs` of base. */
const unnoticedMs = 90_000;
const reachMs = 5_000;
const lostPart = 0.8;
const reachedPart = 0.99;
/** Nodes that the others join by. */
const seedCount = 3;
/** Nodes that start at once, before the next ones do. */
const cohort = 50;
const cohortEveryMs = 2_000;

/** @param spoil what is broken on purpose in the mesh of a survivor, when the others crash */
export function massCrash(
  name: string,
  count: number,
  isPowerLost = false,
  spoil: (mesh: Mesh) => void = () => {},
): Scenario {
  const names = Array.from({ length: count }, (_, number) => `n${number}`);
  return {
    name,
    nodes: names,
    // The crash is the fault.
    faults: { count: 0, durationMs: 1 },
    world: { conditions: { latency: { minMs: 5, maxMs: 60 } }, trace: "off" },
    async run(world) {
      const watch = new MeshWatch(world);
      const nodes = await join(world, watch, names);
      watch.broadcast(world.random.pick(nodes), "before");
      await world.runFor(reachMs);
      const before = reached(nodes, "before");
      if (before < 1) throw new Error(`before the crash a broadcast reaches ${percent(before)}`);

      const order = world.random.shuffle(nodes);
      const survivors = order.splice(0, Math.round((1 - lostPart) * count));
      for (const node of order) node.crash({ isPowerLost });
      for (const { value } of survivors) spoil(value.mesh);
      if (isPowerLost) await world.runFor(unnoticedMs);
      const parts: number[] = [];
      for (let round = 1; round <= roundsAllowed + roundsAfter; round++) {
        await world.runFor(roundMs - (round === 1 ? 0 : reachMs));
        const text = `round ${round}`;
        watch.broadcast(world.random.pick(survivors), text);
        await world.runFor(reachMs);
        parts.push(reached(survivors, text));
      }
      const late = parts.slice(roundsAllowed - 1).filter((part) => part < reachedPart);
      if (late.length === 0) return;
      throw new Error(`broadcasts at the end of each round reached ${parts.map(percent).join(", ")} of the survivors`);
    },
  };
}

/** All start, join by the same few, and become one network. */
async function join(world: World, watch: MeshWatch, names: readonly string[]): Promise<SimulatedNode<Member>[]> {
  const seeds = names.slice(0, seedCount).map((name) => `sim://${name}:1`);
  const open = (seams: NodeSeams): Promise<Member> =>
    watch.open(seams, { bootstrap: seeds.filter((address) => address !== seams.address) });
  const nodes: SimulatedNode<Member>[] = [];
  for (let from = 0; from < names.length; from += cohort) {
    const started = names.slice(from, from + cohort).map((name) => world.start(name, open));
    nodes.push(...(await Promise.all(started)));
    await world.runFor(cohortEveryMs);
  }
  // Until views are filled by exchange, as in a network that has been there for a while.
  await world.runFor(2 * 60_000);
  if (!isConnected(nodes)) throw new Error("the network is not one before the crash");
  return nodes;
}

/** The part of them that has a broadcast. */
function reached(nodes: readonly SimulatedNode<Member>[], text: string): number {
  return nodes.filter(({ value }) => value.held.has(text)).length / nodes.length;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
