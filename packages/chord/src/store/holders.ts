// Who decides about a key that is used atomically: named nodes, and how many of them are needed. The names, not the ring's
// present opinion, make quorums, so a change of owners changes nothing until the old holders agreed. [CHORD-220]
import type { NodeId } from "@p2p/wire";

/** Nodes of which `needed` have to agree. */
export interface HolderGroup {
  readonly members: readonly NodeId[];
  readonly needed: number;
}

/**
 * One group; or two while a key moves from the first to the second, when each decides by itself and both have to agree.
 */
export type Holders = readonly [HolderGroup] | readonly [from: HolderGroup, to: HolderGroup];

/** The most members of one group: one a position. */
export const maxHolders = 5;

/** Who holds from now on: a majority decides. */
export function settledGroup(members: readonly NodeId[]): HolderGroup {
  return { members, needed: Math.floor(members.length / 2) + 1 };
}

/**
 * Who holds first. Two nodes that create the same key may have looked up different owners, so more than a majority is
 * needed: of five, four, which meet the four of another choice even when two members differ.
 */
export function firstGroup(members: readonly NodeId[]): HolderGroup {
  return { members, needed: Math.min(members.length, 4) };
}

/** Whether the nodes told of by `has` are enough in every group. */
export function isQuorum(holders: Holders, has: (node: NodeId) => boolean): boolean {
  return holders.every(({ members, needed }) => count(members, has) >= needed);
}

/** Whether there can be a quorum without the nodes told of by `hasFailed`. */
export function isQuorumPossible(holders: Holders, hasFailed: (node: NodeId) => boolean): boolean {
  return isQuorum(holders, (node) => !hasFailed(node));
}

export function membersOf(holders: Holders): readonly NodeId[] {
  return [...new Set(holders.flatMap(({ members }) => members))];
}

export function isHolder(holders: Holders | undefined, node: NodeId): boolean {
  return holders?.some(({ members }) => members.includes(node)) === true;
}

/** Whether a single group with these members decides by majority: nothing is left to change. */
export function isSettled(holders: Holders, members: readonly NodeId[]): boolean {
  const [group, next] = holders;
  const settled = settledGroup(members);
  return next === undefined && group.needed === settled.needed && isSameMembers(group, settled);
}

/**
 * The next step of the way to `members`: a move with both groups, then the new one alone; a first choice that stays only
 * gets by with fewer. Only from a write that a quorum is known to hold: a node that sees the step half done is to find
 * those who saw less.
 */
export function stepTowards(holders: Holders, members: readonly NodeId[]): Holders {
  const [group, next] = holders;
  if (next !== undefined) return [next];
  const settled = settledGroup(members);
  return isSameMembers(group, settled) ? [settled] : [group, settled];
}

/** Who holds when the move that is under way, if there is one, is done. */
export function lastMembers(holders: Holders): readonly NodeId[] {
  return (holders[1] ?? holders[0]).members;
}

function isSameMembers(a: HolderGroup, b: HolderGroup): boolean {
  return a.members.length === b.members.length && a.members.every((member) => b.members.includes(member));
}

function count(members: readonly NodeId[], has: (node: NodeId) => boolean): number {
  return members.reduce((sum, member) => sum + (has(member) ? 1 : 0), 0);
}

export function isSameHolders(a: Holders, b: Holders): boolean {
  return a.length === b.length && a.every((group, at) => isSameGroup(group, b[at]));
}

function isSameGroup(a: HolderGroup, b: HolderGroup | undefined): boolean {
  return b !== undefined && a.needed === b.needed && isSameMembers(a, b);
}
