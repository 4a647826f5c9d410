import { describe, expect, test } from "vitest";
import { BaseError } from "../errors.js";
import { MessageStream } from "./message-stream.js";

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe("[BASE-115] MessageStream", () => {
  test("gives items in order, those before the read and those after, then ends", async () => {
    const stream = new MessageStream<number>();
    stream.push(1);
    stream.push(2);
    const read = all(stream);
    await Promise.resolve();
    stream.push(3);
    stream.push(4);
    stream.end();
    stream.end();
    expect(stream.push(5)).toBe(false);
    expect(await read).toEqual([1, 2, 3, 4]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("answers false when full, and calls onDrain when read empty", async () => {
    let drains = 0;
    const stream = new MessageStream<number>({ capacity: 3, onDrain: () => drains++ });
    expect([stream.push(1), stream.push(2), stream.push(3)]).toEqual([true, true, false]);
    await stream.next();
    expect([stream.size, drains]).toEqual([2, 0]);
    await stream.next();
    await stream.next();
    expect(drains).toBe(1);
    stream.push(4);
    await stream.next();
    expect(drains).toBe(1);
  });

  test("fails on overflow, after what was kept", async () => {
    let ends = 0;
    const stream = new MessageStream<number>({ capacity: 2, onEnd: () => ends++ });
    for (let i = 0; i < 5; i++) stream.push(i);
    expect((await stream.next()).value).toBe(0);
    expect((await stream.next()).value).toBe(1);
    const error = await stream.next().catch((reason: unknown) => reason);
    expect(error instanceof BaseError ? error.code : error).toBe("stream-overflow");
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(ends).toBe(1);
  });

  test("drops the oldest and counts, if so asked", async () => {
    const stream = new MessageStream<number>({ capacity: 2, overflow: "drop-oldest" });
    for (let i = 0; i < 5; i++) stream.push(i);
    stream.end();
    expect([await all(stream), stream.dropped]).toEqual([[3, 4], 3]);
  });

  test("leaving the loop ends it", async () => {
    let ends = 0;
    const stream = new MessageStream<number>({ onEnd: () => ends++ });
    stream.push(1);
    stream.push(2);
    for await (const item of stream) {
      expect(item).toBe(1);
      break;
    }
    expect([ends, stream.size, stream.push(3)]).toEqual([1, 0, false]);
    await stream[Symbol.asyncDispose]();
  });

  test("an abort reaches a reader that waits, with the reason of the signal", async () => {
    const controller = new AbortController();
    const stream = new MessageStream<number>({ signal: controller.signal });
    const waiting = stream.next();
    const second = stream.next();
    const reason = new Error("stop");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(await second).toEqual({ done: true, value: undefined });
    await expect(new MessageStream({ signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
  });

  test("a signal that is aborted already does not call who made the stream, as that has no stream yet", async () => {
    const reason = new Error("stop");
    const stream: MessageStream<number> = new MessageStream<number>({
      signal: AbortSignal.abort(reason),
      onEnd: () => stream.size,
    });
    expect(stream.push(1)).toBe(false);
    await expect(stream.next()).rejects.toBe(reason);
  });

  test("keeps the order over many items", async () => {
    const stream = new MessageStream<number>({ capacity: 10_000 });
    const read: number[] = [];
    let next = 0;
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i < (round * 7) % 50; i++) stream.push(next++);
      for (let i = 0; i < (round * 5) % 30 && stream.size > 0; i++) read.push((await stream.next()).value ?? -1);
    }
    stream.end();
    read.push(...(await all(stream)));
    expect(read).toEqual(Array.from({ length: next }, (_, index) => index));
  });

  test("a capacity below 1 is the caller's mistake", () => {
    expect(() => new MessageStream({ capacity: 0 })).toThrow(RangeError);
  });
});
