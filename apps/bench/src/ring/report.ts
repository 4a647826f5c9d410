// What a run of a simulated ring reports to the process that started it.
import type { SimPhase } from "../sim/report.js";

export interface RingReport {
  /** Until every node had its place. */
  readonly joining: SimPhase;
  /** Until lists and fingers are what they should be. */
  readonly settling: SimPhase;
  /** A while in which nobody asks for anything. */
  readonly resting: SimPhase;
  readonly lookingUp: SimPhase;
  /** What is wrong with the ring after settling; empty when it is one and in order. */
  readonly broken: readonly string[];
  readonly lookups: number;
  /** Those that named the owner. */
  readonly right: number;
  /** Nodes that a lookup passed, the owner included: mean, 99th percentile, most. */
  readonly hops: { readonly mean: number; readonly p99: number; readonly most: number };
  /** Links of a node, on the average. */
  readonly links: number;
  /** What a node sent in a second of rest, in bytes. */
  readonly upkeep: number;
  /** Growth of the heap and its buffers for one node, after garbage collection. */
  readonly bytesPerNode: number;
  /** The most resident memory that the process ever had. */
  readonly peakBytes: number;
}
