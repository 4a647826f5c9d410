// What holds of a whole ring, as seen by who sees all nodes at once: the invariants of Zave (TSE 2017). [CHORD-010]
import { type NodeId, nodeIdToBytes } from "@p2p/wire";
import { isBetween } from "../ring/arc.js";
import type { Contact } from "../ring/contact.js";

/** One live member, and what it believes. */
export interface MemberView {
  readonly self: Contact;
  readonly predecessor: Contact | undefined;
  readonly successors: readonly Contact[];
}

/** A list is in the order of the circle, and holds neither the node itself nor anybody twice. */
export function disorderedLists(members: readonly MemberView[]): string[] {
  return members
    .filter(({ self, successors }) =>
      successors.some((each, index) => {
        if (each.id === self.id) return true;
        const last = successors[index - 1];
        return last !== undefined && !isBetween(last.position, each.position, self.position);
      }),
    )
    .map(({ self }) => `the list of ${self.id} is in no order`);
}

/** The first live member of a list: the node itself if it is alone. */
function bestSuccessors(members: readonly MemberView[]): ReadonlyMap<NodeId, MemberView> {
  const byId = new Map(members.map((each) => [each.self.id, each]));
  const best = new Map<NodeId, MemberView>();
  for (const member of members) {
    const first = member.successors.map(({ id }) => byId.get(id)).find((each) => each !== undefined);
    if (first !== undefined) best.set(member.self.id, first);
    else if (member.successors.length === 0) best.set(member.self.id, member);
  }
  return best;
}

/** Each member has a live one in its list, or is alone. */
export function cutOffMembers(members: readonly MemberView[]): string[] {
  const best = bestSuccessors(members);
  return members.filter(({ self }) => !best.has(self.id)).map(({ self }) => `${self.id} has no live successor`);
}

/** The members that are met again and again by following first live successors, ring by ring. */
export function ringsOf(members: readonly MemberView[]): readonly (readonly MemberView[])[] {
  const best = bestSuccessors(members);
  const state = new Map<NodeId, "passed" | "done">();
  const rings: MemberView[][] = [];
  for (const start of members) {
    const path: MemberView[] = [];
    let at: MemberView | undefined = start;
    while (at !== undefined && !state.has(at.self.id)) {
      state.set(at.self.id, "passed");
      path.push(at);
      at = best.get(at.self.id);
    }
    if (at !== undefined && state.get(at.self.id) === "passed") rings.push(path.slice(path.indexOf(at)));
    for (const each of path) state.set(each.self.id, "done");
  }
  return rings;
}

/** There is one ring, in order: once round visits each of its members once. All other members lead to it. */
export function brokenRing(members: readonly MemberView[]): string[] {
  if (members.length === 0) return [];
  const problems = cutOffMembers(members);
  const rings = ringsOf(members);
  if (rings.length !== 1) problems.push(`there are ${rings.length} rings`);
  for (const ring of rings) {
    const [first] = ring;
    if (first === undefined) continue;
    const isOrdered = ring.every((each, index) => {
      const next = ring[index + 1];
      return (
        next === undefined || index === 0 || isBetween(each.self.position, next.self.position, first.self.position)
      );
    });
    if (!isOrdered) problems.push(`the ring of ${first.self.id} winds more than once`);
  }
  return problems;
}

/** Members that no list skips: as long as they are more than a list is long, the ring can be repaired. */
export function principals(members: readonly MemberView[]): readonly MemberView[] {
  return members.filter(({ self }) =>
    members.every((other) => {
      let last = other.self;
      for (const next of other.successors) {
        if (isBetween(last.position, self.position, next.position)) return false;
        last = next;
      }
      return true;
    }),
  );
}

/** How the members differ from the ideal: each knows its predecessor and the `listLength` members that follow it. */
export function unlikeIdeal(members: readonly MemberView[], listLength: (member: MemberView) => number): string[] {
  const sorted = [...members].sort((a, b) => (isBetweenZero(a, b) ? -1 : 1));
  const problems: string[] = [];
  for (const [index, member] of sorted.entries()) {
    const length = Math.min(listLength(member), sorted.length - 1);
    const ideal = Array.from({ length }, (_, step) => sorted[(index + 1 + step) % sorted.length]?.self.id);
    const list = member.successors.slice(0, length).map(({ id }) => id);
    if (list.join() !== ideal.join()) problems.push(`${member.self.id} lists ${list}, not ${ideal}`);
    const before = sorted.length === 1 ? undefined : sorted[(index + sorted.length - 1) % sorted.length]?.self.id;
    if (member.predecessor?.id !== before) {
      problems.push(`${member.self.id} takes ${member.predecessor?.id} for its predecessor, not ${before}`);
    }
  }
  return problems;
}

function isBetweenZero(a: MemberView, b: MemberView): boolean {
  for (const [index, byte] of a.self.position.entries()) {
    const difference = byte - (b.self.position[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** The view of a member of whom only ids are known, such as a `Chord`. */
export function viewOf(member: {
  readonly id: NodeId;
  readonly predecessor: NodeId | undefined;
  readonly successors: readonly NodeId[];
}): MemberView {
  const contact = (id: NodeId): Contact => ({ id, position: nodeIdToBytes(id), addresses: [] });
  return {
    self: contact(member.id),
    predecessor: member.predecessor === undefined ? undefined : contact(member.predecessor),
    successors: member.successors.map(contact),
  };
}
