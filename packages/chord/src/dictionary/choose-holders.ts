// Which nodes are to hold a key that is used atomically: one a position, distinct as far as the ring has nodes. [CHORD-219]
import type { NodeId } from "@p2p/wire";

/** @param places for each position its owner and the nodes after it */
export function chooseHolders(places: readonly (readonly NodeId[])[]): readonly NodeId[] {
  const chosen = new Set<NodeId>();
  for (const nodes of places) {
    const node = nodes.find((each) => !chosen.has(each));
    if (node !== undefined) chosen.add(node);
  }
  return [...chosen];
}
