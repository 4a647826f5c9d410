// Versions order all writes of a key, and are the ballots of atomic operations: a time and who gave it. [CHORD-204]
import { type NodeId, nodeIdToBytes } from "@p2p/wire";
import { comparePositions } from "../ring/arc.js";

export interface Version {
  /** Time of the writer's hybrid clock, µs since 1970. */
  readonly timeUs: number;
  /** The writer; it never gives a time twice. */
  readonly origin: NodeId;
}

/** Below 0, 0 or above 0, as `a` is older than, the same as or newer than `b`; nothing is older than every version. */
export function compareVersions(a: Version | undefined, b: Version | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  if (a.timeUs !== b.timeUs) return a.timeUs - b.timeUs;
  return a.origin === b.origin ? 0 : comparePositions(nodeIdToBytes(a.origin), nodeIdToBytes(b.origin));
}

export function newerOf(a: Version | undefined, b: Version | undefined): Version | undefined {
  return compareVersions(a, b) >= 0 ? a : b;
}
