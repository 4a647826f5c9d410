// One node tells everybody that it wrote keys which others have leased: no honest node takes it, and they stay equal.
// [SYNC-045]

import type { NodeSeams, Scenario } from "@p2p/simulator";
import { FrameWriter, flags, nodeIdToBytes } from "@p2p/wire";
import { type Member, type MemberOptions, TableWatch } from "../sync/table-watch.js";

const names = ["n0", "n1", "n2", "n3", "n4"];
const rudeMs = 60_000;
const everyMs = 500;
const withinMs = 1_500_000;
const keyCount = 5;

export interface RudeOptions {
  readonly name: string;
  readonly leases: boolean;
}

export function rudeScenario({ name, leases }: RudeOptions): Scenario {
  return {
    name,
    nodes: names,
    faults: { count: 6, durationMs: rudeMs, kinds: ["reset", "latency", "loss", "clock-jump", "clock-drift"] },
    world: { conditions: { latency: { minMs: 5, maxMs: 60 } }, trace: "faults" },
    async run(world, begin, present) {
      const watch = new TableWatch(world);
      const options: MemberOptions = { bootstrap: present.slice(0, 2).map((seed) => `sim://${seed}:1`), leases };
      const open = (seams: NodeSeams): Promise<Member> => watch.open(seams, options);
      const nodes = await Promise.all(present.map((each) => world.start(each, open)));
      const rude = nodes.at(-1);
      const honest = nodes.slice(0, -1);
      if (rude === undefined) throw new Error("there is a last node");
      for (let number = 0; number < keyCount; number++) watch.set(world.random.pick(honest), keyOf(number), number);
      await watch.untilEqual(nodes, withinMs);
      begin();
      const writer = new FrameWriter();
      const idBytes = nodeIdToBytes(rude.value.sync.id);
      let told = 0;
      for (let passedMs = 0; passedMs < rudeMs; passedMs += everyMs) {
        const key = keyOf(world.random.integer(keyCount));
        const stampUs = Math.floor(rude.clock.now() * 1_000);
        // A write of a leased key, as if it were free.
        const items = [flags.subtypes.store, stampUs, 0, [[key, 0, "rude"]]];
        const frame = writer.write(flags.mainTypes.broadcast, idBytes, stampUs, items);
        for (const connection of rude.value.sync.mesh.node.connections) if (connection.sendFrame(frame)) told++;
        if (world.random.chance(0.2)) {
          const user = world.random.pick(honest);
          watch.set(user, keyOf(world.random.integer(keyCount)), passedMs);
        }
        await world.runFor(everyMs);
      }
      if (told < 10) throw new Error(`the rude node was heard ${told} times`);
      await watch.untilEqual(honest, withinMs);
      for (const { name: at, value } of honest) {
        for (let number = 0; number < keyCount; number++) {
          if (!value.sync.has(keyOf(number))) throw new Error(`"${keyOf(number)}" is gone at ${at}`);
        }
      }
    },
  };
}

function keyOf(number: number): string {
  return `key ${number}`;
}

export const syncRude: Scenario = rudeScenario({ name: "sync-rude", leases: true });
