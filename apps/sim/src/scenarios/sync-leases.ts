// Several claim the same free keys at once, on both sides of a partition: afterwards each key has one owner, the
// same everywhere, and whoever thought it was the owner has been told that it is not. [SYNC-040 to SYNC-049]
import type { NodeSeams, Scenario, SimulatedNode } from "@p2p/simulator";
import { type Member, type MemberOptions, TableWatch } from "../sync/table-watch.js";

const names = ["n0", "n1", "n2", "n3", "n4"];
const rounds = 4;
/** Longer than a stream tries to get anything across: what is lost is lost. */
const apartMs = 90_000;
const togetherMs = 30_000;
const durationMs = rounds * (apartMs + togetherMs);
const withinMs = 1_500_000;
/** Longer than the run: no lease lapses, so who has one keeps it. */
const leaseMs = 86_400_000;

export interface LeaseOptions {
  readonly name: string;
  /** What is broken on purpose in the tables. */
  readonly spoil?: (member: Member) => void;
}

export function leaseScenario({ name, spoil }: LeaseOptions): Scenario {
  return {
    name,
    nodes: names,
    minNodes: 2,
    faults: {
      count: 8,
      durationMs,
      kinds: ["partition", "reset", "half-open", "latency", "loss", "slow", "clock-jump"],
    },
    world: { conditions: { latency: { minMs: 5, maxMs: 80 } }, trace: "faults" },
    async run(world, begin, present) {
      const watch = new TableWatch(world);
      const options: MemberOptions = {
        bootstrap: present.slice(0, 2).map((seed) => `sim://${seed}:1`),
        leases: { defaultMs: leaseMs },
      };
      const open = async (seams: NodeSeams): Promise<Member> => {
        const member = await watch.open(seams, options);
        spoil?.(member);
        return member;
      };
      const nodes = await Promise.all(present.map((each) => world.start(each, open)));
      await world.runUntil(() => nodes.every(({ value }) => value.sync.peers.length > 0));
      begin();
      /** Who was told that a key is its own. */
      const claims = new Map<string, Set<SimulatedNode<Member>>>();
      for (let round = 0; round < rounds; round++) {
        const key = `round ${round}`;
        const claimers = world.random.shuffle([...nodes]).slice(0, 2 + world.random.integer(nodes.length - 1));
        const owners = new Set<SimulatedNode<Member>>();
        claims.set(key, owners);
        const sides = world.random.shuffle([...present]);
        const cut = 1 + world.random.integer(sides.length - 1);
        const heal = world.network.partition(sides.slice(0, cut), sides.slice(cut));
        // Also a second later, when some have heard of another's claim, and are refused at once.
        for (const claimer of claimers) {
          if (world.random.chance(0.3)) await world.runFor(world.random.integer(1_000));
          watch.set(claimer, key, `${claimer.name} in ${round}`);
          if (claimer.value.sync.lease(key)?.owner === claimer.value.sync.id) owners.add(claimer);
        }
        await world.runFor(apartMs);
        heal();
        await world.runFor(togetherMs);
      }
      await watch.untilEqual(nodes, withinMs);
      for (const [key, owners] of claims) judge(key, owners, nodes);
    },
  };
}

function judge(
  key: string,
  claimers: ReadonlySet<SimulatedNode<Member>>,
  nodes: readonly SimulatedNode<Member>[],
): void {
  const owners = new Set(nodes.map(({ value }) => value.sync.lease(key)?.owner));
  const [owner] = owners;
  if (owners.size !== 1 || owner === undefined)
    throw new Error(`"${key}" has ${owners.size} owners, ${[...owners].join()}`);
  const winner = [...claimers].find(({ value }) => value.sync.id === owner);
  if (winner === undefined) throw new Error(`"${key}" is of one that did not claim it`);
  for (const { name, value } of claimers) {
    const wasTold = value.lost.includes(key);
    if (value.sync.id === owner && wasTold) throw new Error(`${name} was told that it lost "${key}", which it has`);
    if (value.sync.id !== owner && !wasTold) throw new Error(`${name} was not told that it lost "${key}"`);
  }
}

export const syncLeases: Scenario = leaseScenario({ name: "sync-leases" });
