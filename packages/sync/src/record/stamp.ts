// Stamps: when a write was made and by whom; a total order over all writes. [SYNC-010] [SYNC-011]
import type { NodeId } from "@p2p/wire";

/** The stamp of a write. No origin gives one twice. */
export interface Stamp {
  /** µs since 1970 by the hybrid clock of the origin. */
  readonly timeUs: number;
  readonly origin: NodeId;
}

/** The order of the 48 bytes of two ids. Their text is that of one integer, so that a longer text is a larger number. */
export function compareOrigins(a: NodeId, b: NodeId): number {
  if (a === b) return 0;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

/** Negative when `a` is earlier, 0 when they are one stamp. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.timeUs !== b.timeUs ? a.timeUs - b.timeUs : compareOrigins(a.origin, b.origin);
}
