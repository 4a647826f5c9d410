// Through loss, partitions, crashes with and without the disk, and clocks that are wrong: some time after all is mended, all
// tables are equal, hold what was written, and stay so. With leases and without. [SYNC-001]
import type { NodeSeams, Scenario } from "@p2p/simulator";
import { writeAtRandom } from "../sync/random-writes.js";
import { type Member, type MemberOptions, TableWatch } from "../sync/table-watch.js";

const names = ["n0", "n1", "n2", "n3", "n4"];
const durationMs = 90_000;
/** Who is alone for minutes dials anew after up to ten; then come a few rounds of comparisons with random neighbours. */
const usualWithinMs = 1_500_000;
const maxSkewMs = 300_000;

export interface ConvergenceOptions {
  readonly name: string;
  readonly leases: boolean;
  /** How long after the faults the tables may differ, in ms of virtual time. */
  readonly withinMs?: number;
  /** What is broken on purpose in the tables. */
  readonly spoil?: (member: Member) => void;
}

/** The scenario; with a table that is broken on purpose it is to fail. */
export function convergenceScenario({ name, leases, withinMs = usualWithinMs, spoil }: ConvergenceOptions): Scenario {
  return {
    name,
    nodes: names,
    minNodes: 2,
    faults: { count: 12, durationMs },
    world: {
      conditions: { latency: { minMs: 5, maxMs: 60, spikeChance: 0.01, spikeMs: 500 }, lossRate: 0.02 },
      trace: "faults",
    },
    async run(world, begin, present) {
      const watch = new TableWatch(world);
      const options: MemberOptions = {
        bootstrap: present.slice(0, 2).map((seed) => `sim://${seed}:1`),
        leases: leases ? { defaultMs: 20_000 } : false,
      };
      const open = async (seams: NodeSeams): Promise<Member> => {
        const member = await watch.open(seams, options);
        spoil?.(member);
        return member;
      };
      const nodes = await Promise.all(
        present.map((each) => {
          const skewMs = world.random.integer(2 * maxSkewMs) - maxSkewMs;
          return world.start(each, open, { clock: { skewMs } });
        }),
      );
      begin();
      await writeAtRandom(world, watch, nodes, { durationMs, everyMs: 250, hasLeases: leases });
      await watch.untilEqual(nodes, withinMs);
      if (!leases) watch.checkKept(nodes);
    },
  };
}

export const syncConverges: Scenario = convergenceScenario({ name: "sync-converges", leases: true });
export const syncConvergesWithoutLeases: Scenario = convergenceScenario({
  name: "sync-converges-unleased",
  leases: false,
});
