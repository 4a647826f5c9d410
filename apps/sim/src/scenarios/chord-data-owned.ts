// Keys of identities while links are cut, slow and lossy, clocks jump, two members of eight forge, and an owner loses its disk:
// nobody ever reads what the owner of a key did not write, and in the end all read what it wrote last.
import { type Chord, ChordError } from "@p2p/chord";
import { Identity, noise } from "@p2p/securenode";
import type { NodeSeams, Scenario } from "@p2p/simulator";
import { type NodeId, sha256, type WireValue } from "@p2p/wire";
import { Forger } from "../chord/forger.js";
import { type Member, RingWatch } from "../chord/ring-watch.js";

const names = ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"];
const ownerCount = 2;
const forgerCount = 2;
const keysOfEach = 4;
const durationMs = 30_000;
const everyMs = 500;
const timeoutMs = 5_000;
/** After all is mended, for copies to come to those who hold keys now. */
const settleMs = 120_000;
/** Until all members know one another. */
const joinedMs = 10_000;
/** The forgers tell others to store something at every so many steps. */
const forgedEvery = 4;

/** What one key may be read as. */
class Owned {
  readonly key: string;
  readonly owner: Member;
  readonly id: NodeId;
  /** Values that were ever given to a set, in order. */
  readonly #written: WireValue[] = [];
  /** How many of these are surely overwritten. */
  #settled = 0;

  constructor(owner: Member, name: string) {
    this.owner = owner;
    this.id = owner.value.id;
    this.key = owner.value.owned(name);
  }

  set(): Promise<void> {
    const at = this.#written.length;
    this.#written.push(at);
    return this.owner.value.set(this.key, at, { timeoutMs }).then(
      () => {
        this.#settled = Math.max(this.#settled, at);
      },
      (error: unknown) => {
        if (!(error instanceof ChordError)) throw error;
      },
    );
  }

  check(value: WireValue | undefined, reader: string, isLast: boolean): void {
    const wanted = isLast ? this.#written.slice(this.#settled) : [undefined, ...this.#written];
    if (wanted.includes(value as WireValue)) return;
    throw new Error(`${reader} reads ${String(value)} at ${this.key.slice(-6)}, of ${wanted.join(", ")}`);
  }
}

export const chordDataOwned: Scenario = {
  name: "chord-data-owned-small",
  nodes: names,
  minNodes: 8,
  faults: { count: 6, durationMs, kinds: ["partition", "loss", "slow", "half-open", "clock-jump"] },
  world: { conditions: { latency: { minMs: 5, maxMs: 60, spikeChance: 0.01, spikeMs: 500 } }, trace: "faults" },
  async run(world, begin, nodes) {
    const watch = new RingWatch(world);
    const bootstrap = nodes.slice(0, 2).map((name) => `sim://${name}:1`);
    let found = 0;
    const open = async (seams: NodeSeams): Promise<Chord> => {
      const identity = Identity.fromSeed(sha256(new TextEncoder().encode(seams.name)));
      const options = { bootstrap, security: noise({ identity }), auditMs: 60_000, compareMs: 10_000 };
      const chord = await RingWatch.open(seams, options);
      chord.on("forged", () => {
        found += 1;
      });
      return chord;
    };
    for (const name of nodes) watch.members.push((await world.start(name, open)) as Member);
    await world.runUntil(() => watch.live.every(({ role }) => role === "member"));
    await world.runFor(joinedMs);
    const forgers = watch.members.slice(-forgerCount).map(({ value }) => new Forger(world, value));
    const owners = watch.members.slice(0, ownerCount);
    const numbers = Array.from({ length: keysOfEach }, (_, number) => number);
    const keys = owners.flatMap((owner) => numbers.map((number) => new Owned(owner, `key ${number}`)));
    await world.run(Promise.all(keys.map((each) => each.set())));
    begin();
    const reads: Promise<void>[] = [];
    const failures: Error[] = [];
    const read = (each: Owned, { name, value }: Member, isLast: boolean): Promise<void> =>
      value
        .get(each.key, { timeoutMs })
        .then(
          (seen) => each.check(seen, name, isLast),
          (error: unknown) => {
            if (isLast || !(error instanceof ChordError)) throw error;
          },
        )
        .catch((error: Error) => void failures.push(error));
    for (let passedMs = 0; passedMs <= durationMs; passedMs += everyMs) {
      const [written, seen, forged] = [0, 1, 2].map(() => world.random.pick(keys)) as [Owned, Owned, Owned];
      if (written.owner.isReady) void written.set();
      // Who crashes never ends its reads.
      const reader = world.random.pick(watch.members.slice(1, -forgerCount));
      if (reader.isReady) reads.push(read(seen, reader, false));
      if ((passedMs / everyMs) % forgedEvery === 0) world.random.pick(forgers).store(forged.key, forged.id);
      const [first] = owners;
      if (passedMs === durationMs / 2) first?.crash({ isPowerLost: true });
      if (passedMs === durationMs / 2 + 5_000 && first !== undefined) await world.restart(first);
      await world.runFor(everyMs);
    }
    await world.runFor(timeoutMs + 2_000);
    await world.run(Promise.all(reads));
    for (const { name } of watch.members.slice(-forgerCount)) {
      const member = watch.members.find((each) => each.name === name);
      if (member !== undefined) watch.crash(member);
    }
    await world.runFor(settleMs);
    const all = keys.flatMap((each) => watch.members.map((member) => ({ each, member })));
    await world.run(Promise.all(all.map(({ each, member }) => read(each, member, true))));
    const [failure] = failures;
    if (failure !== undefined) throw failure;
    if (found === 0) throw new Error("nobody found a forger out");
  },
};
