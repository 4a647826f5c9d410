// The clock of one node is hours ahead, or behind, for a while: it freezes no key, and all tables are equal afterwards.
// [SYNC-014] [SYNC-015] [SYNC-016]
import type { NodeSeams, Scenario } from "@p2p/simulator";
import { writeAtRandom } from "../sync/random-writes.js";
import { type Member, type MemberOptions, TableWatch } from "../sync/table-watch.js";

const names = ["n0", "n1", "n2", "n3"];
const phaseMs = 60_000;
const maxJumpMs = 7_200_000;
const withinMs = 1_500_000;
const keyCount = 12;
/** How far ahead a time may be, and the longest lease of the run. */
const comesOfAgeMs = 1_800_000 + 120_000;

export interface FarClockOptions {
  readonly name: string;
  readonly leases: boolean;
  /** How far the clock jumps. Default: up to two hours, ahead or back. */
  readonly jumpMs?: number;
  /** Default: those of every table. */
  readonly syncLimits?: NonNullable<MemberOptions["syncLimits"]>;
}

export function farClockScenario({ name, leases, jumpMs, syncLimits = {} }: FarClockOptions): Scenario {
  return {
    name,
    nodes: names,
    minNodes: 2,
    faults: { count: 6, durationMs: 3 * phaseMs, kinds: ["partition", "reset", "latency", "loss", "crash"] },
    world: { conditions: { latency: { minMs: 5, maxMs: 60 } }, trace: "faults" },
    async run(world, begin, present) {
      const watch = new TableWatch(world);
      const options: MemberOptions = {
        bootstrap: present.slice(0, 2).map((seed) => `sim://${seed}:1`),
        leases: leases ? { defaultMs: 20_000 } : false,
        syncLimits,
      };
      const open = (seams: NodeSeams): Promise<Member> => watch.open(seams, options);
      const nodes = await Promise.all(present.map((each) => world.start(each, open)));
      const wrong = world.random.pick(nodes);
      const byMs = jumpMs ?? (world.random.chance(0.7) ? 1 : -1) * world.random.integer(maxJumpMs);
      begin();
      const writes = { durationMs: phaseMs, everyMs: 300, hasLeases: leases };
      await writeAtRandom(world, watch, nodes, writes);
      const clock = wrong.isUp ? wrong.clock : undefined;
      clock?.jump(byMs);
      await writeAtRandom(world, watch, nodes, writes);
      // A restart has put it right already.
      if (wrong.isUp && wrong.clock === clock) clock.jump(-byMs);
      await writeAtRandom(world, watch, nodes, writes);
      // Until what was taken ahead of time has come of age, and every lease has lapsed.
      await world.runFor(comesOfAgeMs);
      await watch.untilEqual(nodes, withinMs);
      // Then everybody may write every key, and is heard.
      for (const [number, node] of nodes.entries()) {
        for (let key = 0; key < keyCount; key++) watch.set(node, `key ${key}`, `last of ${number}`);
        await world.runFor(30_000);
        for (let key = 0; key < keyCount; key++) {
          const value = node.value.sync.get(`key ${key}`);
          if (value !== `last of ${number}`)
            throw new Error(`${node.name} could not write "key ${key}": it is ${JSON.stringify(value)}`);
        }
      }
      await watch.untilEqual(nodes, withinMs);
    },
  };
}

export const syncFarClock: Scenario = farClockScenario({ name: "sync-far-clock", leases: true });
export const syncFarClockWithoutLeases: Scenario = farClockScenario({ name: "sync-far-clock-unleased", leases: false });
