// Waiting for a channel: who is slow, and who takes nothing. [BASE-074]
import { expect, test } from "vitest";
import { ManualClock } from "../testing/manual-clock.js";
import type { Channel } from "../transport/transport.js";
import { Outflow } from "./outflow.js";

test("[BASE-074] who takes a little of a long write now and then is slow, but not stalled", async () => {
  const clock = new ManualClock();
  // It takes whole writes only, as far as `bufferedBytes` shows.
  const channel = {
    bufferedBytes: 1_000_000,
    untakenBytes: 1_000_000,
    write: () => false,
  } as Partial<Channel> as Channel & {
    untakenBytes: number;
  };
  const out = new Outflow(channel, clock, 1);
  out.push(new Uint8Array(10));
  out.flush();
  for (let round = 0; round < 5; round++) {
    await clock.advance(9_000);
    channel.untakenBytes -= 1;
    expect(out.isStalled(clock.monotonic(), 10_000)).toBe(false);
  }
  await clock.advance(9_000);
  expect(out.isStalled(clock.monotonic(), 10_000)).toBe(false);
  await clock.advance(1_000);
  expect(out.isStalled(clock.monotonic(), 10_000)).toBe(true);
});
