// What is claimed of every mesh, whatever goes wrong around it, judged from outside by what its users see:
//
// - Once: no node gets a broadcast twice, nor its own, nor one that nobody sent [MESH-006] [MESH-007].
// - Passed on: whoever has a broadcast (its origin from when it was sent, others from when they got it) gives it to every
//   neighbour whose link lasts. A link lasts if it is still up `lastsMs` later: the same connection, never replaced. Within
//   that time a stream delivers what was written, or breaks (51 s by the simulated network's retransmissions); when one of
//   the two stood still, the time counts from then anew. By induction each node to which a path of lasting links leads gets
//   each broadcast [MESH-002] [MESH-003].
import type { Connection } from "@p2p/base";
import { Mesh, type MeshOptions } from "@p2p/mesh";
import type { NodeSeams, SimulatedNode, World } from "@p2p/simulator";

/** A mesh of the world, for as long as its node runs. */
export interface Member {
  readonly mesh: Mesh;
  /** When it got each broadcast, or sent it; virtual ms. */
  readonly held: ReadonlyMap<string, number>;
}

/** What a member is told besides what its world gives it. `network` is the same for all. */
export type MemberOptions = Omit<MeshOptions, "network" | "listen" | "clock" | "random" | "transports">;

interface Run {
  readonly name: string;
  readonly mesh: Mesh;
  readonly seams: NodeSeams;
  readonly node: SimulatedNode<unknown> | undefined;
  readonly held: Map<string, number>;
}

/** A link over which a broadcast is to come, and for how long its ends had stood still when the wait for that began. */
interface Owed {
  readonly link: Connection;
  readonly pausedMs: number;
}

const defaultLastsMs = 60_000;

/** Judges the broadcasts of texts that are sent by its {@link MeshWatch.broadcast}; other data is not its concern. */
export class MeshWatch {
  readonly #world: World;
  readonly #lastsMs: number;
  readonly #runs = new Map<string, Run>();
  readonly #sent = new Set<string>();
  readonly #wrong: string[] = [];
  #judged = 0;

  constructor(world: World, lastsMs: number = defaultLastsMs) {
    this.#world = world;
    this.#lastsMs = lastsMs;
    world.invariant("each broadcast comes once, and over every link that lasts", () => {
      if (this.#wrong.length > 0) throw new Error(this.#wrong.slice(0, 3).join("; "));
    });
  }

  /** How often a holder's link was judged: a scenario that asks for none claims nothing. */
  get judged(): number {
    return this.#judged;
  }

  /** Opens a member at its place in the world. For {@link World.start}. */
  async open(seams: NodeSeams, options: MemberOptions = {}): Promise<Member> {
    const { address, clock, random, transports } = seams;
    const mesh = new Mesh({ ...options, network: "swarm", listen: [address], clock, random, transports });
    const node = this.#world.nodes.find(({ name }) => name === seams.name);
    const run: Run = { name: seams.name, mesh, seams, node, held: new Map() };
    this.#runs.set(mesh.id, run);
    mesh.on("message", ({ data }) => {
      if (typeof data === "string") this.#got(run, data);
    });
    await mesh.open();
    return { mesh, held: run.held };
  }

  /** Sends a text that nobody has sent before. */
  broadcast({ name, value: { mesh } }: SimulatedNode<Member>, text: string, type = "message"): void {
    const run = this.#runs.get(mesh.id);
    if (run === undefined || this.#sent.has(text)) throw new TypeError(`${name} cannot send "${text}"`);
    this.#sent.add(text);
    mesh.broadcast(text, { type });
    this.#hold(run, text);
  }

  #got(run: Run, text: string): void {
    if (run.held.has(text)) this.#wrong.push(`${run.name} got "${text}" twice`);
    else if (!this.#sent.has(text)) this.#wrong.push(`${run.name} got "${text}", which nobody sent`);
    else this.#hold(run, text);
  }

  #hold(run: Run, text: string): void {
    run.held.set(text, this.#world.nowMs);
    this.#watch(run, text, run.mesh.node.connections);
  }

  #watch(run: Run, text: string, links: readonly Connection[]): void {
    const owed = links.map((link) => ({ link, pausedMs: this.#pausedMs(run, link) }));
    // The timer is the node's own: one that crashed owes nothing.
    run.seams.clock.setTimeout(() => this.#judge(run, text, owed), this.#lastsMs);
  }

  /** For how long the two ends of a link stood still so far. */
  #pausedMs(run: Run, { id }: Connection): number {
    return (run.node?.pausedMs ?? 0) + (this.#runs.get(id)?.node?.pausedMs ?? 0);
  }

  #judge(run: Run, text: string, owed: readonly Owed[]): void {
    const again: Connection[] = [];
    for (const { link, pausedMs } of owed) {
      const peer = this.#runs.get(link.id);
      if (!link.isOpen || peer === undefined) continue;
      this.#judged++;
      if (peer.held.has(text)) continue;
      if (this.#pausedMs(run, link) !== pausedMs) {
        again.push(link);
        continue;
      }
      const sinceMs = run.held.get(text);
      this.#wrong.push(`${run.name} has "${text}" since ${sinceMs} ms, and its neighbour ${peer.name} has not got it`);
    }
    if (again.length > 0) this.#watch(run, text, again);
  }
}

/** The members that are up now. */
export function membersOf(nodes: readonly SimulatedNode<Member>[]): SimulatedNode<Member>[] {
  return nodes.filter((node) => node.isReady);
}

/** Whether each of them is linked to each other by the links of some. */
export function isConnected(nodes: readonly SimulatedNode<Member>[]): boolean {
  const byId = new Map(nodes.map(({ value: { mesh } }) => [mesh.id, mesh]));
  const [first] = byId.keys();
  const reached = new Set(first === undefined ? [] : [first]);
  for (const id of reached) {
    for (const peer of byId.get(id)?.peers ?? []) if (byId.has(peer)) reached.add(peer);
  }
  return reached.size === byId.size;
}
