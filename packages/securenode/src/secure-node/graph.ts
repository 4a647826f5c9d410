// Who is connected with whom, found out by asking one node after the other: what to ask next, and what is known [SEC-245].
import type { NodeId } from "@p2p/wire";

/** What is known of one node. */
export interface GraphNode {
  readonly id: NodeId;
  /** Hops from this node, which is at 0. */
  readonly hops: number;
  /** Who it says it is connected with; undefined when it did not answer. */
  readonly neighbours: readonly NodeId[] | undefined;
  /** Milliseconds to it and back, along the shortest way; undefined for this node and who did not answer. */
  readonly latencyMs: number | undefined;
}

/** A connection. */
export interface GraphEdge {
  readonly ends: readonly [NodeId, NodeId];
  /** Whether both ends say so: what one alone says need not be true. */
  readonly isMutual: boolean;
}

export interface NetworkGraph {
  readonly nodes: ReadonlyMap<NodeId, GraphNode>;
  readonly edges: readonly GraphEdge[];
  /** Whether every node within the hops answered, and all fitted in. */
  readonly isComplete: boolean;
}

/** A node to ask, and the nodes in between. */
export interface Inquiry {
  readonly id: NodeId;
  readonly path: readonly NodeId[];
}

interface Found {
  readonly hops: number;
  /** Who knows it, the first ones: ways to it. */
  readonly vias: NodeId[];
  tries: number;
  neighbours?: readonly NodeId[];
  latencyMs?: number;
}

/** Ways that are tried to one node. */
const maxTries = 3;

export class Crawl {
  readonly #found = new Map<NodeId, Found>();
  readonly #queue: NodeId[] = [];
  readonly #hops: number;
  readonly #maxNodes: number;
  #isComplete = true;

  constructor(own: NodeId, neighbours: readonly NodeId[], hops: number, maxNodes: number) {
    this.#hops = hops;
    this.#maxNodes = maxNodes;
    this.#found.set(own, { hops: 0, vias: [], tries: 0, neighbours });
    this.#add(own, 0, neighbours);
  }

  /** The next node to ask; undefined when there is none before another answer comes. */
  next(): Inquiry | undefined {
    const id = this.#queue.shift();
    return id === undefined ? undefined : { id, path: this.#pathTo(id) };
  }

  answered(id: NodeId, neighbours: readonly NodeId[], latencyMs: number): void {
    const found = this.#found.get(id);
    if (found === undefined) return;
    found.neighbours = [...new Set(neighbours)].filter((neighbour) => neighbour !== id);
    found.latencyMs = latencyMs;
    this.#add(id, found.hops, found.neighbours);
  }

  /** No answer came: another way is tried, if there is one. */
  failed(id: NodeId): void {
    const found = this.#found.get(id);
    if (found === undefined) return;
    found.tries++;
    if (found.tries < Math.min(maxTries, found.vias.length)) this.#queue.push(id);
    else this.#isComplete = false;
  }

  /** The nodes in between, for all that are reached through others. */
  ways(): Map<NodeId, readonly NodeId[]> {
    const ways = new Map<NodeId, readonly NodeId[]>();
    for (const [id, { hops, neighbours }] of this.#found) {
      if (hops > 1 && neighbours !== undefined) ways.set(id, this.#pathTo(id));
    }
    return ways;
  }

  graph(): NetworkGraph {
    const nodes = new Map<NodeId, GraphNode>();
    const edges: GraphEdge[] = [];
    // As sets: who invents nodes invents as many connections as fit, and each is looked for.
    const told = new Map([...this.#found].map(([id, found]) => [id, new Set(found.neighbours)]));
    for (const [id, { hops, neighbours, latencyMs }] of this.#found) {
      nodes.set(id, { id, hops, neighbours, latencyMs });
      for (const other of neighbours ?? []) {
        const isMutual = told.get(other)?.has(id) ?? false;
        // Of an edge that both tell of, one is enough.
        if (!isMutual || id < other) edges.push({ ends: [id, other], isMutual });
      }
    }
    return { nodes, edges, isComplete: this.#isComplete && this.#queue.length === 0 };
  }

  #add(via: NodeId, hops: number, neighbours: readonly NodeId[]): void {
    for (const id of neighbours) {
      const known = this.#found.get(id);
      if (known !== undefined) {
        if (known.hops === hops + 1 && known.vias.length < maxTries) known.vias.push(via);
      } else if (hops + 1 <= this.#hops) {
        if (this.#found.size >= this.#maxNodes) {
          this.#isComplete = false;
          return;
        }
        this.#found.set(id, { hops: hops + 1, vias: [via], tries: 0 });
        this.#queue.push(id);
      }
    }
  }

  #pathTo(id: NodeId): readonly NodeId[] {
    const path: NodeId[] = [];
    for (let at = this.#found.get(id); at !== undefined && at.hops > 1; ) {
      const via = at.vias[Math.min(at.tries, at.vias.length - 1)];
      if (via === undefined) break;
      path.unshift(via);
      at = this.#found.get(via);
    }
    return path;
  }
}
