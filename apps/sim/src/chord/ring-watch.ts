// Rings of simulated nodes, watched from outside: how they begin, what they look up, and what is wrong with them.
import { Chord, type ChordOptions } from "@p2p/chord";
import { brokenRing, disorderedLists, unlikeIdeal, viewOf } from "@p2p/chord/testing";
import type { NodeSeams, SimulatedNode, World } from "@p2p/simulator";

export type Member = SimulatedNode<Chord>;

/** A round of stabilising, in ms: the default of the package. */
export const roundMs = 5_000;

/** Successors that all lists have at least, in rings that have so many. */
const shortestList = 8;

export interface LookupReport {
  readonly asked: number;
  /** Those that named the live owner. */
  readonly right: number;
  readonly failed: number;
  /** Nodes passed, in order of size. */
  readonly hops: readonly number[];
}

export class RingWatch {
  readonly members: Member[] = [];
  readonly #world: World;
  /** What members sent that crashed. */
  #bytesOfCrashed = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** A node's factory. */
  static async open(
    { address, clock, random, transports }: NodeSeams,
    options: Pick<ChordOptions, "id" | "bootstrap" | "serve" | "security" | "auditMs" | "compareMs">,
  ): Promise<Chord> {
    const chord = new Chord({ network: "swarm", listen: [address], clock, random, transports, ...options });
    await chord.open();
    return chord;
  }

  /** Starts members, each by one that is there; `apartMs` lies between two, and they have a while at the end. */
  async grow(names: readonly string[], apartMs: number, settleMs: number): Promise<void> {
    for (const name of names) {
      const bootstrap = this.members.length === 0 ? [] : [this.#world.random.pick(this.members).address];
      this.members.push(await this.#world.start(name, (seams: NodeSeams) => RingWatch.open(seams, { bootstrap })));
      await this.#world.runFor(apartMs);
    }
    await this.#world.runUntil(() => this.live.every(({ role }) => role === "member"));
    await this.#world.runFor(settleMs);
  }

  /** Starts all at once, and waits until each knows its place. Two ways to join, so that one that is down keeps nobody out. */
  async found(names: readonly string[]): Promise<void> {
    const bootstrap = names.slice(0, 2).map((name) => `sim://${name}:1`);
    const open = (seams: NodeSeams) => RingWatch.open(seams, { bootstrap });
    for (const name of names) this.members.push(await this.#world.start(name, open));
    await this.settled();
  }

  /** Until nothing is wrong with the ring. */
  async settled(): Promise<void> {
    await this.#world.runUntil(() => this.unsettled.length === 0);
  }

  get live(): readonly Chord[] {
    return this.members.filter((node) => node.isReady).map((node) => node.value);
  }

  /** What is wrong with the ring; nothing when it is one and in order. */
  get broken(): readonly string[] {
    const views = this.live.filter(({ role }) => role === "member").map(viewOf);
    return [...disorderedLists(views), ...brokenRing(views)];
  }

  /** Who is no member. */
  get outside(): readonly string[] {
    const outside = this.members.filter((node) => !node.isReady || node.value.role !== "member");
    return outside.map(({ name }) => `${name} is no member`);
  }

  /** Besides, which lists and predecessors are not those that they should be in the end. */
  get unsettled(): readonly string[] {
    const views = this.live.map(viewOf);
    return [...this.outside, ...this.broken, ...unlikeIdeal(views, () => shortestList)];
  }

  /** Bytes that all nodes sent so far, those among them that {@link crash} ended. */
  get bytesSent(): number {
    return this.live.reduce((sum, { node }) => sum + node.counters.bytesOut, this.#bytesOfCrashed);
  }

  /** Ends a member for good. */
  crash(member: Member): void {
    if (member.isReady) this.#bytesOfCrashed += member.value.node.counters.bytesOut;
    member.crash();
    const place = this.members.indexOf(member);
    if (place >= 0) this.members.splice(place, 1);
  }

  /** Looks up random positions from random members, one after the other begun. */
  async lookUp(count: number, apartMs: number): Promise<LookupReport> {
    const { random } = this.#world;
    const sorted = [...this.live].sort((a, b) => compare(a.node.idBytes, b.node.idBytes));
    const hops: number[] = [];
    let right = 0;
    let failed = 0;
    const lookups: Promise<void>[] = [];
    for (let index = 0; index < count; index++) {
      const position = Uint8Array.from({ length: 48 }, () => random.integer(256));
      const owner = sorted.find(({ node }) => compare(node.idBytes, position) >= 0) ?? sorted[0];
      const lookup = random
        .pick(sorted)
        .lookup(position)
        .then(
          (found) => {
            hops.push(found.hops);
            if (found.id === owner?.id) right++;
          },
          () => {
            failed++;
          },
        );
      lookups.push(lookup);
      await this.#world.runFor(apartMs);
    }
    await this.#world.run(Promise.all(lookups));
    return { asked: count, right, failed, hops: hops.sort((a, b) => a - b) };
  }
}

export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / Math.max(1, numbers.length);
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < a.length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
