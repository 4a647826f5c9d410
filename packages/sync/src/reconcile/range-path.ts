// Paths: the prefix of a range of positions as one number, 1 and then four bits a step. [SYNC-074]
import { endOfPositions } from "./trie.js";
import { fanOut, maxDepth } from "./trie-parts.js";

/** The path of all positions. */
export const rootPath = 1;

/** The longest path. */
export const highestPath: number = 2 * fanOut ** maxDepth - 1;

/** The positions of a path: its length in steps, its first position, and the one after its last. */
export interface Range {
  readonly depth: number;
  readonly from: number;
  readonly to: number;
}

/** Whether a number is a path: its leading 1 stands at a step. */
export function isPath(path: number): boolean {
  return path >= rootPath && path <= highestPath && path < 2 * fanOut ** depthOf(path);
}

export function rangeOf(path: number): Range {
  const depth = depthOf(path);
  const span = endOfPositions / fanOut ** depth;
  const from = (path - fanOut ** depth) * span;
  return { depth, from, to: from + span };
}

export function childOf(path: number, nibble: number): number {
  return path * fanOut + nibble;
}

export function parentOf(path: number): number {
  return Math.floor(path / fanOut);
}

function depthOf(path: number): number {
  let depth = 0;
  for (let at = path; at >= fanOut; at = Math.floor(at / fanOut)) depth++;
  return depth;
}
