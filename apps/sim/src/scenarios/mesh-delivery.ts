// Through loss, resets, crashes, half-open connections and partitions, also of one way: every broadcast goes over every
// link that lasts, to nobody twice; and afterwards the mesh is whole. See ../mesh/mesh-watch.ts for what that means exactly.
import type { Mesh } from "@p2p/mesh";
import type { NodeSeams, Scenario, SimulatedNode } from "@p2p/simulator";
import { lastWord } from "../mesh/last-word.js";
import { type Member, type MemberOptions, MeshWatch, membersOf } from "../mesh/mesh-watch.js";

const names = Array.from({ length: 8 }, (_, number) => `n${number}`);
const durationMs = 90_000;
const broadcastEveryMs = 1_500;

/** Few links, so that there are no others to make up for one that fails. */
const sparse: MemberOptions = { meshLimits: { activeMin: 2, activeTarget: 3, activeMax: 4 } };

export interface DeliveryOptions {
  readonly name: string;
  /** What the members are told besides. */
  readonly member?: MemberOptions;
  /** What is broken on purpose in the mesh of a node. */
  readonly spoil?: (mesh: Mesh, node: string) => void;
}

/** The scenario; with a mesh that is broken on purpose it is to fail. */
export function deliveryScenario({ name, member = sparse, spoil }: DeliveryOptions): Scenario {
  return {
    name,
    nodes: names,
    minNodes: 3,
    faults: { count: 12, durationMs },
    world: {
      conditions: { latency: { minMs: 5, maxMs: 60, spikeChance: 0.01, spikeMs: 500 }, lossRate: 0.02 },
      trace: "faults",
    },
    async run(world, begin, present) {
      const watch = new MeshWatch(world);
      const bootstrap = present.slice(0, 3).map((seed) => `sim://${seed}:1`);
      const open = async (seams: NodeSeams): Promise<Member> => {
        const opened = await watch.open(seams, { ...member, bootstrap });
        spoil?.(opened.mesh, seams.name);
        return opened;
      };
      const nodes: SimulatedNode<Member>[] = await Promise.all(present.map((each) => world.start(each, open)));
      begin();
      for (let sentMs = 0; sentMs <= durationMs; sentMs += broadcastEveryMs) {
        const up = membersOf(nodes);
        if (up.length > 0) watch.broadcast(world.random.pick(up), `at ${sentMs}`);
        await world.runFor(broadcastEveryMs);
      }
      await lastWord(world, watch, nodes);
      // Until the last has been judged.
      await world.runFor(70_000);
      if (watch.judged === 0) throw new Error("no link lasted long enough to be judged");
    },
  };
}

export const meshDelivery: Scenario = deliveryScenario({ name: "mesh-delivery" });
