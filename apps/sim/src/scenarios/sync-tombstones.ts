// A node was away for longer than deleted keys are remembered: it comes back with its disk, and brings none of them back,
// loses them itself, and what it wrote while it was away is there for all. [SYNC-060]
import type { NodeSeams, Scenario, SimulatedNode } from "@p2p/simulator";
import { type Member, type MemberOptions, TableWatch } from "../sync/table-watch.js";

const names = ["n0", "n1", "n2", "n3"];
/** Small figures for the same rule: deleted keys are remembered for ten minutes. */
const syncLimits = { maxAheadMs: 60_000, tombstoneMs: 600_000, reconcileMs: 10_000 };
const awayMs = 2 * syncLimits.tombstoneMs;
const withinMs = 1_500_000;
const keyCount = 20;

export interface TombstoneOptions {
  readonly name: string;
  readonly leases: NonNullable<MemberOptions["leases"]>;
  /** Whether those that stayed lose their disks meanwhile: then nobody can know what was deleted. */
  readonly forgets?: boolean;
}

export function tombstoneScenario({ name, leases, forgets = false }: TombstoneOptions): Scenario {
  return {
    name,
    nodes: names,
    faults: { count: 6, durationMs: awayMs, kinds: ["reset", "latency", "loss", "bandwidth"] },
    world: { conditions: { latency: { minMs: 5, maxMs: 60 } }, trace: "faults" },
    async run(world, begin, present) {
      const watch = new TableWatch(world);
      const options: MemberOptions = {
        bootstrap: present.slice(0, 2).map((seed) => `sim://${seed}:1`),
        leases,
        syncLimits,
      };
      const open = (seams: NodeSeams): Promise<Member> => watch.open(seams, options);
      const nodes: readonly SimulatedNode<Member>[] = await Promise.all(present.map((each) => world.start(each, open)));
      const [owner, , other, away] = nodes;
      if (owner === undefined || other === undefined || away === undefined) throw new Error("there are four nodes");
      for (let number = 0; number < keyCount; number++) watch.set(owner, keyOf(number), number);
      await watch.untilEqual(nodes, withinMs);
      const isPartition = world.random.chance(0.5);
      begin();
      const comeBack = leave(isPartition);
      await world.runFor(1_000);
      for (let number = 0; number < keyCount; number += 2) watch.act(owner, (sync) => sync.delete(keyOf(number)));
      if (isPartition) watch.set(away, "written away", 1);
      await world.runFor(awayMs / 2);
      watch.set(other, "written meanwhile", 2);
      if (forgets) {
        for (const node of nodes) if (node !== away) node.crash({ disk: "lost" });
        for (const node of nodes) if (node !== away) await world.restart(node);
      }
      await world.runFor(awayMs / 2);
      await comeBack();
      await watch.untilEqual(nodes, withinMs);
      for (const { name: at, value } of nodes) {
        const keys = new Set(value.sync.keys());
        for (let number = 0; number < keyCount; number++) {
          const isHere = keys.has(keyOf(number));
          if (isHere && number % 2 === 0) throw new Error(`"${keyOf(number)}" was deleted, and came back at ${at}`);
          if (!isHere && number % 2 === 1) throw new Error(`"${keyOf(number)}" was not deleted, and is gone at ${at}`);
        }
        if (isPartition && !keys.has("written away")) throw new Error(`what was written away is not at ${at}`);
        if (!keys.has("written meanwhile")) throw new Error(`what was written meanwhile is not at ${at}`);
      }

      /** @returns what ends it */
      function leave(byPartition: boolean): () => Promise<void> {
        if (byPartition) {
          const heal = world.network.partition(
            [names[3] ?? ""],
            present.filter((each) => each !== names[3]),
          );
          return async () => heal();
        }
        away?.crash({ isPowerLost: true });
        return async () => {
          if (away !== undefined) await world.restart(away);
        };
      }
    },
  };
}

function keyOf(number: number): string {
  return `key ${number}`;
}

export const syncTombstones: Scenario = tombstoneScenario({ name: "sync-tombstones", leases: true });
export const syncTombstonesWithoutLeases: Scenario = tombstoneScenario({
  name: "sync-tombstones-unleased",
  leases: false,
});
