// The machines of reads and plain writes, by hand: who is asked, and when it is done.
import { type NodeId, nodeIdFromBytes } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainWrite, type Write } from "../store/record.js";
import type { Answer } from "./answers.js";
import type { Ask, Inquiry } from "./inquiry.js";
import { QuorumGet } from "./quorum-get.js";
import { QuorumPut } from "./quorum-put.js";

const nodes = Array.from({ length: 12 }, (_, n) => nodeIdFromBytes(new Uint8Array(48).fill(n)));
const at = (n: number) => nodes[n] as NodeId;
const key = Uint8Array.of(1);
const write = (timeUs: number): Write => plainWrite({ timeUs, origin: at(0) }, Uint8Array.of(timeUs));
/** In charge of all positions, and sure of all or none. */
const has = (value?: Write, isReady = true, isSure = true): Answer => {
  return { kind: "has", write: value, isReady, standing: { charge: 31, sure: isSure ? 31 : 0 } };
};
const tookIt: Answer = { kind: "taken", charge: 31 };

/** A machine, and the nodes that it asked and that have not answered. */
class Desk<Result> {
  readonly asked: Ask[] = [];
  readonly machine: Inquiry<Result>;

  /** @param owners of the positions, each with the two behind it */
  constructor(machine: Inquiry<Result>, owners: readonly number[]) {
    this.machine = machine;
    for (const [position, owner] of owners.entries()) {
      this.asked.push(...machine.found(position, [at(owner), at((owner + 5) % 12), at((owner + 6) % 12)]));
    }
  }

  answer(node: number, answer: Answer | undefined): this {
    const index = this.asked.findIndex((ask) => ask.node === at(node));
    const [ask] = this.asked.splice(index, 1);
    if (index < 0 || ask === undefined) throw new Error(`node ${node} is not asked`);
    this.asked.push(...(answer === undefined ? this.machine.failed(ask) : this.machine.answered(ask, answer)));
    return this;
  }

  get open(): readonly (readonly [number, string])[] {
    return this.asked.map(({ node, question }) => [nodes.indexOf(node), question.kind]);
  }
}

const read = (owners = [0, 1, 2, 3, 4]) => new Desk(new QuorumGet(key, 3), owners);
const put = (owners = [0, 1, 2, 3, 4]) => new Desk(new QuorumPut(key, write(5), 3), owners);

