// Keys of identities while one owner's clock is hours off, one loses its disk, one node is away for longer than deletes of other
// keys last, and one forges and repeats: nobody ever has what the owner of a key did not write, no removal is undone, and in the
// end all have what each owner wrote last. [SEC-093] [SEC-095] [SEC-096] [SEC-097] [SYNC-111] [SYNC-113] [SYNC-115]
import { Identity, type NoiseSecurity, noise } from "@p2p/securenode";
import type { NodeSeams, Scenario, SimulatedNode } from "@p2p/simulator";
import { sha256 } from "@p2p/wire";
import { ForgingMember } from "../sync/forging-member.js";
import { type Member, type MemberOptions, TableWatch } from "../sync/table-watch.js";

const names = ["n0", "n1", "n2", "n3", "n4", "n5"];
/** Small figures for the same rules: other deleted keys are remembered for two minutes. */
const syncLimits = { maxAheadMs: 20_000, tombstoneMs: 120_000, reconcileMs: 10_000 };
const awayMs = 2 * syncLimits.tombstoneMs;
const everyMs = 2_000;
/** A node that was alone for long looks for others every quarter of an hour. */
const withinMs = 1_500_000;
const keysOfEach = 3;
const maxJumpMs = 18_000_000;

export interface OwnedOptions {
  readonly name: string;
  readonly leases: boolean;
  /** Called with the security of every node, to break it. */
  readonly spoil?: (security: NoiseSecurity) => void;
}

type Node = SimulatedNode<Member>;

export function ownedScenario({ name, leases, spoil }: OwnedOptions): Scenario {
  return {
    name,
    nodes: names,
    minNodes: 6,
    faults: { count: 6, durationMs: awayMs, kinds: ["partition", "reset", "latency", "loss", "clock-drift"] },
    world: { conditions: { latency: { minMs: 5, maxMs: 60 } }, trace: "faults" },
    async run(world, begin, present) {
      const watch = new TableWatch(world);
      let found = 0;
      const open = async (seams: NodeSeams): Promise<Member> => {
        const security = noise({ identity: Identity.fromSeed(sha256(new TextEncoder().encode(seams.name))) });
        spoil?.(security);
        const bootstrap = present.slice(0, 2).map((seed) => `sim://${seed}:1`);
        const options: MemberOptions = { bootstrap, leases, syncLimits, security };
        const member = await watch.open(seams, options);
        member.sync.on("refused", ({ reason }) => {
          if (reason === "forged") found += 1;
        });
        return member;
      };
      const nodes: readonly Node[] = await Promise.all(present.map((each) => world.start(each, open)));
      const [forgetful, jumping, , away, , rude] = nodes as [Node, Node, Node, Node, Node, Node];
      const honest = nodes.filter((node) => node !== rude);
      const keyOf = (node: Node, number: number): string => node.value.sync.owned(`key ${number}`);
      const numbers = Array.from({ length: keysOfEach }, (_, number) => number);
      const keys = honest.flatMap((node) => numbers.map((number) => keyOf(node, number)));
      for (const node of honest) for (const number of numbers) watch.set(node, keyOf(node, number), `first ${number}`);
      await watch.untilEqual(nodes, withinMs);
      const forging = new ForgingMember(world, rude);
      forging.keep(keys);
      begin();
      const heal = world.network.partition(
        [away.name],
        present.filter((each) => each !== away.name),
      );
      // The last key of each is gone for good.
      for (const node of honest) watch.act(node, (sync) => sync.delete(keyOf(node, keysOfEach - 1)));
      const byMs = (world.random.chance(0.7) ? 1 : -1) * world.random.integer(maxJumpMs);
      jumping.clock.jump(byMs);
      let count = 0;
      for (let passedMs = 0; passedMs < awayMs; passedMs += everyMs) {
        const writer = world.random.pick(honest);
        if (writer.isReady) watch.set(writer, keyOf(writer, world.random.integer(keysOfEach - 1)), count++);
        if (rude.isReady && world.random.chance(0.15)) forging.forge(world.random.pick(keys));
        if (rude.isReady) forging.replay();
        if (passedMs === awayMs / 2) {
          forgetful.crash({ disk: "lost" });
          await world.restart(forgetful);
        }
        await world.runFor(everyMs);
      }
      jumping.clock.jump(-byMs);
      heal();
      if (forging.told < 10) throw new Error(`the forger was heard ${forging.told} times`);
      if (found === 0) throw new Error("nobody found the forger out");
      await watch.untilEqual(honest, withinMs);
      for (const [number, node] of honest.entries()) {
        const key = keyOf(node, 0);
        watch.set(node, key, `last ${number}`);
        await world.runFor(10_000);
        for (const { name: at, value } of honest) {
          const seen = value.sync.get(key);
          if (seen !== `last ${number}`)
            throw new Error(`${at} has ${JSON.stringify(seen)} of what ${node.name} wrote last`);
          const gone = keyOf(node, keysOfEach - 1);
          if (value.sync.has(gone)) throw new Error(`a removal by ${node.name} was undone at ${at}`);
        }
      }
      await watch.untilEqual(honest, withinMs);
    },
  };
}

export const syncOwned: Scenario = ownedScenario({ name: "sync-owned", leases: true });
export const syncOwnedWithoutLeases: Scenario = ownedScenario({ name: "sync-owned-unleased", leases: false });
