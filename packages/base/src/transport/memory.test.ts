import { describe, expect, test } from "vitest";
import { BaseError } from "../errors.js";
import { ChannelRecorder, ManualClock } from "../testing/index.js";
import { MemoryNetwork, memoryTransport } from "./memory.js";
import type { Channel } from "./transport.js";

const { signal } = new AbortController();

/** A pair on a clock that only the test moves. */
async function pair(bufferBytes = 100): Promise<{ clock: ManualClock; near: ChannelRecorder; far: ChannelRecorder }> {
  const clock = new ManualClock();
  const transport = memoryTransport({ network: new MemoryNetwork(), clock, bufferBytes });
  const accepted: Channel[] = [];
  await transport.listen("memory://alice", (channel) => accepted.push(channel));
  const dial = transport.dial("memory://alice", { signal });
  await clock.settle();
  const near = new ChannelRecorder(await dial);
  const [channel] = accepted;
  if (channel === undefined) throw new Error("nothing was accepted");
  return { clock, near, far: new ChannelRecorder(channel) };
}

describe("[BASE-120] the memory transport", () => {
  test("delivers through the queue of the clock alone, in the order of writing", async () => {
    const { clock, near, far } = await pair();
    near.channel.write([Uint8Array.of(1), Uint8Array.of(2)]);
    near.channel.write([Uint8Array.of(3)]);
    expect(far.receivedBytes).toBe(0);
    clock.runQueue();
    expect([...far.bytes()]).toEqual([1, 2, 3]);
    expect(clock.pendingJobs).toBe(0);
  });

  test("hands chunks over as they are, without a copy", async () => {
    const { clock, near, far } = await pair();
    const chunk = Uint8Array.of(1, 2, 3);
    near.channel.write([chunk]);
    await clock.settle();
    expect(far.chunks[0]).toBe(chunk);
  });

  test("[BASE-106] write answers false from the size of the buffer on, and onDrain comes when it is read empty", async () => {
    const { clock, near, far } = await pair(100);
    far.channel.pause();
    expect(near.channel.write([new Uint8Array(99)])).toBe(true);
    expect(near.channel.write([new Uint8Array(1)])).toBe(false);
    expect(near.channel.bufferedBytes).toBe(100);
    await clock.settle();
    expect([near.drains, far.receivedBytes]).toEqual([0, 0]);
    far.channel.resume();
    await clock.settle();
    expect([near.drains, far.receivedBytes, near.channel.bufferedBytes]).toEqual([1, 100, 0]);
  });

  test("a handler that pauses inside onData gets no more until it resumes", async () => {
    const clock = new ManualClock();
    const transport = memoryTransport({ network: new MemoryNetwork(), clock });
    const seen: number[] = [];
    let far: Channel | undefined;
    await transport.listen("memory://bob", (channel) => {
      far = channel;
      channel.open({
        onData: (chunk) => {
          seen.push(chunk[0] ?? 0);
          channel.pause();
        },
        onDrain: () => {},
        onClose: () => {},
      });
    });
    const dial = transport.dial("memory://bob", { signal });
    await clock.settle();
    (await dial).write([1, 2, 3].map((value) => Uint8Array.of(value)));
    await clock.settle();
    expect(seen).toEqual([1]);
    far?.resume();
    await clock.settle();
    expect(seen).toEqual([1, 2]);
    far?.resume();
    await clock.settle();
    expect(seen).toEqual([1, 2, 3]);
  });

  test("[BASE-110] a handler that destroys inside onData gets no more", async () => {
    const clock = new ManualClock();
    const transport = memoryTransport({ network: new MemoryNetwork(), clock });
    const calls: string[] = [];
    await transport.listen("memory://bob", (channel) =>
      channel.open({
        onData: () => {
          calls.push("data");
          channel.destroy();
        },
        onDrain: () => calls.push("drain"),
        onClose: () => calls.push("close"),
      }),
    );
    const dial = transport.dial("memory://bob", { signal });
    await clock.settle();
    (await dial).write([Uint8Array.of(1), Uint8Array.of(2)]);
    await clock.settle();
    expect(calls).toEqual(["data", "close"]);
  });

  test("networks are worlds of their own; the process has one by default", async () => {
    const ignore = (): void => {};
    const first = memoryTransport({ network: new MemoryNetwork() });
    const second = memoryTransport({ network: new MemoryNetwork() });
    const listeners = [await first.listen("memory://same", ignore), await second.listen("memory://same", ignore)];
    const shared = await memoryTransport().listen("memory://base-memory-test", ignore);
    await expect(memoryTransport().listen("memory://base-memory-test", ignore)).rejects.toMatchObject({
      code: "listen-in-use",
    });
    await Promise.all([...listeners, shared].map((listener) => listener.close()));
    await expect(memoryTransport().dial("memory://base-memory-test", { signal })).rejects.toThrow(BaseError);
  });

  test("closing a listener twice does not close a later one of the same name", async () => {
    const transport = memoryTransport({ network: new MemoryNetwork() });
    const ignore = (): void => {};
    const first = await transport.listen("memory://name", ignore);
    await first.close();
    const second = await transport.listen("memory://name", ignore);
    await first.close();
    await expect(transport.listen("memory://name", ignore)).rejects.toMatchObject({ code: "listen-in-use" });
    await second.close();
  });

  test("an address may carry a pin, and upper case", async () => {
    const transport = memoryTransport({ network: new MemoryNetwork() });
    const listener = await transport.listen("memory://Name", () => {});
    expect(listener.address).toBe("memory://name");
    const channel = await transport.dial(`MEMORY://NAME#${"2".repeat(60)}`, { signal });
    expect(channel.remoteAddress).toBe("memory://name");
  });
});
