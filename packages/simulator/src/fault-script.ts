// Plays faults in a world: each at its time, each mended at its time.
import { checkFault } from "./fault-check.js";
import type { Fault } from "./fault-plan.js";
import type { SimulatedNode } from "./node-in-world.js";
import type { World } from "./world.js";

/**
 * Schedules faults from now on. A fault of a node that is down, or not there, does nothing; the trace says `skipped`.
 * @throws TypeError for what is no fault, RangeError for one that cannot be
 */
export function scheduleFaults(world: World, faults: readonly Fault[]): void {
  for (const fault of faults) checkFault(fault);
  const overlaps = new Overlaps();
  for (const fault of faults) world.after(fault.atMs, fault.kind, () => begin(world, overlaps, fault));
}

/** Faults of one kind that last, of one node. When several overlap, the latest counts. */
class Overlaps {
  readonly #active = new Map<string, readonly { readonly value: number }[]>();

  /** Tells `set` what counts: now, and when this one ends; undefined when none is left. @returns what ends it */
  begin(place: string, value: number, set: (latest: number | undefined) => void): () => void {
    const one = { value };
    const change = (active: readonly { readonly value: number }[]): void => {
      this.#active.set(place, active);
      set(active.at(-1)?.value);
    };
    const others = (): readonly { readonly value: number }[] =>
      (this.#active.get(place) ?? []).filter((each) => each !== one);
    change([...others(), one]);
    return () => change(others());
  }
}

function begin(world: World, overlaps: Overlaps, fault: Fault): void {
  const mend = (action: () => void): void => {
    if ("forMs" in fault) world.after(fault.forMs, `${fault.kind} mended`, action);
  };
  const find = (name: string): SimulatedNode<unknown> | undefined => world.nodes.find((each) => each.name === name);
  const withNode = (name: string, action: (node: SimulatedNode<unknown>) => void): void => {
    const node = find(name);
    if (node?.isUp === true) action(node);
    else world.trace.record("skipped", name, { fault: fault.kind });
  };
  const withPeer = (name: string, peer: string, action: (node: SimulatedNode<unknown>) => void): void => {
    if (find(peer) === undefined) world.trace.record("skipped", peer, { fault: fault.kind });
    else withNode(name, action);
  };
  switch (fault.kind) {
    case "partition":
      mend(world.network.partition(fault.from, fault.to, { oneWay: fault.oneWay }));
      return;
    case "crash":
      withNode(fault.node, (node) => {
        node.crash({ disk: fault.disk, isPowerLost: fault.isPowerLost });
        mend(() => {
          // Nobody waits for it. A run that cannot open leaves the node down: the scenario's own conditions tell of it.
          if (!node.isUp) node.boot().catch(() => {});
        });
      });
      return;
    case "reset":
      withPeer(fault.node, fault.peer, (node) => node.resetConnections(fault.peer));
      return;
    case "half-open":
      withPeer(fault.node, fault.peer, (node) => node.loseConnections(fault.peer));
      return;
    case "clock-jump":
      withNode(fault.node, (node) => node.jumpClock(fault.byMs));
      return;
    case "clock-drift":
      withNode(fault.node, (node) => {
        const drift = (ppm?: number): void => {
          if (node.isUp) node.driftClock(ppm);
        };
        mend(overlaps.begin(`drift of ${node.name}`, fault.ppm, drift));
      });
      return;
    case "pause":
      withNode(fault.node, (node) => mend(node.pause()));
      return;
    case "slow":
      withNode(fault.node, (node) => {
        const limit = (bytesPerSecond = Number.POSITIVE_INFINITY): void => node.limitReading(bytesPerSecond);
        mend(overlaps.begin(`reading of ${node.name}`, fault.bytesPerSecond, limit));
      });
      return;
    case "latency":
      mend(world.network.disturb({ latency: fault.latency }));
      return;
    case "bandwidth":
      mend(world.network.disturb({ bytesPerSecond: fault.bytesPerSecond }));
      return;
    case "loss":
      mend(world.network.disturb({ lossRate: fault.lossRate }));
      return;
    default:
      fault satisfies never;
  }
}
