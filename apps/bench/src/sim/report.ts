// What the process with the simulated world tells.

/** What one part of a run took. */
export interface SimPhase {
  readonly events: number;
  /** Of all threads of the process. */
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly virtualMs: number;
}

export interface SimReport {
  /** Until every node was started and the network was whole. */
  readonly joining: SimPhase;
  /** While nothing was sent but what the mesh itself sends. */
  readonly settling: SimPhase;
  /** From the first broadcast until the last was everywhere. */
  readonly broadcasting: SimPhase;
  /** Nodes that a broadcast did not reach, or reached twice; over all broadcasts. */
  readonly missed: number;
  readonly twice: number;
  /** Of one broadcast, by all nodes together, on the average. */
  readonly framesSent: number;
  /** Links of a node, on the average. */
  readonly links: number;
  /** Growth of the heap and its buffers for one node that has joined, after garbage collection. */
  readonly bytesPerNode: number;
  /** The most resident memory that the process ever had. */
  readonly peakBytes: number;
}
