// Rings of real nodes in virtual time for the tests: one world, members that join one another, and what all believe.
import { type LinkConditions, type NodeSeams, type SimulatedNode, World } from "@p2p/simulator";
import { Chord } from "../chord.js";
import type { ChordOptions } from "../options.js";
import { type MemberView, viewOf } from "./ring-invariants.js";

export interface RingsOptions {
  readonly seed?: number;
  readonly conditions?: Partial<LinkConditions>;
  /** Of every chord. */
  readonly chord?: Partial<ChordOptions>;
}

export type Member = SimulatedNode<Chord>;

export class Rings {
  readonly world: World;
  readonly nodes: Member[] = [];
  readonly errors: Error[] = [];
  readonly #options: RingsOptions;
  #started = 0;

  constructor(options: RingsOptions = {}) {
    const { seed = 1, conditions = {} } = options;
    this.#options = options;
    this.world = new World({ seed, conditions, trace: "faults" });
  }

  /** Starts a node `n<number>` that joins by those given, or founds the ring; resolves when it is open. */
  async add(
    bootstrap: readonly Member[] = this.nodes.slice(0, 1),
    options: Partial<ChordOptions> = {},
  ): Promise<Member> {
    const open = async ({ address, clock, random, transports }: NodeSeams): Promise<Chord> => {
      const chord = new Chord({
        network: "test",
        listen: [address],
        bootstrap: bootstrap.map((each) => each.address),
        clock,
        random,
        transports,
        ...this.#options.chord,
        ...options,
      });
      chord.on("error", (error) => this.errors.push(error));
      await chord.open();
      return chord;
    };
    this.#started += 1;
    const node = await this.world.start(`n${this.#started - 1}`, open);
    this.nodes.push(node);
    return node;
  }

  /** Starts so many, each by one that came before, and waits until all have a place. */
  async grow(count: number, pauseMs = 50): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const before = this.nodes.length === 0 ? [] : [this.world.random.pick(this.nodes.filter((each) => each.isUp))];
      await this.add(before);
      await this.world.runFor(pauseMs);
    }
    await this.world.runUntil(() => this.live.every(({ role }) => role !== "seeking"));
  }

  get live(): readonly Chord[] {
    return this.nodes.filter((node) => node.isUp && node.isReady).map((node) => node.value);
  }

  get members(): readonly MemberView[] {
    return this.live.filter(({ role }) => role === "member").map(viewOf);
  }
}
