// Plays faults in a world: each at its time, each mended at its time.
import type { Fault } from "./fault-plan.js";
import type { LinkConditions } from "./link-conditions.js";
import type { Network } from "./network.js";
import type { SimulatedNode } from "./node-in-world.js";
import type { World } from "./world.js";

/** Schedules faults from now on. A fault of a node that is down, or not there, does nothing. */
export function scheduleFaults(world: World, faults: readonly Fault[]): void {
  const weather = new Weather(world.network);
  for (const fault of faults) world.after(fault.atMs, fault.kind, () => begin(world, weather, fault));
}

/** The faults of all links at once. When several overlap, the latest counts; when none is left, all is as it was. */
class Weather {
  readonly #network: Network;
  #active: readonly Partial<LinkConditions>[] = [];
  /** The conditions without the faults. */
  #fair: Partial<LinkConditions> = {};

  constructor(network: Network) {
    this.#network = network;
  }

  /** @returns what ends it */
  add(changes: Partial<LinkConditions>): () => void {
    if (this.#active.length === 0) this.#fair = this.#network.conditions;
    this.#set([...this.#active, changes]);
    return () => this.#set(this.#active.filter((other) => other !== changes));
  }

  #set(active: readonly Partial<LinkConditions>[]): void {
    this.#active = active;
    let all = this.#fair;
    for (const changes of active) all = { ...all, ...changes };
    this.#network.setConditions(all);
  }
}

function begin(world: World, weather: Weather, fault: Fault): void {
  const mend = (forMs: number, action: () => void): void => world.after(forMs, `${fault.kind} mended`, action);
  const isThere = (name: string): boolean => world.nodes.some((each) => each.name === name);
  const withNode = (name: string, action: (node: SimulatedNode<unknown>) => void): void => {
    const node = world.nodes.find((each) => each.name === name && each.isUp);
    if (node !== undefined) action(node);
  };
  switch (fault.kind) {
    case "partition":
      mend(fault.forMs, world.network.partition(fault.from, fault.to, { oneWay: fault.oneWay }));
      return;
    case "crash":
      withNode(fault.node, (node) => {
        node.crash({ disk: fault.disk, isPowerLost: fault.isPowerLost });
        mend(fault.forMs, () => {
          // A run that cannot open leaves the node down: the scenario's own conditions tell of it.
          if (!node.isUp) world.restart(node).catch(() => {});
        });
      });
      return;
    case "reset":
      if (isThere(fault.peer)) withNode(fault.node, (node) => node.resetConnections(fault.peer));
      return;
    case "half-open":
      if (isThere(fault.peer)) withNode(fault.node, (node) => node.loseConnections(fault.peer));
      return;
    case "clock-jump":
      withNode(fault.node, (node) => node.jumpClock(fault.byMs));
      return;
    case "clock-drift":
      withNode(fault.node, (node) => {
        node.driftClock(fault.ppm);
        mend(fault.forMs, () => withNode(fault.node, () => node.driftClock()));
      });
      return;
    case "slow":
      withNode(fault.node, (node) => {
        node.limitReading(fault.bytesPerSecond);
        mend(fault.forMs, () => node.limitReading(Number.POSITIVE_INFINITY));
      });
      return;
    case "latency":
      mend(fault.forMs, weather.add({ latency: fault.latency }));
      return;
    case "bandwidth":
      mend(fault.forMs, weather.add({ bytesPerSecond: fault.bytesPerSecond }));
      return;
    case "loss":
      mend(fault.forMs, weather.add({ lossRate: fault.lossRate }));
      return;
    default:
      fault satisfies never;
  }
}
