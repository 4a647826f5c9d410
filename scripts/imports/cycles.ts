// Finds files that import each other in a circle (Tarjan's strongly connected components, 1972).

/** Each circle as the list of its members; a node that imports itself is a circle of one. */
export function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];

  const walk = (node: string): number => {
    const index = order.size;
    let lowest = index;
    order.set(node, index);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) lowest = Math.min(lowest, walk(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, order.get(next) ?? index);
    }
    if (lowest === index) {
      const members = stack.splice(stack.indexOf(node));
      if (members.length > 1 || graph.get(node)?.includes(node)) found.push(members);
    }
    return lowest;
  };

  for (const node of graph.keys()) if (!order.has(node)) walk(node);
  return found;
}
