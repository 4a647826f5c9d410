// The shape of the mesh: which links both ends agree on, and whether one can get everywhere over them.
import type { Name } from "./deliveries.js";

/** What each process says its neighbours are. */
export type Neighbours = ReadonlyMap<Name, ReadonlySet<Name>>;

/** One link, its ends in order of their names. */
export type Link = readonly [Name, Name];

/** Links that both ends report. */
export function linksOf(neighbours: Neighbours): readonly Link[] {
  const links: Link[] = [];
  for (const [name, others] of neighbours) {
    for (const other of others) if (name < other && neighbours.get(other)?.has(name)) links.push([name, other]);
  }
  return links;
}

/** Whether all of these processes, and nobody else, are linked with one another, over however many hops. */
export function isWhole(neighbours: Neighbours): boolean {
  const links = linksOf(neighbours);
  const reported = [...neighbours.values()].reduce((sum, others) => sum + others.size, 0);
  // Each link is reported twice; a report left over is of one that the other end does not have, or of someone gone.
  if (reported !== 2 * links.length) return false;
  const [start] = neighbours.keys();
  if (start === undefined) return true;
  const reached = new Set([start]);
  for (const name of reached) for (const other of neighbours.get(name) ?? []) reached.add(other);
  return reached.size === neighbours.size;
}

/** The one with most links: the greatest loss. The first of equals; undefined of nobody. */
export function bestLinked(neighbours: Neighbours): Name | undefined {
  let best: Name | undefined;
  let most = -1;
  for (const [name, others] of neighbours) {
    if (others.size <= most) continue;
    best = name;
    most = others.size;
  }
  return best;
}

/** Links of `after` that were not in `before`. */
export function newLinks(before: readonly Link[], after: readonly Link[]): readonly Link[] {
  const known = new Set(before.map((link) => link.join(" ")));
  return after.filter((link) => !known.has(link.join(" ")));
}
