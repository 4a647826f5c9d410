// When a comparison has to wait for others that bring most of a table: then there is little to compare yet. [SYNC-072]
import type { ComparedNeighbour } from "./compared-neighbour.js";
import { isStreamed } from "./reconcile/choose-mode.js";

/** For so long without progress, a comparison that brings most of a table holds up others. */
const holdUpMs = 3_000;

/** The same with progress, for each that is at work: a snapshot that never ends keeps nobody from the others for long. */
const longestHoldUpMs = 20_000;

/** Whether a comparison with a table of so many records brings most of it. */
export function isFilling(ownCount: number, peerCount: number): boolean {
  return ownCount < peerCount && isStreamed(ownCount, peerCount);
}

/** Whether a neighbour has to wait now for what others bring. */
export function isHeldUp(neighbour: ComparedNeighbour, all: Iterable<ComparedNeighbour>, nowMs: number): boolean {
  let fillings = 0;
  for (const other of all) {
    if (other === neighbour || other.running?.isFilling !== true) continue;
    if (nowMs - other.running.aliveMs < holdUpMs) fillings += 1;
  }
  if (fillings === 0) neighbour.waitsSinceMs = undefined;
  else neighbour.waitsSinceMs ??= nowMs;
  return nowMs - (neighbour.waitsSinceMs ?? nowMs) < fillings * longestHoldUpMs;
}
