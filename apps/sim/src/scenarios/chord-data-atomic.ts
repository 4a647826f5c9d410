// Atomic operations on one key while links are cut, slow and lossy, and clocks jump: one order explains what all of them saw.
import { type Chord, ChordError } from "@p2p/chord";
import { linearize, type Operation } from "@p2p/chord/testing";
import type { Scenario } from "@p2p/simulator";
import { RingWatch } from "../chord/ring-watch.js";

const names = ["n0", "n1", "n2", "n3", "n4", "n5", "n6"];
const durationMs = 40_000;
const everyMs = 1_200;
const timeoutMs = 8_000;

/** What an operation says that did not happen. */
const undone = new Set(["no-majority", "contended", "no-members"]);

/** Adds 1, and remembers what it was told. */
function add(chord: Chord, history: Operation<number>[], nowMs: () => number): void {
  const at = history.length;
  const pending: Operation<number> = {
    name: "add 1",
    invokedAt: nowMs(),
    returnedAt: undefined,
    step: (state) => state + 1,
  };
  history.push(pending);
  chord
    .update("counter", (value) => Number(value ?? 0) + 1, { timeoutMs })
    .then(
      (seen) => {
        const step = (state: number) => (state + 1 === seen ? state + 1 : undefined);
        history[at] = { ...pending, name: `add 1: ${String(seen)}`, returnedAt: nowMs(), step };
      },
      (error: unknown) => {
        const code = error instanceof ChordError ? error.code : String(error);
        if (undone.has(code)) history[at] = { ...pending, name: code, returnedAt: nowMs(), step: (state) => state };
      },
    );
}

export const chordDataAtomic: Scenario = {
  name: "chord-data-atomic",
  nodes: names,
  minNodes: 7,
  faults: { count: 6, durationMs, kinds: ["partition", "loss", "slow", "half-open", "clock-jump"] },
  world: { conditions: { latency: { minMs: 5, maxMs: 60, spikeChance: 0.01, spikeMs: 500 } }, trace: "faults" },
  async run(world, begin, nodes) {
    const watch = new RingWatch(world);
    await watch.found(nodes);
    const history: Operation<number>[] = [];
    const nowMs = () => world.nowMs;
    const first = watch.live[0];
    if (first === undefined) throw new Error("nobody is there");
    // The key is created while all see one ring: section 6.3 of the chapter.
    await world.run(first.update("counter", () => 0));
    begin();
    for (let passedMs = 0; passedMs <= durationMs; passedMs += everyMs) {
      add(world.random.pick(watch.live), history, nowMs);
      await world.runFor(everyMs);
    }
    await watch.settled();
    await world.runFor(timeoutMs + 2_000);
    add(world.random.pick(watch.live), history, nowMs);
    await world.runFor(timeoutMs + 2_000);
    if (linearize(history, 0) === undefined) {
      throw new Error(`no order explains: ${history.map(({ name, invokedAt }) => `${invokedAt} ${name}`).join("; ")}`);
    }
    if (history.at(-1)?.name.startsWith("add 1: ") !== true) throw new Error("nothing is added though all is mended");
  },
};
