// Plays faults in a world: each at its time, each mended at its time.
import type { Fault } from "./fault-plan.js";
import type { SimulatedNode } from "./node-in-world.js";
import type { World } from "./world.js";

/** Schedules faults from now on. A fault of a node that is down, or not there, does nothing. */
export function scheduleFaults(world: World, faults: readonly Fault[]): void {
  for (const fault of faults) world.after(fault.atMs, fault.kind, () => begin(world, fault));
}

function begin(world: World, fault: Fault): void {
  const named = (name: string): SimulatedNode<unknown> | undefined =>
    world.nodes.find((node) => node.name === name && node.isUp);
  const mend = (forMs: number, action: () => void): void => world.after(forMs, `${fault.kind} mended`, action);
  switch (fault.kind) {
    case "partition":
      mend(fault.forMs, world.network.partition(fault.from, fault.to, { oneWay: fault.oneWay }));
      return;
    case "crash": {
      const node = named(fault.node);
      if (node === undefined) return;
      node.crash({ disk: fault.disk, isPowerLost: fault.isPowerLost });
      mend(fault.forMs, () => {
        // A run that cannot open leaves the node down: the scenario's own conditions tell of it.
        if (!node.isUp) world.restart(node).catch(() => {});
      });
      return;
    }
    case "half-open":
      named(fault.node)?.loseConnections(fault.peer);
      return;
    case "clock-jump":
      named(fault.node)?.jumpClock(fault.byMs);
      return;
    case "slow": {
      const node = named(fault.node);
      if (node === undefined) return;
      node.limitReading(fault.bytesPerSecond);
      mend(fault.forMs, () => node.limitReading(Number.POSITIVE_INFINITY));
      return;
    }
    case "loss": {
      const { lossRate } = world.network.conditions;
      world.network.setConditions({ lossRate: fault.lossRate });
      mend(fault.forMs, () => world.network.setConditions({ lossRate }));
      return;
    }
    default:
      fault satisfies never;
  }
}
