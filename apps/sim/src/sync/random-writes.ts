// What users of tables do, drawn from a seed: writes, deletes, deltas and leases of a few keys, by whoever is up.
import type { SimulatedNode, World } from "@p2p/simulator";
import { type Member, membersOf, type TableWatch } from "./table-watch.js";

const keyCount = 12;
const fieldCount = 4;

export interface RandomWrites {
  readonly durationMs: number;
  /** Between two writes, in ms. */
  readonly everyMs: number;
  readonly hasLeases: boolean;
}

/** Lets members write for a while, each write of a value that no other has. */
export async function writeAtRandom(
  world: World,
  watch: TableWatch,
  nodes: readonly SimulatedNode<Member>[],
  { durationMs, everyMs, hasLeases }: RandomWrites,
): Promise<void> {
  const { random } = world;
  const actions = [set, set, set, remove, change, ...(hasLeases ? [acquire, release] : [])];
  let count = 0;
  for (let passedMs = 0; passedMs < durationMs; passedMs += everyMs) {
    const up = membersOf(nodes);
    if (up.length > 0) random.pick(actions)(random.pick(up));
    await world.runFor(everyMs);
  }

  function set(node: SimulatedNode<Member>): void {
    watch.set(node, `key ${random.integer(keyCount)}`, count++);
  }
  function remove(node: SimulatedNode<Member>): void {
    const key = `key ${random.integer(keyCount)}`;
    watch.act(node, (sync) => sync.delete(key));
  }
  function change(node: SimulatedNode<Member>): void {
    watch.applyDelta(node, `map ${random.integer(keyCount)}`, `field ${random.integer(fieldCount)}`, count++);
  }
  function acquire(node: SimulatedNode<Member>): void {
    const key = `key ${random.integer(keyCount)}`;
    const leaseMs = 1_000 + random.integer(60_000);
    watch.act(node, (sync) => sync.acquire(key, { leaseMs }));
  }
  function release(node: SimulatedNode<Member>): void {
    const key = `key ${random.integer(keyCount)}`;
    watch.act(node, (sync) => sync.release(key));
  }
}
