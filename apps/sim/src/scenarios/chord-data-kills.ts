// Two members of a ring crash at the same instant, again and again, under load: nobody reads less than was acknowledged.
import { type ReadEnd, WriteHistory } from "@p2p/chord/testing";
import type { NodeSeams, Scenario, World } from "@p2p/simulator";
import { type Member, RingWatch } from "../chord/ring-watch.js";

const apartMs = 40;
const settleMs = 10_000;
/** Between two crashes, in ms. */
const pauseMs = { least: 2_000, most: 5_000 } as const;
const atOnce = 2;
const lanes = 2;
const keysPerLane = 6;

/** Writers and readers on all members, each of which ends with its member. */
class Load {
  readonly history: WriteHistory;
  readonly #world: World;
  readonly #ring: RingWatch;
  #isOver = false;

  constructor(world: World, ring: RingWatch) {
    this.#world = world;
    this.#ring = ring;
    this.history = new WriteHistory(() => world.nowMs);
  }

  begin(member: Member): void {
    for (let lane = 0; lane < lanes; lane += 1) void this.#run(member, `${member.name}/${lane}`);
  }

  end(): void {
    this.#isOver = true;
  }

  /** Writes keys of its own in turns, and after each one reads any. What is under way when its member crashes never ends. */
  async #run(member: Member, name: string): Promise<void> {
    for (let turn = 0; !this.#isOver && member.isUp; turn += 1) {
      const key = `${name}/${turn % keysPerLane}`;
      await this.history.write(key, (value) => member.value.set(key, value));
      const { keys } = this.history;
      if (keys.length > 0) await this.read(member, this.#world.random.pick(keys));
    }
  }

  read(member: Member, key: string): Promise<ReadEnd> {
    return this.history.read(key, async () => {
      const value = await member.value.get(key);
      return typeof value === "number" ? value : null;
    });
  }

  /** Reads every key that has an acknowledged value, each by any member. */
  async readAll(): Promise<void> {
    const reads = this.history.keys.map((key) => this.read(this.#world.random.pick([...this.#ring.members]), key));
    await this.#world.run(Promise.all(reads));
  }
}

export function dataKills(name: string, count: number, kills: number): Scenario {
  return {
    name,
    nodes: Array.from({ length: count }, (_, number) => `n${number}`),
    // The crashes are the fault.
    faults: { count: 0, durationMs: 1 },
    world: { conditions: { latency: { minMs: 2, maxMs: 15, spikeChance: 0.01, spikeMs: 100 } }, trace: "off" },
    async run(world, _begin, nodes) {
      const ring = new RingWatch(world);
      await ring.grow(nodes, apartMs, settleMs);
      const load = new Load(world, ring);
      for (const member of ring.members) load.begin(member);
      let lastName = count;
      for (let kill = 0; kill < kills; kill += 1) {
        await world.runFor(pauseMs.least + world.random.float() * (pauseMs.most - pauseMs.least));
        for (const victim of world.random.shuffle([...ring.members]).slice(0, atOnce)) {
          ring.crash(victim);
        }
        for (let started = 0; started < atOnce; started += 1) {
          const bootstrap = ring.members.map(({ address }) => address);
          const open = (seams: NodeSeams) => RingWatch.open(seams, { bootstrap });
          world.after(0, "start", () => {
            void world.start(`n${lastName++}`, open).then(async (next) => {
              const member = next as Member;
              await member.value.ready();
              ring.members.push(member);
              load.begin(member);
            });
          });
        }
      }
      await world.runFor(pauseMs.most);
      load.end();
      await world.runFor(30_000);
      await load.readAll();
      const { history } = load;
      if (history.stale.length > 0) throw new Error(`stale: ${history.stale.join("; ")}`);
      if (history.counts.acknowledged < 100 * kills) throw new Error(`only ${history.counts.acknowledged} writes`);
    },
  };
}
