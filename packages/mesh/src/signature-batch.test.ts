import { type NodeId, nodeIdFromBytes } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { SignatureBatch } from "./signature-batch.js";

const [one, two] = [1, 2].map((byte) => nodeIdFromBytes(new Uint8Array(48).fill(byte))) as [NodeId, NodeId];

const growthBytes = 10;

/** A batch whose signatures are a byte that tells how many frames they serve. */
class Stage {
  readonly sent: [length: number, served: number, exclude: readonly NodeId[] | undefined][] = [];
  readonly failures: unknown[] = [];
  readonly turns: (() => void)[] = [];
  longestTaken = 1_000;
  isKeyGone = false;
  readonly batch: SignatureBatch;

  constructor() {
    this.batch = new SignatureBatch({
      signing: {
        batchFrames: 4,
        batchGrowthBytes: growthBytes,
        sign: (frames) => {
          if (this.isKeyGone) throw new Error("the key is gone");
          return frames.map((frame) => new Uint8Array(frame.length).fill(frames.length));
        },
      },
      maxBytes: 300,
      isTaken: (bytes) => bytes <= this.longestTaken,
      beforeFlush: (finish) => this.turns.push(finish),
      send: (frame, exclude) => this.sent.push([frame.length, frame[0] ?? 0, exclude]),
      failed: (error) => this.failures.push(error),
    });
  }

  add(...lengths: number[]): void {
    for (const length of lengths) this.batch.add(new Uint8Array(length), undefined);
  }

  endTurn(): void {
    for (const finish of this.turns.splice(0)) finish();
  }

  /** Lengths of what was sent, each with how many it was signed with. */
  get signed(): [number, number][] {
    return this.sent.map(([length, served]) => [length, served]);
  }
}

describe("[SEC-088] broadcasts that wait for one signature", () => {
  test("those of a turn are signed together at its end, in their order, each for whom it is", () => {
    const stage = new Stage();
    stage.batch.add(new Uint8Array(20), [one]);
    stage.batch.add(new Uint8Array(21), undefined);
    stage.batch.add(new Uint8Array(22), [one, two]);
    expect([stage.sent, stage.turns.length, stage.batch.bytes]).toEqual([[], 1, 63 + 3 * growthBytes]);
    stage.endTurn();
    expect(stage.sent).toEqual([
      [20, 3, [one]],
      [21, 3, undefined],
      [22, 3, [one, two]],
    ]);
    expect(stage.batch.bytes).toBe(0);
  });

  test("a turn with none is not asked for, and the next turn is a batch of its own", () => {
    const stage = new Stage();
    stage.endTurn();
    stage.add(20);
    stage.endTurn();
    expect([stage.signed, stage.turns.length]).toEqual([[[20, 1]], 0]);
    stage.add(21, 22);
    stage.endTurn();
    expect(stage.signed.slice(1)).toEqual([
      [21, 2],
      [22, 2],
    ]);
  });

  test("as many as one signature serves do not wait for the end of the turn", () => {
    const stage = new Stage();
    stage.add(20, 21, 22, 23, 24);
    expect(stage.signed).toEqual([20, 21, 22, 23].map((length) => [length, 4]));
    expect(stage.turns.length).toBe(1);
    stage.endTurn();
    expect(stage.signed.at(-1)).toEqual([24, 1]);
  });

  test("so many bytes wait and no more; what is longer goes alone, after those before it", () => {
    const stage = new Stage();
    stage.add(140, 140);
    expect([stage.signed, stage.batch.bytes]).toEqual([[], 300]);
    stage.add(1);
    expect(stage.signed).toEqual([
      [140, 2],
      [140, 2],
    ]);
    stage.add(291, 5);
    expect(stage.signed.slice(2)).toEqual([
      [1, 1],
      [291, 1],
    ]);
    stage.endTurn();
    expect(stage.signed.at(-1)).toEqual([5, 1]);
  });

  test("what fits a neighbour's limit alone, and not with a path, goes alone", () => {
    const stage = new Stage();
    stage.longestTaken = 100;
    stage.add(20, 90, 91, 21);
    expect(stage.signed).toEqual([
      [20, 2],
      [90, 2],
      [91, 1],
    ]);
    stage.endTurn();
    expect(stage.signed.at(-1)).toEqual([21, 1]);
  });

  test("what waits is sent before the end of the turn when that is asked for, and once", () => {
    const stage = new Stage();
    stage.batch.finish();
    stage.add(20, 21);
    stage.batch.finish();
    expect(stage.signed.length).toBe(2);
    stage.endTurn();
    expect(stage.signed.length).toBe(2);
  });

  test("where nothing can be signed nothing is sent, and it is told", () => {
    const stage = new Stage();
    stage.isKeyGone = true;
    stage.add(20);
    stage.endTurn();
    expect([stage.sent, stage.failures.length, stage.batch.bytes]).toEqual([[], 1, 0]);
    stage.isKeyGone = false;
    stage.add(21);
    stage.endTurn();
    expect(stage.signed).toEqual([[21, 1]]);
  });
});