describe("a read", () => {
  test("[CHORD-206] is done when three positions agree, and mends who has less", () => {
    const desk = read()
      .answer(0, has(write(5)))
      .answer(1, has(write(4)))
      .answer(2, has(write(5)));
    expect(desk.machine.result).toBeUndefined();
    desk.answer(3, has(write(5)));
    expect(desk.machine.result).toEqual({ kind: "found", write: write(5), positions: 3 });
    expect(desk.open).toEqual([
      [4, "get"],
      [1, "put"],
    ]);
    expect(desk.answer(4, has()).open).toEqual([
      [1, "put"],
      [4, "put"],
    ]);
  });

  test("[CHORD-205] asks the members behind one that fails, or is not ready", () => {
    const desk = read().answer(0, undefined).answer(1, has(undefined, false));
    expect(desk.open).toEqual([
      [2, "get"],
      [3, "get"],
      [4, "get"],
      [5, "get"],
      [6, "get"],
    ]);
    desk
      .answer(5, has(write(5)))
      .answer(6, has(write(5)))
      .answer(2, has(write(5)));
    expect(desk.machine.result).toMatchObject({ kind: "found", positions: 3 });
  });

  test("[CHORD-207] finds the one copy that is left, and gives it to a majority first", () => {
    const desk = read();
    for (const node of [0, 1, 2, 3]) desk.answer(node, has());
    desk.answer(4, has(write(5)));
    expect(desk.machine.result).toBeUndefined();
    expect(desk.open.map(([, kind]) => kind)).toEqual(["put", "put", "put", "put"]);
    desk.answer(0, tookIt).answer(1, undefined).answer(2, tookIt);
    expect(desk.machine.result).toEqual({ kind: "found", write: write(5), positions: 3 });
  });

  test("[CHORD-208] finds nothing only when all that can answer did, and at least three", () => {
    const desk = read();
    for (const node of [0, 1, 2, 3]) desk.answer(node, has());
    expect(desk.machine.result).toBeUndefined();
    expect(desk.answer(4, has()).machine.result).toEqual({ kind: "found", write: undefined, positions: 5 });
    const dead = new Desk(new QuorumGet(key, 1), [0, 1, 2, 3, 4]);
    for (const node of [0, 1, 2]) dead.answer(node, undefined);
    expect(dead.answer(3, has()).answer(4, has()).machine.result).toEqual({ kind: "no-majority", positions: 2 });
  });

  test("[CHORD-206] in a small ring one node stands for several positions", () => {
    const desk = read([0, 0, 0, 1, 1]);
    expect(desk.open).toHaveLength(2);
    expect(desk.answer(0, has(write(5))).machine.result).toEqual({ kind: "found", write: write(5), positions: 3 });
  });

  test("[CHORD-206] [CHORD-210] whatever answers come in whatever order, a read that follows a write finds it", () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 });
    fc.assert(
      fc.property(order, order, fc.integer({ min: 0, max: 2 }), (writers, readers, dead) => {
        const writing = put();
        const taken = new Set<number>();
        for (const node of writers) {
          if (writing.machine.result !== undefined) break;
          writing.answer(node, tookIt);
          taken.add(node);
        }
        const reading = new Desk(new QuorumGet(key, 1), [0, 1, 2, 3, 4]);
        for (const [index, node] of readers.entries()) {
          reading.answer(node, index < dead ? undefined : has(taken.has(node) ? write(5) : write(3)));
        }
        while (reading.asked.length > 0) reading.answer(reading.open[0]?.[0] ?? 0, tookIt);
        expect(reading.machine.result).toMatchObject({ kind: "found", write: write(5) });
      }),
    );
  });
});

describe("a plain write", () => {
  test("[CHORD-210] is done when three positions took it", () => {
    const desk = put().answer(0, tookIt).answer(1, tookIt);
    expect(desk.machine.result).toBeUndefined();
    expect(desk.answer(2, tookIt).machine.result).toEqual({ kind: "held", positions: 3 });
  });

  test("[CHORD-210] is taken by three nodes, also where one owns all positions", () => {
    const desk = put([0, 0, 0, 0, 0]);
    expect(desk.open).toEqual([
      [0, "put"],
      [5, "put"],
      [6, "put"],
    ]);
    expect(desk.answer(0, tookIt).answer(5, tookIt).machine.result).toBeUndefined();
    expect(desk.answer(6, tookIt).machine.result).toEqual({ kind: "held", positions: 5 });
  });

  test("[CHORD-205] goes to the members behind those that refuse, and fails with their reason", () => {
    const desk = put().answer(0, { kind: "refused", reason: "full" });
    expect(desk.open).toContainEqual([5, "put"]);
    for (const node of [1, 2, 3, 4]) desk.answer(node, undefined);
    while (desk.asked.length > 0) desk.answer(desk.open[0]?.[0] ?? 0, { kind: "refused", reason: "full" });
    expect(desk.machine.result).toEqual({ kind: "no-majority", positions: 0, reason: "full" });
  });

  test("[CHORD-203] [CHORD-224] ends when a holder has something newer, or the key is used atomically", () => {
    const newest = { timeUs: 9, origin: at(3) };
    expect(put().answer(1, { kind: "stale", newest }).machine.result).toEqual({ kind: "outrun", newest });
    expect(put().answer(1, { kind: "atomic" }).machine.result).toEqual({ kind: "atomic" });
  });
});
