// What becomes of the operations of one owner while questions and answers are lost, and members are cut off: each happens once, or
// is told to have perhaps. [CHORD-280]
import { ownedKey } from "@p2p/base";
import { expect, test } from "vitest";
import { FakeRing } from "../testing/fake-ring.js";

/** What an operation says that did not happen. */
const undone = new Set(["no-majority", "contended"]);

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "operations of the owner count as often as they were done: seed %i",
  async (seed) => {
    const ring = new FakeRing({ hasProofs: true, seed, latencyMs: [1, 80], lossRate: 0.1 });
    await ring.grow(9);
    const { world } = ring;
    // Until all have their ranges: messages are lost from the beginning.
    await world.runFor(4_000);
    const [owner] = ring.live;
    if (owner === undefined) throw new Error("nobody is there");
    const key = ownedKey(ring.idOf(owner), "sum");
    let [done, unknown] = [0, 0];
    const add = (): Promise<void> =>
      owner.value
        .update(key, (sum) => Number(sum ?? 0) + 1, { timeoutMs: 5_000 })
        .then(
          () => {
            done += 1;
          },
          (error: { readonly code?: string }) => {
            if (error.code === "outcome-unknown") unknown += 1;
            else expect(undone).toContain(error.code);
          },
        );
    const pending: Promise<void>[] = [];
    let last = 0;
    const reads: Promise<unknown>[] = [];
    for (let turn = 0; turn < 60; turn += 1) {
      pending.push(add());
      if (turn % 10 === 3) {
        const far = new Set(ring.live.slice(1 + (turn % 4), 4 + (turn % 4)).map((node) => ring.idOf(node)));
        ring.isCut = (from, to) => far.has(from) !== far.has(to);
      }
      if (turn % 10 === 7) ring.isCut = () => false;
      if (turn % 5 === 4)
        reads.push(
          world.random
            .pick(ring.live)
            .value.get(key, { timeoutMs: 3_000 })
            .catch(() => undefined),
        );
      await world.runFor(400);
    }
    ring.isCut = () => false;
    await world.run(Promise.all(pending));
    for (const value of await world.run(Promise.all(reads))) last = Math.max(last, Number(value ?? 0));
    const sum = Number(await world.run(owner.value.get(key)));
    // A write counts only where those in charge take it: who is cut off from a third of them often waits until it is not.
    expect(done).toBeGreaterThan(10);
    expect(sum).toBeGreaterThanOrEqual(Math.max(done, last));
    expect(sum).toBeLessThanOrEqual(done + unknown);
    expect(ring.forged).toEqual([]);
  },
);
