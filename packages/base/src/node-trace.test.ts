// The hook for tracing: what a session looks like from within.
import { expect, test } from "vitest";
import type { NodeTraceEvent } from "./node-trace.js";
import { addressOf, NodeWorld } from "./testing/node-world.js";

const line = (event: NodeTraceEvent): string => {
  switch (event.kind) {
    case "session":
      return `${event.event}: ${event.from} to ${event.to}`;
    case "received":
      return `received ${event.type}/${event.subtype ?? "-"}`;
    case "queued":
      return "queued";
    case "dial":
      return `dial ${event.address}`;
  }
};

test("[BASE-161] tracers see dials, frames and the steps of sessions, in order, until they leave", async () => {
  await using world = new NodeWorld();
  const [a, b] = await Promise.all([world.open(), world.open()]);
  const lines: string[] = [];
  const leave = a.trace.subscribe((event) => lines.push(line(event)));
  expect(a.trace.isActive).toBe(true);
  const connection = await world.run(a.dial(addressOf(b)));
  await world.until(() => connection.rttMs !== undefined);
  await world.run(connection.close());
  leave();
  expect(a.trace.isActive).toBe(false);
  await world.run(a.dial(addressOf(b)));
  expect(lines).toEqual([
    `dial ${addressOf(b)}`,
    "queued",
    "received 2/5",
    "handshake: handshaking to open",
    "queued",
    "received 3/-",
    "ping: open to open",
    "queued",
    "received 4/-",
    "pong: open to open",
    "close-asked: open to draining",
    "queued",
    "ended: draining to draining",
    "lost: draining to closed",
  ]);
});
