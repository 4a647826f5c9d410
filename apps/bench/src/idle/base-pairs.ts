// Connections of @p2p/base nodes. Two nodes have one connection at most, so some nodes are connected each with each.
import { Node } from "@p2p/base";
import type { Pairs } from "./pairs.js";

/** The least number of nodes that have this many pairs among them. */
function nodesFor(pairCount: number): number {
  return Math.ceil((1 + Math.sqrt(1 + 8 * pairCount)) / 2);
}

/** All pairs of the nodes, neighbours in the list first: so that the first pairs are spread over all nodes. */
function* pairsOf(nodes: readonly Node[]): Generator<readonly [Node, Node]> {
  for (let distance = 1; distance < nodes.length; distance++) {
    for (let i = distance; i < nodes.length; i++) {
      yield [nodes[i], nodes[i - distance]] as [Node, Node]; // both indices are within the list
    }
  }
}

export function basePairs(): Pairs {
  let pairs: Iterator<readonly [Node, Node]>;
  return {
    async prepare(count) {
      const nodes = Array.from({ length: nodesFor(count) }, () => {
        return new Node({ network: "bench", listen: ["tcp://127.0.0.1:0"] });
      });
      await Promise.all(nodes.map((node) => node.open()));
      pairs = pairsOf(nodes);
    },
    async open(count) {
      for (let i = 0; i < count; i++) {
        const { value, done } = pairs.next();
        if (done) throw new RangeError("more pairs than were prepared for");
        const [dialler, listener] = value;
        await dialler.dial(listener.addresses[0] as string); // open nodes that listen have an address
      }
    },
  };
}
