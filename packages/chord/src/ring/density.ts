// How large the ring is, told from how close its members stand. [CHORD-040] [CHORD-041]
import { arcFraction } from "./arc.js";
import type { Contact } from "./contact.js";

export interface SizeEstimate {
  /** Members of the ring. */
  readonly members: number;
  /** Relative standard error; 0 where every member is known. */
  readonly error: number;
}

/** By `count` members on the way from `from` to the last of them: their mean distance is the n-th part of the circle. */
export function sizeByDensity(from: Contact, successors: readonly Contact[]): SizeEstimate {
  const last = successors.at(-1);
  if (last === undefined) return { members: 1, error: 1 };
  const count = successors.length;
  // The gaps between random members are exponential, so their sum has the relative error 1 / sqrt(count); the unbiased
  // estimate of a rate from `count` gaps is (count - 1) / sum.
  const fraction = Math.max(arcFraction(from.position, last.position), Number.MIN_VALUE);
  const members = Math.max(count + 1, (count - 1) / fraction);
  return { members: Math.min(members, Number.MAX_SAFE_INTEGER), error: 1 / Math.sqrt(Math.max(1, count - 2)) };
}

const shortest = 8;
const longest = 32;

/** Successors to keep in a ring of so many members: 2 log2 n, at least 8 and at most 32. */
export function listLength(members: number): number {
  return Math.min(longest, Math.max(shortest, Math.ceil(2 * Math.log2(members))));
}
