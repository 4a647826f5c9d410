// What the swarm process tells.

export interface SwarmBroadcast {
  /** Until every other node had it. */
  readonly allMs: number;
  /** Nodes that got it. */
  readonly reached: number;
  /** Nodes whose application got it more than once. */
  readonly twice: number;
  /** By all nodes together. */
  readonly framesSent: number;
}

export interface SwarmReport {
  /** Until every node had opened and found a neighbour. */
  readonly openMs: number;
  /** Links of each node. */
  readonly links: readonly number[];
  readonly broadcasts: readonly SwarmBroadcast[];
}
