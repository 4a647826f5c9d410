// Hundreds of nodes join at the same instant through one member: all get in within a bounded time, and those who were
// there before go on: they stay linked, and get one another's broadcasts in time all the while.
import type { Mesh } from "@p2p/mesh";
import type { NodeSeams, Scenario } from "@p2p/simulator";
import { isConnected, type Member, MeshWatch } from "../mesh/mesh-watch.js";

const members = Array.from({ length: 8 }, (_, number) => `n${number}`);
const broadcastEveryMs = 500;
/** A member gets the broadcast of another within this time, however many join. */
const inTimeMs = 10_000;
/**
 * Everybody has a neighbour within this time: whoever finds the one way in occupied dials again after 1, 5, 15 and 60 s, each
 * varied by half [MESH-027], and gets in by then.
 */
const joinedMs = 130_000;
/** Everybody is reached from everybody within this time. */
const reachedMs = 190_000;

/** @param count nodes that join @param spoil what is broken on purpose in the mesh of each of them */
export function joinFlood(name: string, count: number, spoil: (mesh: Mesh) => void = () => {}): Scenario {
  return {
    name,
    nodes: members,
    faults: { count: 4, durationMs: 60_000, kinds: ["latency", "clock-jump", "clock-drift"] },
    world: { conditions: { latency: { minMs: 5, maxMs: 60 } }, trace: "faults" },
    async run(world, begin) {
      const watch = new MeshWatch(world);
      const open = (seams: NodeSeams): Promise<Member> => watch.open(seams, { bootstrap: ["sim://n0:1"] });
      const old = await Promise.all(members.map((each) => world.start(each, open)));
      await world.runUntil(() => old.every(({ value }) => value.mesh.peers.length === members.length - 1));
      const beganMs = world.nowMs;
      begin();
      const names = Array.from({ length: count }, (_, number) => `joiner-${number}`);
      const join = async (seams: NodeSeams): Promise<Member> => {
        const joiner = await open(seams);
        spoil(joiner.mesh);
        return joiner;
      };
      const joiners = await Promise.all(names.map((each) => world.start(each, join)));
      const all = [...old, ...joiners];
      const hasJoined = (): boolean => all.every(({ value }) => value.mesh.peers.length > 0);
      const sent: { readonly text: string; readonly atMs: number }[] = [];
      let inMs: number | undefined;
      while (world.nowMs - beganMs < joinedMs) {
        const text = `at ${world.nowMs}`;
        sent.push({ text, atMs: world.nowMs });
        watch.broadcast(world.random.pick(old), text);
        await world.runFor(broadcastEveryMs);
        if (hasJoined()) inMs ??= world.nowMs - beganMs;
        const alone = old.filter(({ value }) => value.mesh.peers.length === 0);
        if (alone.length > 0) throw new Error(`${alone[0]?.name} has lost all its links to those who join`);
      }
      const outside = joiners.filter(({ value }) => value.mesh.peers.length === 0);
      if (inMs === undefined) throw new Error(`${outside.length} of ${count} have not joined within ${joinedMs} ms`);
      await world.runUntil(() => isConnected(all), { withinMs: reachedMs - joinedMs });
      await world.runFor(inTimeMs);
      for (const { text, atMs } of sent) {
        for (const { name: member, value } of old) {
          const tookMs = (value.held.get(text) ?? Number.POSITIVE_INFINITY) - atMs;
          if (!(tookMs <= inTimeMs)) throw new Error(`"${text}" took ${tookMs} ms to ${member}`);
        }
      }
      const last = "everybody is in";
      watch.broadcast(world.random.pick(joiners), last);
      await world.runUntil(() => all.every(({ value }) => value.held.has(last)), { withinMs: inTimeMs });
    },
  };
}
